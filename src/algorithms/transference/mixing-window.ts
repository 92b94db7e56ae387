/**
 * The mixing matrix: an average of clusterings over a window of evaluations, which stays once it is a clustering
 * itself.
 */
import type { Random } from '../../random.js';
import { blockMixing, type ClusterSettings, spectralClusters } from './clustering.js';

/** W, the sum and number of the present window's evaluations, and whether W stays as it is. Plain data. */
export interface MixingWindow {
  mixing: Float64Array[];
  sum: Float64Array[];
  evaluations: number;
  frozen: boolean;
}

/** How a window turns similarities into W. */
export interface WindowSettings extends ClusterSettings {
  /** Average the clusterings V of each evaluation, or their similarities Z. */
  readonly average: 'V' | 'Z';
  /** Keep the first W that is a clustering of two clusters or more. */
  readonly freezeOnConsensus: boolean;
}

/** What W is at first: of everybody (and changes, with `dynamic`), of nobody else, or of clusters that are known: one label a node. */
type Graph = 'dynamic' | 'complete' | 'none' | readonly number[];

/** W = 11ᵀ/N, I with `none`, or that of the known clusters. It stays so unless the graph is dynamic. */
export function startWindow(nodes: number, graph: Graph): MixingWindow {
  const labels = Array.from({ length: nodes }, (_, i) => {
    if (typeof graph !== 'string') return graph[i]!;
    return graph === 'none' ? i : 0;
  });
  return { mixing: blockMixing(labels), sum: zeros(nodes), evaluations: 0, frozen: graph !== 'dynamic' };
}

/** Adds one evaluation, unless its similarities give no clusters; numbers that are not finite count as 0. */
export function addEvaluation(
  window: MixingWindow,
  similarities: readonly Float64Array[],
  settings: WindowSettings,
  random: Random,
): void {
  const block = settings.average === 'Z' ? similarities : cluster(similarities, settings, random);
  if (block === undefined) return;
  const finite = (value: number) => (Number.isFinite(value) ? value : 0);
  window.sum = window.sum.map((row, i) => row.map((value, j) => value + finite(block[i]![j]!)));
  window.evaluations++;
}

/** Ends the window: W becomes the mean over its evaluations. Returns false if there were none; W then stays. */
export function closeWindow(window: MixingWindow, settings: WindowSettings, random: Random): boolean {
  const { sum, evaluations } = window;
  window.sum = zeros(sum.length);
  window.evaluations = 0;
  if (evaluations === 0) return false;
  const mean = sum.map((row) => row.map((value) => value / evaluations));
  const mixing = settings.average === 'Z' ? cluster(mean, settings, random) : mean;
  if (mixing === undefined) return false;
  window.mixing = mixing;
  if (settings.freezeOnConsensus && isClustering(mixing)) window.frozen = true;
  return true;
}

function cluster(
  similarities: readonly Float64Array[],
  settings: WindowSettings,
  random: Random,
): Float64Array[] | undefined {
  const labels = spectralClusters(similarities, settings, random);
  return labels && blockMixing(labels);
}

/** Whether W is a projector (all weights of a row are 0 or alike) with two clusters or more. */
function isClustering(mixing: readonly Float64Array[]): boolean {
  const trace = mixing.reduce((total, row, i) => total + row[i]!, 0);
  const blocks = mixing.every((row, i) =>
    row.every((weight) => Math.abs(weight) < 1e-9 || Math.abs(weight - mixing[i]![i]!) < 1e-9),
  );
  return blocks && trace > 1.5;
}

function zeros(nodes: number): Float64Array[] {
  return Array.from({ length: nodes }, () => new Float64Array(nodes));
}

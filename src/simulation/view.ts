/** What probes get to see of a run: copies and counters, nothing that they could change. */
import type { Shard } from '../data/dataset.js';
import type { Evaluated } from '../learning/algorithm.js';
import type { ProbeNode, ProbeView } from '../metrics/probe.js';
import type { Round } from '../units.js';

/** By label. */
type Models = Readonly<Record<string, Evaluated>>;

/** What a view is made of; the functions are called at once. */
export interface ViewParts extends Omit<ProbeView, 'nodes'> {
  /** `learner` or the name of a role, by node. */
  readonly roles: readonly string[];
  /** The probes' own copies. */
  readonly shards: readonly Shard[];
  evaluate(node: number): Models;
  measure(node: number): Readonly<Record<string, number>>;
  roundOf(node: number): Round;
  isUp(node: number): boolean;
  busy(node: number): ProbeNode['busy'];
}

/** A view of this instant. What a role evaluates holds for every learner that has nothing under that label. */
export function probeView(parts: ViewParts): ProbeView {
  const { roles, shards, time, round, dataset, traffic, model } = parts;
  const shared: Record<string, Evaluated> = {};
  for (const [node, role] of roles.entries()) {
    if (role !== 'learner') Object.assign(shared, copies(parts.evaluate(node)));
  }
  const nodes = roles.flatMap((role, id): ProbeNode[] => {
    if (role !== 'learner') return [];
    const own = copies(parts.evaluate(id));
    return [
      {
        id,
        round: parts.roundOf(id),
        up: parts.isUp(id),
        shard: shards[id]!,
        // The learner's own come first: its first label is the main one.
        evaluated: { ...own, ...shared, ...own },
        measures: { ...parts.measure(id) },
        busy: parts.busy(id),
      },
    ];
  });
  return { time, round, dataset: { ...dataset }, traffic: { ...traffic }, model, nodes };
}

function copies(models: Models): Models {
  return Object.fromEntries(
    Object.entries(models).map(([label, evaluated]) => [
      label,
      { ...evaluated, params: Float32Array.from(evaluated.params) },
    ]),
  );
}

/** What a claim is, and the usual ways to check one. */
import type { Curves } from './curves.js';

/** Whether a claim holds, and by how much. */
export interface Verdict {
  readonly holds: boolean;
  readonly figure: string;
}

/** A claim of a paper, or what must hold if it does, on the committed results of one scenario. */
export interface Claim {
  /** The paper's method. */
  readonly method: string;
  /** `scenarios/papers/<scenario>.yaml` */
  readonly scenario: string;
  readonly says: string;
  /** The threshold, fixed before the results were seen. */
  readonly expected: string;
  check(curves: Curves): Verdict;
}

/** A margin for each seed, and the least that must be reached by every one. */
export function everySeed(curves: Curves, least: number, margin: (seed: number) => number): Verdict {
  const margins = curves.seeds.map(margin);
  return { holds: margins.every((value) => value >= least), figure: spread(margins) };
}

/** The mean over seeds must lie in [least, most]. */
export function onAverage(
  curves: Curves,
  [least, most]: readonly [number, number],
  margin: (seed: number) => number,
): Verdict {
  const margins = curves.seeds.map(margin);
  const average = mean(margins);
  return { holds: average >= least && average <= most, figure: spread(margins) };
}

/** `+1.3 pp (+0.8 … +2.1)`: the mean, then the least and the most of the seeds. */
export function spread(margins: readonly number[], show: (value: number) => string = points): string {
  const [least, most] = [Math.min(...margins), Math.max(...margins)];
  return `${show(mean(margins))} (${show(least)} … ${show(most)})`;
}

/** A difference of shares in percentage points. */
export function points(value: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(100 * value).toFixed(1)} pp`;
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

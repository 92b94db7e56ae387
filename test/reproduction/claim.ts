/** What a claim is, and the usual ways to check one. */
import { estimate, signed } from '../../src/report/statistics.js';
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
  /** It holds by construction: a check of the simulator and not of the paper. */
  readonly byConstruction?: boolean;
  /** The seeds that decide, where the threshold was set after a look at others. */
  readonly seeds?: readonly number[];
  check(curves: Curves): Verdict;
}

/** Whether a claim holds on these results. */
export function verdictOf(claim: Claim, curves: Curves): Verdict {
  const missing = (claim.seeds ?? []).filter((seed) => !curves.seeds.includes(seed));
  if (missing.length > 0 || curves.seeds.length === 0) {
    const reason = `expected results of the seeds ${claim.seeds ?? 'of the scenario'}, got ${curves.seeds}`;
    throw new Error(`${claim.scenario}: ${reason}: npm run reproduce ${claim.scenario}`);
  }
  return claim.check(claim.seeds ? curves.only(claim.seeds) : curves);
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

/** The 95 % confidence interval of the mean over the seeds must lie above `least`. */
export function beyondChance(
  curves: Curves,
  least: number,
  margin: (seed: number) => number,
  show?: (value: number) => string,
): Verdict {
  const { from, margins } = intervalOf(curves, margin);
  return { holds: from > least, figure: spread(margins, show) };
}

/** The 95 % confidence interval of the mean over the seeds must lie within [least, most]. */
export function withinChance(
  curves: Curves,
  [least, most]: readonly [number, number],
  margin: (seed: number) => number,
): Verdict {
  const { from, to, margins } = intervalOf(curves, margin);
  return { holds: from >= least && to <= most, figure: spread(margins) };
}

/** Margins by seed, and the ends of the 95 % confidence interval of their mean. */
function intervalOf(curves: Curves, marginOf: (seed: number) => number) {
  const margins = curves.seeds.map(marginOf);
  const { mean: centre, margin } = estimate(margins);
  return { from: centre - margin, to: centre + margin, margins };
}

/** `+1.3 ± 0.4 pp (+0.8 … +2.1)`: the mean with its 95 % confidence interval, then the least and the most of the seeds. */
export function spread(margins: readonly number[], show: (value: number) => string = points): string {
  const { mean: centre, margin } = estimate(margins);
  const [least, most] = [Math.min(...margins), Math.max(...margins)].map(show);
  if (Number.isNaN(margin)) return show(centre);
  const numberIn = (text: string) => /^[+−]?([\d.,]+)(.*)$/.exec(text)!;
  const [text, , unit] = numberIn(show(centre));
  const half = numberIn(show(margin))[1];
  return `${text.slice(0, text.length - unit!.length)} ± ${half}${unit} (${least} … ${most})`;
}

/** A difference of shares in percentage points. */
function points(value: number): string {
  return `${signed(100 * value, 1)} pp`;
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** `--until`: how far the confidence intervals of a sweep go. */
import { UsageError } from '../../errors.js';
import { estimate } from '../../report/statistics.js';
import type { Collected } from '../collect.js';
import { differenceOf, groupsOf } from '../comparison.js';
import { finalOf } from '../figures.js';

/** How narrow intervals are to be. */
export interface Until {
  /** To either side, in the unit of the metric: of accuracy, shares. */
  readonly margin: number;
  /** A metric of the whole run. */
  readonly metric: string;
}

/** `0.5%` → 0.005; `0.02` → 0.02. Throws UsageError. */
export function parseMargin(text: string): number {
  const match = /^(\d*\.?\d+)(%?)$/.exec(text);
  const margin = Number(match?.[1]) / (match?.[2] ? 100 : 1);
  if (margin > 0) return margin;
  throw new UsageError('bad-margin', `expected a margin above 0 such as 0.5% or 0.02, got "${text}"`);
}

/**
 * The widest 95 % interval: of the differences of the others from the first variant, seed by seed; of a single variant, of
 * its mean. Infinite with a single seed. Throws UsageError where no run has the metric.
 */
export function widest(
  results: readonly Collected[],
  { metric }: Until,
): { readonly margin: number; readonly text: string } {
  const [first, ...others] = groupsOf(results);
  const of = ({ summary }: Collected) => finalOf(summary, metric);
  if (!results.some((result) => of(result) !== undefined))
    throw new UsageError(
      'unknown-metric',
      `--metric: expected a metric of these runs, such as ${Object.keys(results[0]!.summary.final).join(', ')}, got "${metric}"`,
    );
  const intervals = others.map((group) => {
    const margin = differenceOf(group, first!, of)?.margin ?? Number.NaN;
    return { margin: bounded(margin), text: `${group.name} against ${first!.name}` };
  });
  if (intervals.length === 0) {
    const { margin } = estimate(first!.results.flatMap((result) => of(result) ?? []));
    intervals.push({ margin: bounded(margin), text: first!.name });
  }
  const { margin, text } = intervals.reduce((a, b) => (b.margin > a.margin ? b : a));
  const found = margin === Number.POSITIVE_INFINITY ? 'is not known yet' : `is ± ${margin.toPrecision(3)}`;
  return { margin, text: `the widest interval of ${metric} ${found} (${text})` };
}

/** Of a single seed, the interval is not known. */
const bounded = (margin: number) => (Number.isNaN(margin) ? Number.POSITIVE_INFINITY : margin);

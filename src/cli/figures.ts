/** Formats of the numbers of results, and means over runs. */
import { estimate } from '../report/statistics.js';
import type { Summary } from './summary.js';

/** Values, index and header, and framing if any run has some. */
export function partsUsed(summaries: readonly Summary[]): readonly string[] {
  const framed = summaries.some(({ traffic }) => traffic.parts.framing! > 0);
  return ['values', 'index', 'header', ...(framed ? ['framing'] : [])];
}

/** The last value of a metric of the whole run; undefined if there is none. */
export function finalOf({ final }: Summary, metric: string): number | undefined {
  // In the file, numbers that are not finite are text.
  return final[metric] === undefined ? undefined : Number(final[metric]);
}

/** The mean; NaN if any value is missing, since a mean of the others would hide that. */
export function mean(values: readonly (number | undefined)[]): number {
  return values.reduce<number>((sum, value) => sum + (value ?? Number.NaN), 0) / values.length;
}

/** `85.1 %` for one share, `85.1 ± 0.4 %` (95 % confidence interval) for several; `–` if any is missing. */
export function spread(values: readonly (number | undefined)[]): string {
  const centre = mean(values);
  if (values.length < 2 || Number.isNaN(centre)) return percent(centre);
  const { margin } = estimate(values.map((value) => value!));
  return `${(centre * 100).toFixed(1)} ± ${(margin * 100).toFixed(1)} %`;
}

/** `85.1 %`; `–` for undefined and NaN. */
export function percent(share: number | undefined): string {
  return share === undefined || Number.isNaN(share) ? '–' : `${(share * 100).toFixed(1)} %`;
}

/** A share with all its digits: `80 %`, `72.5 %`. */
export function percentText(share: number): string {
  return `${Number((share * 100).toPrecision(12))} %`;
}

/** `3.1 GFLOP`: floating-point operations. */
export function formatFlops(flops: number): string {
  const prefixes = ['', 'k', 'M', 'G', 'T', 'P'];
  const step = Math.min(prefixes.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, flops)) / 3)));
  const value = flops / 1000 ** step;
  return `${Number(value.toPrecision(3))} ${prefixes[step]}FLOP`;
}

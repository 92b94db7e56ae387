/** Formats of the numbers of results, and means over runs. */
import type { Result } from '../simulation/result.js';

/** A part of the bytes that were sent. */
type Part = keyof Result['traffic']['parts'];

/** Values, index and header, and framing if any run has some. */
export function partsUsed(results: readonly Result[]): readonly Part[] {
  const framed = results.some(({ traffic }) => traffic.parts.framing > 0);
  return ['values', 'index', 'header', ...(framed ? (['framing'] as const) : [])];
}

/** The mean; NaN if any value is missing, since a mean of the others would hide that. */
export function mean(values: readonly (number | undefined)[]): number {
  return values.reduce<number>((sum, value) => sum + (value ?? Number.NaN), 0) / values.length;
}

/** `85.1 %` for one share, `85.1 ± 0.4 %` (sample standard deviation) for several; `–` if any is missing. */
export function spread(values: readonly (number | undefined)[]): string {
  const centre = mean(values);
  if (values.length < 2 || Number.isNaN(centre)) return percent(centre);
  const squares = values.reduce<number>((sum, value) => sum + (value! - centre) ** 2, 0);
  const deviation = Math.sqrt(squares / (values.length - 1));
  return `${(centre * 100).toFixed(1)} ± ${(deviation * 100).toFixed(1)} %`;
}

/** `85.1 %`; `–` for undefined and NaN. */
export function percent(share: number | undefined): string {
  return share === undefined || Number.isNaN(share) ? '–' : `${(share * 100).toFixed(1)} %`;
}

/** A share with all its digits: `80 %`, `72.5 %`. */
export function percentText(share: number): string {
  return `${Number((share * 100).toPrecision(12))} %`;
}

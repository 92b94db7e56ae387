/** Means over nodes. */
import type { Measured } from './probe.js';

/** Arithmetic mean; NaN where there are no values. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The mean of each metric over the nodes. */
export function meansOf(rows: readonly Measured[]): Measured[] {
  const names = [...new Set(rows.map(({ metric }) => metric))];
  return names.map((metric) => ({
    metric,
    value: mean(rows.filter((row) => row.metric === metric).map(({ value }) => value)),
  }));
}

/** Axes: what they show, and in which unit. */

/** What runs are drawn against. */
export const AXES = ['bytes', 'time', 'rounds'] as const;
export type Against = (typeof AXES)[number];

/** A unit of an axis: values are divided by `size`. */
interface Unit {
  readonly name: string;
  readonly size: number;
  /** The least end of an axis that has this unit. */
  readonly from: number;
}

/** As in `formatBytes`. */
const BYTES: readonly Unit[] = [
  { name: 'GB', size: 1e9, from: 1e9 },
  { name: 'MB', size: 1e6, from: 1e6 },
  { name: 'kB', size: 1e3, from: 1e3 },
  { name: 'B', size: 1, from: 0 },
];

/** As in `formatDuration`. */
const TIMES: readonly Unit[] = [
  { name: 'h', size: 3600e9, from: 7200e9 },
  { name: 'min', size: 60e9, from: 180e9 },
  { name: 's', size: 1e9, from: 1e9 },
  { name: 'ms', size: 1e6, from: 1e6 },
  { name: 'µs', size: 1e3, from: 1e3 },
  { name: 'ns', size: 1, from: 0 },
];

/** An axis. */
interface Axis {
  /** With its unit. */
  readonly label: string;
  readonly size: number;
}

/** The axis for values up to `most`. */
export function axisOf(against: Against, most: number): Axis {
  if (against === 'rounds') return { label: 'round', size: 1 };
  const { name, size } = against === 'bytes' ? unitOf(BYTES, most) : unitOf(TIMES, most);
  return { label: against === 'bytes' ? `bytes sent (${name})` : `virtual time (${name})`, size };
}

/** The unit for an axis of bytes. */
export function bytesUnit(most: number): Unit {
  return unitOf(BYTES, most);
}

/** The unit for an axis of time. */
export function timeUnit(most: number): Unit {
  return unitOf(TIMES, most);
}

function unitOf(units: readonly Unit[], most: number): Unit {
  return units.find(({ from }) => most >= from) ?? units.at(-1)!;
}

/** The axis of a metric: shares of a whole are in percent. */
export function metricAxis(metric: string): Axis {
  if (isShare(metric)) return { label: `${metric} (%)`, size: 0.01 };
  return { label: metric, size: 1 };
}

/** Whether the metric is a share of a whole. */
export function isShare(metric: string): boolean {
  return /accuracy|utilisation/.test(metric);
}

/** Whether less of it is better. */
export function isCost(metric: string): boolean {
  return /loss|distance|error|gap|bytes|time|flops|divergence/.test(metric);
}

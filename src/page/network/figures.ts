/** Numbers as views of a network write them. */
import { formatDuration } from '../../units.js';
import type { NodeSeries } from './series.js';

/** A value of a metric: shares in percent. */
export function figure({ metric, low, high }: NodeSeries, value: number): string {
  if (!Number.isFinite(value)) return 'not measured';
  if (/accuracy|utilisation|overlap|weight/.test(metric) && low >= 0 && high <= 1)
    return `${(100 * value).toFixed(1)} %`;
  return String(Number(value.toPrecision(4)));
}

/** A virtual time. */
export function timeText(time: number): string {
  return formatDuration(Math.round(time));
}

/** 12 nodes, 1 node. */
export function counted(count: number, one: string): string {
  return `${count.toLocaleString('en')} ${one}${count === 1 ? '' : 's'}`;
}

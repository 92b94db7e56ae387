/** Numbers as views of a network write them. */
import { formatDuration } from '../../units.js';
import { valueText } from '../parts/value.js';

/** A value of a metric with its unit. */
export function figure(metric: string, value: number): string {
  return Number.isFinite(value) ? valueText(metric, value) : 'not measured';
}

/** A virtual time. */
export function timeText(time: number): string {
  return formatDuration(Math.round(time));
}

/** 12 nodes, 1 node. */
export function counted(count: number, one: string): string {
  return `${count.toLocaleString('en')} ${one}${count === 1 ? '' : 's'}`;
}

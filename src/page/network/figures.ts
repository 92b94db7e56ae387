/** Numbers as views of a network write them. */
import { timeUnit } from '../charts/axis.js';
import { valueText } from '../parts/value.js';

/** A value of a metric with its unit. */
export function figure(metric: string, value: number): string {
  return Number.isFinite(value) ? valueText(metric, value) : 'not measured';
}

/** A virtual time, in the unit for times up to `most`. */
export function timeText(time: number, most = time): string {
  const { name, size } = timeUnit(most);
  return `${(time / size).toFixed(2)} ${name}`;
}

/** 12 nodes, 1 node. */
export function counted(count: number, one: string): string {
  return `${count.toLocaleString('en')} ${one}${count === 1 ? '' : 's'}`;
}

/** The types of the rows and files that are written; the writers know nothing of simulations. */
import type { Nanoseconds } from '../units.js';

/** One field of a row; undefined if its column does not apply. */
export type Cell = string | number | boolean | undefined;

/** A row with at most these columns. */
export type Row<Column extends string> = { readonly [Name in Column]?: Cell };

/** One measured number. `round` and `node` are absent if they do not apply. */
export interface MetricRow {
  readonly time: Nanoseconds;
  readonly round?: number | undefined;
  readonly node?: number | undefined;
  readonly metric: string;
  readonly value: number;
}

/** Header line of metrics.csv. */
export const METRIC_COLUMNS = ['time_ns', 'round', 'node', 'metric', 'value'] as const;

/** The files of a result, in the order in which they are renamed; summary.json is last and marks the result as complete. */
export const RESULT_FILES = [
  'metrics.csv',
  'traffic.csv',
  'topology.csv',
  'trace.ndjson',
  'artifacts.json',
  'summary.json',
] as const;

/** Name of one file of a result. */
export type ResultFile = (typeof RESULT_FILES)[number];

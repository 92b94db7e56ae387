/** Rows of the tables over seeds. */
import type { ColumnTable, PageData, TextColumn } from '../data.js';

/** A point of a curve; see `curves`. */
export interface CurveRow {
  readonly group: string;
  readonly metric: string;
  readonly round: number;
  readonly time_ns: number;
  readonly sent_bytes: number;
  readonly mean: number;
  readonly margin: number;
}

/** A figure of a group at the end; see `estimates`. */
export interface EstimateRow {
  readonly group: string;
  readonly figure: string;
  readonly seeds: number;
  readonly mean: number;
  readonly margin: number;
  readonly difference: number;
  readonly difference_margin: number;
  readonly agree: number;
  readonly pairs: number;
}

/** All rows of a table, as objects. */
export function rowsOf({ length, columns }: ColumnTable): Array<Record<string, number | string>> {
  const entries = Object.entries(columns);
  return Array.from({ length }, (_, row) =>
    Object.fromEntries(
      entries.map(([name, column]) => [name, 'codes' in column ? textAt(column, row) : column[row]!]),
    ),
  );
}

/** The text of a row. */
function textAt({ dictionary, codes }: TextColumn, row: number): string {
  return dictionary[codes[row]!]!;
}

export function curveRows({ tables }: Pick<PageData, 'tables'>): CurveRow[] {
  return rowsOf(tables.curves!) as unknown as CurveRow[];
}

export function estimateRows({ tables }: Pick<PageData, 'tables'>): EstimateRow[] {
  return rowsOf(tables.estimates!) as unknown as EstimateRow[];
}

/** The groups, in their order. */
export function groupsOf({ tables }: Pick<PageData, 'tables'>): readonly string[] {
  return (tables.estimates!.columns.group as TextColumn).dictionary;
}

/** Metrics of which there are curves: accuracies first. */
export function metricsOf({ tables }: Pick<PageData, 'tables'>): string[] {
  const { dictionary } = tables.curves!.columns.metric as TextColumn;
  const rank = (metric: string) => (metric === 'accuracy-mean' ? 0 : metric.startsWith('accuracy') ? 1 : 2);
  return [...dictionary].sort((a, b) => rank(a) - rank(b));
}

/** The types of the rows and files that are written; the writers know nothing of simulations. */
/** One field of a row; undefined if its column does not apply. */
export type Cell = string | number | boolean | undefined;

/** A row with at most these columns. */
export type Row<Column extends string> = { readonly [Name in Column]?: Cell };

/** The files of a result. */
export const RESULT_FILES = [
  'metrics.csv',
  'traffic.csv',
  'topology.csv',
  'blocks.csv',
  'trace.ndjson',
  'node-spans.parquet',
  'message-spans.parquet',
  'artifacts.json',
  'summary.json',
] as const;

/** Name of one file of a result. */
export type ResultFile = (typeof RESULT_FILES)[number];

/** Those that are columnar. */
export type ParquetFile = Extract<ResultFile, `${string}.parquet`>;

/** Those that are tables. */
export type ResultTable = Extract<ResultFile, `${string}.csv`>;

/**
 * CSV as in RFC 4180: one header line, CRLF, quotes only if they are needed. Numbers have the shortest form that is read
 * back as the same double, or `NaN`, `Infinity` and `-Infinity`, so that equal rows are equal bytes.
 */
import { stringify } from 'csv-stringify/sync';
import { assert } from '../errors.js';
import { PartialFile } from './partial-file.js';
import { type Cell, METRIC_COLUMNS, type MetricRow, type Row } from './tables.js';

/** Number of rows that are formatted at once. */
const ROWS_PER_FLUSH = 1024;

/** CSV lines of these records, each ended by CRLF. */
export function formatCsv(records: readonly (readonly Cell[])[]): string {
  return stringify(records as Cell[][], {
    record_delimiter: 'windows',
    cast: { boolean: String, number: String },
    // The library quotes fields with the whole delimiter, but not those with one half of it.
    quoted_match: /[\r\n]/,
  });
}

/** Streams records into a CSV file. */
class CsvWriter {
  readonly file: PartialFile;
  #pending: (readonly Cell[])[];

  /** Writes the header line. */
  constructor(file: PartialFile, columns: readonly string[]) {
    this.file = file;
    this.#pending = [columns];
  }

  write(record: readonly Cell[]): void {
    this.#pending.push(record);
    if (this.#pending.length >= ROWS_PER_FLUSH) this.flush();
  }

  /** Passes all pending rows to the file. */
  flush(): void {
    this.file.write(formatCsv(this.#pending));
    this.#pending = [];
  }
}

/** Streams metrics.csv. */
export class MetricsWriter {
  readonly #csv: CsvWriter;

  constructor(file: PartialFile) {
    this.#csv = new CsvWriter(file, METRIC_COLUMNS);
  }

  write(row: MetricRow): void {
    this.#csv.write([row.time, row.round, row.node, row.metric, row.value]);
  }

  /** Passes all pending rows to the file. */
  flush(): void {
    this.#csv.flush();
  }
}

/** Writes a whole table to a file, and leaves it partial. Asserts that the rows have no other columns. */
export function fillTable<Column extends string>(
  file: PartialFile,
  columns: readonly Column[],
  rows: Iterable<Row<Column>>,
): void {
  const csv = new CsvWriter(file, columns);
  const known = new Set<string>(columns);
  const names = columns.join(', ');
  for (const row of rows) {
    for (const name in row)
      assert(known.has(name), `${file.path}: expected rows with the columns ${names}, got "${name}"`);
    csv.write(columns.map((column) => row[column]));
  }
  csv.flush();
}

/** Writes a table to `path`, by way of `path.partial`. Throws UsageError if that cannot be done. */
export function writeTable<Column extends string>(
  path: string,
  columns: readonly Column[],
  rows: Iterable<Row<Column>>,
): void {
  const file = new PartialFile(path);
  try {
    fillTable(file, columns, rows);
  } catch (error) {
    file.discard();
    throw error;
  }
  file.commit();
}

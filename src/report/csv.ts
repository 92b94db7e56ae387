/**
 * CSV as in RFC 4180: one header line, CRLF, quotes only if they are needed. Numbers have the shortest form that is read
 * back as the same double, or `NaN`, `Infinity` and `-Infinity`, so that equal rows are equal bytes.
 */
import { stringify } from 'csv-stringify/sync';
import { assert } from '../errors.js';
import type { OutputFile } from './output-file.js';
import type { Cell, Row } from './tables.js';

/** Number of rows that are formatted at once. */
const ROWS_PER_FLUSH = 1024;

/** CSV lines of these records, each ended by CRLF. */
export function formatCsv(records: readonly (readonly Cell[])[]): string {
  // Most tables have numbers and names only, and a long run has millions of rows: this is ten times as fast as the library.
  if (records.every((record) => record.length > 1 && record.every(isPlain)))
    return records.map((record) => `${record.join(',')}\r\n`).join('');
  return stringify(records as Cell[][], {
    record_delimiter: 'windows',
    cast: { boolean: String, number: String },
    // The library quotes fields with the whole delimiter, but not those with one half of it.
    quoted_match: /[\r\n]/,
  });
}

/** Whether a cell is written as it is: nothing in it needs quotes. */
function isPlain(cell: Cell): boolean {
  return typeof cell === 'string' ? /^[\w.>-]+$/.test(cell) : true;
}

/** Streams rows into a CSV file. */
export class TableWriter<Column extends string> {
  readonly #file: OutputFile;
  readonly #columns: readonly Column[];
  readonly #known: ReadonlySet<string>;
  #pending: (readonly Cell[])[] = [];

  /** Writes the header line, unless the file is continued. */
  constructor(file: OutputFile, columns: readonly Column[], { isContinued = false } = {}) {
    this.#file = file;
    this.#columns = columns;
    this.#known = new Set(columns);
    if (!isContinued) this.#pending.push(columns);
  }

  /** Asserts that the row has no other columns. */
  write(row: Row<Column>): void {
    for (const name in row) if (!this.#known.has(name)) this.#refuse(name);
    this.#pending.push(this.#columns.map((column) => row[column]));
    if (this.#pending.length >= ROWS_PER_FLUSH) this.flush();
  }

  /** Passes all pending rows to the file. */
  flush(): void {
    this.#file.write(formatCsv(this.#pending));
    this.#pending = [];
  }

  #refuse(name: string): never {
    const columns = this.#columns.join(', ');
    assert(false, `${this.#file.path}: expected rows with the columns ${columns}, got "${name}"`);
  }
}

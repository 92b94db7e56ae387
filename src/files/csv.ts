/** Reads a CSV file that a scenario names; mistakes are reported with file and line. */
import { CsvError, parse } from 'csv-parse/sync';
import { quoted } from '../errors.js';
import type { Nanoseconds } from '../units.js';
import { type NamedFile, readNamedFile, wrongFile } from './named-file.js';

/** A line of a CSV file below its header. */
export class CsvLine {
  readonly #file: NamedFile;
  readonly #line: number;
  readonly #cells: Readonly<Record<string, string | undefined>>;

  constructor(file: NamedFile, line: number, cells: Readonly<Record<string, string | undefined>>) {
    this.#file = file;
    this.#line = line;
    this.#cells = cells;
  }

  /** The text of a cell. Throws a UsageError where it is empty. */
  text(column: string): string {
    return this.#cells[column] || this.refuse(`expected a ${column}, got an empty cell`);
  }

  /** The number in a cell; undefined where it is empty or there is no such column. Throws a UsageError for anything else. */
  number(column: string, { least = 0, most = Number.MAX_VALUE } = {}): number | undefined {
    const cell = this.#cells[column];
    if (!cell) return undefined;
    const value = Number(cell);
    if (value >= least && value <= most) return value;
    const upTo = most === Number.MAX_VALUE ? `of at least ${least}` : `from ${least} to ${most}`;
    return this.refuse(`expected a number ${upTo} as ${column}, got ${quoted(cell)}`);
  }

  /** The seconds in a cell as whole nanoseconds, exactly. Throws a UsageError where it is anything else, also where it is empty. */
  seconds(column: string): Nanoseconds {
    const cell = this.text(column);
    const [, whole, fraction = ''] = /^(\d{1,7})(?:\.(\d{1,9}))?$/.exec(cell) ?? [];
    if (whole === undefined)
      return this.refuse(
        `expected seconds as ${column}, with at most nine decimal places and below 10,000,000, got ${quoted(cell)}`,
      );
    return 1e9 * Number(whole) + Number(fraction.padEnd(9, '0'));
  }

  /** The number of a node in a cell. Throws a UsageError where a run with that many nodes does not have it. */
  node(column: string, nodes: number): number {
    const cell = this.text(column);
    const node = /^\d{1,9}$/.test(cell) ? Number(cell) : nodes;
    if (node < nodes) return node;
    return this.refuse(`expected a node from 0 to ${nodes - 1} as ${column}, got ${quoted(cell)}`);
  }

  /** File and line: `links.csv:2`. */
  get place(): string {
    return `${this.#file.name}:${this.#line}`;
  }

  /** Throws a UsageError with file and line. */
  refuse(message: string): never {
    throw wrongFile(this.#file, `${this.place}: ${message}`);
  }
}

/** Columns of a CSV file by their names in its first line, in any order. */
interface Columns {
  readonly required: readonly string[];
  readonly optional: readonly string[];
}

/**
 * The lines of a CSV file; empty ones, and what follows a `#`, are left out. Throws a UsageError where there is no such file, a
 * column is missing or unknown, a line has another number of cells, or there is no line.
 */
export async function readCsvFile(file: NamedFile, { required, optional }: Columns): Promise<CsvLine[]> {
  const records = parseCsv(await readNamedFile(file), file);
  const known = [...required, ...optional];
  const [header, ...lines] = records;
  const names = header?.record ?? [];
  const expected = `expected the columns ${required.join(', ')}${optional.map((name) => `[, ${name}]`).join('')}`;
  const unknown = names.find((name, k) => !known.includes(name) || names.indexOf(name) !== k);
  const missing = required.find((name) => !names.includes(name));
  if (missing !== undefined || unknown !== undefined) {
    const got = missing === undefined ? `also ${quoted(unknown!)}` : `no ${missing}`;
    throw wrongFile(file, `${file.name}:${header?.line ?? 1}: ${expected} in the first line, got ${got}`);
  }
  if (lines.length === 0) throw wrongFile(file, `expected lines below the first one, got none: ${file.name}`);
  return lines.map(({ record, line }) => {
    const csvLine = new CsvLine(file, line, Object.fromEntries(names.map((name, k) => [name, record[k]])));
    if (record.length !== names.length)
      csvLine.refuse(`expected ${names.length} cells, as in the first line, got ${record.length}`);
    return csvLine;
  });
}

function parseCsv(text: string, file: NamedFile): { readonly record: string[]; readonly line: number }[] {
  const settings = { bom: true, comment: '#', relax_column_count: true, skip_empty_lines: true, trim: true };
  try {
    const parsed = parse(text, { ...settings, info: true }) as unknown as {
      record: string[];
      info: { lines: number };
    }[];
    return parsed.map(({ record, info }) => ({ record, line: info.lines }));
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw wrongFile(file, `expected a CSV file, got ${file.name}: ${error.message}`);
  }
}

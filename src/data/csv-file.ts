/** A table from a file of comma-separated values. */
import { readFile } from 'node:fs/promises';
import { parse } from 'csv-parse/sync';
import { quoted, shortened, UsageError, unknownName } from '../errors.js';

/** The cells of a file, and where its rows stand. */
export interface CsvFile {
  readonly path: string;
  readonly columns: readonly string[];
  /** As many cells as there are columns in every row. */
  readonly rows: readonly (readonly string[])[];
  /** The line of a row, from 1; the last one of a row with line breaks in quotes. */
  readonly lines: readonly number[];
}

/**
 * Reads a file whose first line has the names of the columns. Cells may stand in double quotes; empty lines are left out.
 * @throws UsageError with the file and the line for a file that is missing or not UTF-8, for quotes that do not close,
 * for names that are empty or stand twice, and for rows with too few or too many cells
 */
export async function readCsvFile(path: string, delimiter = ','): Promise<CsvFile> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    const got = error.code === 'ENOENT' ? 'no such file' : error.message;
    throw new UsageError('missing-file', `expected a CSV file ${path}, got: ${got}`, path);
  });
  return parseCsv(bytes, path, delimiter);
}

/** The table in the bytes of a file: see {@link readCsvFile}. */
export function parseCsv(bytes: Uint8Array, path: string, delimiter = ','): CsvFile {
  const records = parseText(textOf(bytes, path), path, delimiter);
  const [first, ...others] = records;
  if (first === undefined || others.length === 0)
    throw refusal(
      path,
      undefined,
      'a line with the names of the columns and at least one more',
      `${records.length}`,
    );
  const columns = first.cells;
  const wrong = columns.findIndex((name, k) => name === '' || columns.indexOf(name) < k);
  if (wrong >= 0)
    throw refusal(
      path,
      first.line,
      'a different name for each column',
      `${quoted(columns[wrong]!)} as column ${wrong + 1}`,
    );
  for (const { cells, line } of others)
    if (cells.length !== columns.length)
      throw refusal(path, line, `${columns.length} cells, one for each column`, `${cells.length}`);
  return { path, columns, rows: others.map(({ cells }) => cells), lines: others.map(({ line }) => line) };
}

/** The place of a column. Throws a UsageError at `path` of the scenario for an unknown name. */
export function columnOf({ columns, path: file }: CsvFile, name: string, path: string): number {
  const column = columns.indexOf(name);
  if (column < 0) throw unknownName(`column of ${file}`, name, columns, path);
  return column;
}

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

/** The number in a cell, which float32 can hold. Throws UsageError with the file and the line. */
export function numberAt(file: CsvFile, row: number, column: number, advice: string): number {
  const text = file.rows[row]![column]!.trim();
  const value = Number(text);
  if (NUMBER.test(text) && Number.isFinite(Math.fround(value))) return value;
  const got = text === '' ? 'an empty cell' : quoted(text);
  throw refusal(
    file.path,
    file.lines[row],
    `a number in column ${quoted(file.columns[column]!)} (${advice})`,
    got,
  );
}

/** The text in a cell, which is not empty. Throws UsageError with the file and the line. */
export function textAt(file: CsvFile, row: number, column: number): string {
  const text = file.rows[row]![column]!.trim();
  if (text !== '') return text;
  throw refusal(
    file.path,
    file.lines[row],
    `a value in column ${quoted(file.columns[column]!)}`,
    'an empty cell',
  );
}

function textOf(bytes: Uint8Array, path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw refusal(path, undefined, 'text in UTF-8', 'bytes that are not');
  }
}

function parseText(text: string, path: string, delimiter: string): Array<{ cells: string[]; line: number }> {
  try {
    const records: unknown = parse(text, {
      ...{ bom: true, delimiter, info: true, relax_column_count: true, skip_empty_lines: true },
    });
    return (records as Array<{ record: string[]; info: { lines: number } }>).map(({ record, info }) => ({
      cells: record,
      line: info.lines,
    }));
  } catch (error) {
    const { message, lines } = error as Error & { readonly lines?: number };
    throw refusal(path, lines, 'comma-separated values', shortened(message));
  }
}

function refusal(path: string, line: number | undefined, expected: string, got: string): UsageError {
  const where = line === undefined ? path : `${path}:${line}`;
  return new UsageError('bad-csv', `${where}: expected ${expected}, got ${got}`, path);
}

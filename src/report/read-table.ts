/** Reads the tables of results. */
import { closeSync, existsSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { type AsyncBuffer, parquetReadObjects } from 'hyparquet';
import { UsageError } from '../errors.js';
import type { ParquetColumns } from './parquet-table.js';

/** The rows of a CSV file, by column. Throws UsageError `unreadable-result`. */
export function readCsv(path: string): Array<Readonly<Record<string, string>>> {
  return orUnreadable(path, () => parse(readFileSync(path), { columns: true }));
}

/** A row of a Parquet file: numbers where the columns are numbers. */
export type ParquetRow<Columns extends ParquetColumns> = {
  readonly [Name in keyof Columns]: Columns[Name] extends 'string'
    ? string
    : Columns[Name] extends `${string}?`
      ? number | undefined
      : number;
};

/** The rows of a Parquet file with these columns. Throws UsageError `unreadable-result`. */
export async function readParquet<Columns extends ParquetColumns>(
  path: string,
  columns: Columns,
): Promise<ParquetRow<Columns>[]> {
  if (!existsSync(path)) throw unreadable(path, 'there is no such file');
  const descriptor = openSync(path, 'r');
  try {
    const rows = await parquetReadObjects({
      file: bufferOf(descriptor, statSync(path).size),
      columns: Object.keys(columns),
    });
    for (const row of rows)
      for (const [name, value] of Object.entries(row)) {
        if (typeof value === 'bigint') row[name] = Number(value);
        if (value === null) row[name] = undefined;
      }
    return rows as ParquetRow<Columns>[];
  } catch (error) {
    throw unreadable(path, (error as Error).message);
  } finally {
    closeSync(descriptor);
  }
}

function bufferOf(descriptor: number, byteLength: number): AsyncBuffer {
  return {
    byteLength,
    slice(start, end = byteLength) {
      const bytes = new Uint8Array(end - start);
      readSync(descriptor, bytes, 0, bytes.length, start);
      return bytes.buffer;
    },
  };
}

function orUnreadable<Value>(path: string, read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    throw unreadable(path, (error as Error).message);
  }
}

function unreadable(path: string, reason: string): UsageError {
  return new UsageError(
    'unreadable-result',
    `expected a table of a result in ${path}, which cannot be read: ${reason}`,
    path,
  );
}

/** Reads the tables of results. */
import { closeSync, existsSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { type AsyncBuffer, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
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
  const rows: ParquetRow<Columns>[] = [];
  for await (const block of parquetBlocks(path, columns)) for (const row of block.rows) rows.push(row);
  return rows;
}

/** Rows that are in memory at a time. */
const BLOCK = 65_536;

/** The rows of a Parquet file in blocks, with the number of all rows. Throws UsageError `unreadable-result`. */
export async function* parquetBlocks<Columns extends ParquetColumns>(
  path: string,
  columns: Columns,
): AsyncGenerator<{ readonly rows: ParquetRow<Columns>[]; readonly all: number }> {
  if (!existsSync(path)) throw unreadable(path, 'there is no such file');
  const descriptor = openSync(path, 'r');
  try {
    const file = bufferOf(descriptor, statSync(path).size);
    const metadata = await parquetMetadataAsync(file);
    const all = Number(metadata.num_rows);
    for (let rowStart = 0; rowStart < all; rowStart += BLOCK) {
      const range = { rowStart, rowEnd: Math.min(all, rowStart + BLOCK) };
      const rows = await parquetReadObjects({ file, metadata, columns: Object.keys(columns), ...range });
      for (const row of rows)
        for (const [name, value] of Object.entries(row)) {
          if (typeof value === 'bigint') row[name] = Number(value);
          if (value === null) row[name] = undefined;
        }
      yield { rows: rows as ParquetRow<Columns>[], all };
    }
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

/** Reads CSV files of any length, record by record. */
import { closeSync, openSync, readSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { UsageError } from '../../errors.js';

const CHUNK_BYTES = 1 << 20;

/**
 * The records of a CSV file below its header line, with the cells of these columns, in their order. Throws UsageError
 * `unreadable-result` if it cannot be read or lacks a column.
 */
export function* readRecords(path: string, columns: readonly string[]): Generator<readonly string[]> {
  let places: readonly number[] | undefined;
  for (const record of records(path)) {
    if (places === undefined) {
      places = columns.map((name) => {
        const place = record.indexOf(name);
        if (place < 0) throw unreadable(path, `there is no column ${name}`);
        return place;
      });
      continue;
    }
    yield places.map((place) => record[place]!);
  }
}

function* records(path: string): Generator<readonly string[]> {
  let open = '';
  for (const line of lines(path)) {
    // Between quotes a line does not end.
    const record: string = open === '' ? line : `${open}\n${line}`;
    if (!record.includes('"')) yield record.replace(/\r$/, '').split(',');
    else if (record.split('"').length % 2 === 0) {
      open = record;
      continue;
    } else yield quoted(path, record);
    open = '';
  }
  if (open !== '') throw unreadable(path, 'a quote is not closed');
}

function quoted(path: string, record: string): readonly string[] {
  try {
    return parse(record, { relax_column_count: true })[0] ?? [];
  } catch (error) {
    throw unreadable(path, (error as Error).message);
  }
}

function* lines(path: string): Generator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for (const chunk of chunks(path)) {
    const all = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = all.pop()!;
    yield* all;
  }
  rest += decoder.decode();
  if (rest !== '') yield rest;
}

function* chunks(path: string): Generator<Uint8Array> {
  const buffer = new Uint8Array(CHUNK_BYTES);
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, 'r');
    for (;;) {
      const length = readSync(descriptor, buffer);
      if (length === 0) return;
      yield buffer.subarray(0, length);
    }
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw unreadable(path, (error as Error).message);
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function unreadable(path: string, reason: string): UsageError {
  return new UsageError(
    'unreadable-result',
    `expected a table of a result in ${path}, which cannot be read: ${reason}`,
    path,
  );
}

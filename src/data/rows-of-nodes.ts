/** Files that say which rows of a data set each node has. */
import { readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { z } from 'zod';
import { quoted, shortened, UsageError } from '../errors.js';
import { type CsvFile, columnOf, parseCsv } from './csv-file.js';

/** Rows of each node, numbered from 0 within their part, in the order of the file. */
interface RowsOfNodes {
  readonly train: Uint32Array[];
  readonly test: Uint32Array[];
}

/** How many nodes there are, and how many rows in each part. */
interface Sizes {
  readonly nodes: number;
  readonly train: number;
  readonly test: number;
}

/** Where a row stands in a file: `split.csv:7`. */
type Where = () => string;

const PATH = 'data.split.file';

/**
 * Reads a `.csv` with the columns node, part and row, or a `.json` with a list of `{ train, test }`.
 * @throws UsageError with the file, and the line or the place, for anything else, for rows and nodes that do not exist, for a
 * training row that is there twice, and for a node without a training row
 */
export function readRowsOfNodes(path: string, sizes: Sizes): RowsOfNodes {
  const bytes = readBytes(path);
  const rows = new Rows(path, sizes);
  if (extname(path) === '.csv') addCsv(parseCsv(bytes, path), rows);
  else if (extname(path) === '.json') addJson(bytes, path, rows);
  else throw refusal(path, 'a file whose name ends in .csv or .json', `"${extname(path)}"`);
  return rows.finish();
}

class Rows {
  readonly #path: string;
  readonly #sizes: Sizes;
  readonly #train: number[][];
  readonly #test: Set<number>[];
  readonly #owner = new Map<number, number>();

  constructor(path: string, sizes: Sizes) {
    this.#path = path;
    this.#sizes = sizes;
    this.#train = Array.from({ length: sizes.nodes }, () => []);
    this.#test = Array.from({ length: sizes.nodes }, () => new Set());
  }

  add(node: number, part: 'train' | 'test', row: number, where: Where): void {
    const { nodes, [part]: size } = this.#sizes;
    if (!(Number.isSafeInteger(node) && node >= 0 && node < nodes))
      throw refusal(where(), `a node from 0 to ${nodes - 1}`, `${node}`);
    if (!(Number.isSafeInteger(row) && row >= 0 && row < size))
      throw refusal(where(), `a row of the ${part} part, from 0 to ${size - 1}`, `${row}`);
    if (part === 'test') {
      if (this.#test[node]!.has(row))
        throw refusal(where(), 'each test row once for a node', `row ${row} again`);
      this.#test[node]!.add(row);
      return;
    }
    const owner = this.#owner.get(row);
    if (owner !== undefined)
      throw refusal(where(), 'each training row once', `row ${row} again, which node ${owner} has`);
    this.#owner.set(row, node);
    this.#train[node]!.push(row);
  }

  finish(): RowsOfNodes {
    const without = this.#train.findIndex((rows) => rows.length === 0);
    if (without >= 0) throw refusal(this.#path, 'a training row for each node', `none for node ${without}`);
    return {
      train: this.#train.map((rows) => Uint32Array.from(rows)),
      test: this.#test.map((rows) => Uint32Array.from(rows)),
    };
  }
}

const WHOLE = /^\d+$/;

function addCsv(table: CsvFile, rows: Rows): void {
  const [node, part, row] = ['node', 'part', 'row'].map((name) => columnOf(table, name, PATH)) as [
    number,
    number,
    number,
  ];
  for (const [k, cells] of table.rows.entries()) {
    const where = () => `${table.path}:${table.lines[k]}`;
    const whole = (column: number) => {
      const text = cells[column]!.trim();
      if (WHOLE.test(text)) return Number(text);
      throw refusal(where(), `a whole number as ${table.columns[column]}`, quoted(text));
    };
    const name = cells[part]!.trim();
    if (name !== 'train' && name !== 'test') throw refusal(where(), 'train or test as part', quoted(name));
    rows.add(whole(node), name, whole(row), where);
  }
}

const LISTS = z.array(z.strictObject({ train: z.array(z.number()), test: z.array(z.number()).default([]) }));

function addJson(bytes: Uint8Array, path: string, rows: Rows): void {
  const parsed = LISTS.safeParse(jsonOf(bytes, path));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw refusal(
      path,
      'a list of { train: [rows], test: [rows] }',
      `${shortened(issue!.message)} at ${issue!.path.join('.') || 'the top'}`,
    );
  }
  for (const [node, lists] of parsed.data.entries())
    for (const part of ['train', 'test'] as const)
      for (const [k, row] of lists[part].entries())
        rows.add(node, part, row, () => `${path}, ${node}.${part}.${k}`);
}

function jsonOf(bytes: Uint8Array, path: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw refusal(path, 'a JSON file', shortened((error as Error).message));
  }
}

function readBytes(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw refusal(path, 'a file with the rows of each node', code === 'ENOENT' ? 'no such file' : message);
  }
}

function refusal(where: string, expected: string, got: string): UsageError {
  return new UsageError('bad-split-file', `${where}: expected ${expected}, got ${got}`, PATH);
}

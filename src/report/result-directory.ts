/**
 * The folder of one run's results. During the run its files are `*.partial`, and older results are not touched. A folder
 * with a summary.json has one complete result: a commit first removes the old summary, and adds the new one last.
 */
import { existsSync, mkdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { assert } from '../errors.js';
import { fillTable, MetricsWriter } from './csv.js';
import { formatSummary, NdjsonWriter } from './json.js';
import { orUnwritable, PARTIAL, PartialFile } from './partial-file.js';
import { RESULT_FILES, type ResultFile, type Row } from './tables.js';

/** Results of one run, from the first sample to commit or abort. Every method throws UsageError `unwritable-output`. */
export class ResultDirectory {
  readonly path: string;
  readonly #files = new Map<ResultFile, PartialFile>();
  /** The writer to flush before its file is closed. */
  #metrics: MetricsWriter | undefined;
  /** The outermost folder that this run had to create. */
  readonly #created: string | undefined;
  #open = true;

  /** Creates the folder, checks that it is writable, and removes the partial files of an earlier, killed run. */
  constructor(path: string) {
    this.path = path;
    this.#created = prepare(path);
    orUnwritable(path, () => {
      // Only files with these names: others in the folder are not ours.
      for (const name of RESULT_FILES) rmSync(join(path, name + PARTIAL), { force: true });
    });
  }

  /** metrics.csv, row by row. */
  metrics(): MetricsWriter {
    this.#metrics = new MetricsWriter(this.#create('metrics.csv'));
    return this.#metrics;
  }

  /** trace.ndjson, line by line. */
  trace(): NdjsonWriter {
    return new NdjsonWriter(this.#create('trace.ndjson'));
  }

  /** Writes a whole table; `columns` is its header line. */
  table<Column extends string>(
    name: 'traffic.csv' | 'topology.csv',
    columns: readonly Column[],
    rows: Iterable<Row<Column>>,
  ): void {
    fillTable(this.#create(name), columns, rows);
  }

  /** artifacts.json, with what the run leaves for other runs. */
  artifacts(value: unknown): void {
    this.#create('artifacts.json').write(formatSummary(value));
  }

  /** summary.json, with keys in the order given. */
  summary(value: unknown): void {
    const text = formatSummary(value);
    this.#create('summary.json').write(text);
  }

  /** Replaces an older result, of which nothing remains, by the new one. Asserts that there is a summary. */
  commit(): void {
    assert(this.#open, `${this.path}: expected no commit after commit or abort`);
    assert(this.#files.has('summary.json'), `${this.path}: expected a summary before commit`);
    this.#metrics?.flush();
    for (const file of this.#files.values()) file.close();
    orUnwritable(this.path, () => {
      rmSync(join(this.path, 'summary.json'), { force: true });
      for (const name of RESULT_FILES) {
        if (!this.#files.has(name)) rmSync(join(this.path, name), { force: true });
      }
    });
    for (const name of RESULT_FILES) this.#files.get(name)?.commit();
    this.#open = false;
  }

  /** Removes the files of this run, and the folders that it created if they are empty. Older results remain. */
  abort(): void {
    if (!this.#open) return;
    this.#open = false;
    for (const file of this.#files.values()) file.discard();
    if (this.#created !== undefined) removeEmpty(resolve(this.path), this.#created);
  }

  #create(name: ResultFile): PartialFile {
    assert(this.#open, `${join(this.path, name)}: expected no write after commit or abort`);
    assert(
      !this.#files.has(name),
      `${join(this.path, name)}: expected to be written once, got a second time`,
    );
    const file = new PartialFile(join(this.path, name));
    this.#files.set(name, file);
    return file;
  }
}

/**
 * Throws UsageError `unwritable-output` unless files can be written to the folder; leaves nothing behind. For checking all
 * folders before the first run starts.
 */
export function checkWritable(path: string): void {
  const created = prepare(path);
  if (created !== undefined) removeEmpty(resolve(path), created);
}

/** Creates the folder and writes to it once, since a check of permissions would miss full and read-only disks. */
function prepare(path: string): string | undefined {
  return orUnwritable(path, () => {
    for (let tries = TRIES; ; tries--) {
      try {
        return writeOnce(path);
      } catch (error) {
        // Another run, which checks folders too, may have removed a parent that was empty.
        if (tries === 0 || (error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      }
    }
  });
}

/** A file system such as /proc answers every attempt with ENOENT. */
const TRIES = 20;

function writeOnce(path: string): string | undefined {
  const created = makeFolders(resolve(path));
  const attempt = join(path, `.writable${PARTIAL}-${process.pid}`);
  writeFileSync(attempt, 'x');
  rmSync(attempt);
  return created;
}

/**
 * Creates a folder and its missing parents; returns the outermost one that it created. Node's own recursive mkdir never
 * returns on a file system that answers every attempt with ENOENT, as /proc does.
 */
function makeFolders(folder: string): string | undefined {
  if (existsSync(folder)) return undefined;
  const outermost = makeFolders(dirname(folder));
  try {
    mkdirSync(folder);
  } catch (error) {
    // Another run has created it in the meantime.
    if (!existsSync(folder)) throw error;
    return outermost;
  }
  return outermost ?? folder;
}

/** Removes `folder` and its parents up to `outermost`, until one is not empty. */
function removeEmpty(folder: string, outermost: string): void {
  for (let current = folder; current.length >= outermost.length; current = dirname(current)) {
    try {
      rmdirSync(current);
    } catch {
      // Another run has written to it, so it stays.
      return;
    }
  }
}

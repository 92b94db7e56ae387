/**
 * The folder of one run's results. While the run goes on, its files are `*.partial` and older results stay as they
 * are. A folder that has a summary.json holds one whole result: on commit the old summary goes first and the new one
 * comes last.
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
  /** What must be flushed into its file before that is closed. */
  #metrics: MetricsWriter | undefined;
  /** The outermost folder that this run had to create. */
  readonly #created: string | undefined;
  #open = true;

  /** Creates the folder, makes sure that it can be written to, and removes what an earlier, killed run left half done. */
  constructor(path: string) {
    this.path = path;
    this.#created = prepare(path);
    orUnwritable(path, () => {
      // By name: what else lies in the folder is not ours.
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

  /** A table at once; `columns` is its header line. */
  table<Column extends string>(
    name: 'traffic.csv' | 'topology.csv',
    columns: readonly Column[],
    rows: Iterable<Row<Column>>,
  ): void {
    fillTable(this.#create(name), columns, rows);
  }

  /** artifacts.json: what the run leaves for other runs. */
  artifacts(value: unknown): void {
    this.#create('artifacts.json').write(formatSummary(value));
  }

  /** summary.json, keys in the order given. */
  summary(value: unknown): void {
    const text = formatSummary(value);
    this.#create('summary.json').write(text);
  }

  /** Puts the new result in place of an older one, of which nothing stays. Needs a summary. */
  commit(): void {
    assert(this.#open, `${this.path} is committed after commit or abort`);
    assert(this.#files.has('summary.json'), `${this.path} is committed without a summary`);
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

  /** Removes what this run has written, and the folders that it created if they are empty. Older results stay. */
  abort(): void {
    if (!this.#open) return;
    this.#open = false;
    for (const file of this.#files.values()) file.discard();
    if (this.#created !== undefined) removeEmpty(resolve(this.path), this.#created);
  }

  #create(name: ResultFile): PartialFile {
    assert(this.#open, `${join(this.path, name)} is written after commit or abort`);
    assert(!this.#files.has(name), `${join(this.path, name)} is written twice`);
    const file = new PartialFile(join(this.path, name));
    this.#files.set(name, file);
    return file;
  }
}

/**
 * Throws UsageError `unwritable-output` unless files can be written to the folder, and leaves no trace: for a check
 * of all folders before the first run starts.
 */
export function checkWritable(path: string): void {
  const created = prepare(path);
  if (created !== undefined) removeEmpty(resolve(path), created);
}

/** Makes the folder and writes to it once; asking for permissions would miss full or read-only disks. */
function prepare(path: string): string | undefined {
  return orUnwritable(path, () => {
    const created = makeFolders(resolve(path));
    const attempt = join(path, `.writable${PARTIAL}`);
    writeFileSync(attempt, 'x');
    rmSync(attempt);
    return created;
  });
}

/**
 * Makes a folder and its missing parents; returns the outermost one that it made. Node's own recursive mkdir never
 * returns where a file system says ENOENT to every attempt, as /proc does.
 */
function makeFolders(folder: string): string | undefined {
  if (existsSync(folder)) return undefined;
  const outermost = makeFolders(dirname(folder));
  try {
    mkdirSync(folder);
  } catch (error) {
    // Another run has made it meanwhile.
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
      // Another run has put something there: then it stays.
      return;
    }
  }
}

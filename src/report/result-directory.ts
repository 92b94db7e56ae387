/**
 * The folder of one run's results. The run writes to a folder of its own beside it, which takes its name when it is complete:
 * whoever finds the folder finds one whole result. Older results are not touched before.
 */
import { randomBytes } from 'node:crypto';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { assert, UsageError } from '../errors.js';
import { hasCheckpoint, isCheckpoint, writeCheckpoint } from './checkpoint-file.js';
import { TableWriter } from './csv.js';
import { checkUnlocked, FolderLock } from './folder-lock.js';
import { formatSummary, NdjsonWriter } from './json.js';
import { OutputFile, orUnwritable, type Written } from './output-file.js';
import { type ParquetColumns, type ParquetState, ParquetTable } from './parquet-table.js';
import { SpoolFile } from './spool-file.js';
import { type ParquetFile, RESULT_FILES, type ResultFile, type ResultTable } from './tables.js';

/** What a run lays aside, in the folder that it writes to. */
const SPOOL = 'laid-aside';

/** How the folder of a run is begun. */
interface ResultOptions {
  /** Whether the run has checkpoints: then it writes to `<path>.running`, which stays if the process is killed. */
  readonly resumable?: boolean;
  /** Continues `<path>.running` after what a checkpoint says of its files. */
  readonly from?: Readonly<Record<string, Written>>;
}

/** Results of one run, from the first sample to commit or abort. Every method throws UsageError `unwritable-output`. */
export class ResultDirectory {
  readonly path: string;
  /** The folder that is written to before the commit: `<path>.partial-<process>-<random>`, or `<path>.running`. */
  readonly #work: string;
  readonly #lock: FolderLock;
  readonly #files = new Map<ResultFile, OutputFile>();
  /** The writers to flush before their files are closed. */
  readonly #tables: Array<{ flush(): void }> = [];
  /** The outermost folder that this run had to create. */
  readonly #created: string | undefined;
  readonly #resumable: boolean;
  readonly #from: Readonly<Record<string, Written>> | undefined;
  readonly #parquet = new Map<ParquetFile, ParquetTable>();
  #spool: SpoolFile | undefined;
  #open = true;

  /**
   * Takes the folder's lock, creates the folder to write to, and mends what a killed run has left behind. Throws UsageError
   * `results-in-use` if another run writes there, and `unfinished-run` if one can be resumed and this is not it.
   */
  constructor(path: string, { resumable = false, from }: ResultOptions = {}) {
    this.path = path;
    this.#resumable = resumable;
    this.#from = from;
    this.#created = prepare(path);
    this.#lock = new FolderLock(path);
    const partial = `${path}.partial-${process.pid}-${randomBytes(4).toString('hex')}`;
    this.#work = resumable ? runningOf(path) : partial;
    try {
      orUnwritable(path, () => {
        mend(path);
        if (from === undefined) {
          refuseUnfinished(path);
          rmSync(runningOf(path), { recursive: true, force: true });
          mkdirSync(this.#work);
        } else removeLater(this.#work, from);
      });
    } catch (error) {
      this.#lock.release();
      throw error;
    }
  }

  /** Shows that the run still goes on, to whoever waits for the lock on another machine. */
  renewLock(): void {
    this.#lock.renew();
  }

  /** A table, row by row; `columns` is its header line. */
  table<Column extends string>(name: ResultTable, columns: readonly Column[]): TableWriter<Column> {
    const isContinued = this.#from?.[name] !== undefined;
    const table = new TableWriter(this.#create(name), columns, { isContinued });
    this.#tables.push(table);
    return table;
  }

  /** A columnar table, row by row. */
  parquet(name: ParquetFile, columns: ParquetColumns): ParquetTable {
    const table = new ParquetTable(
      join(this.#work, name),
      columns,
      this.#from?.[name] as ParquetState | undefined,
    );
    this.#parquet.set(name, table);
    return table;
  }

  /** trace.ndjson, line by line. */
  trace(): NdjsonWriter {
    return new NdjsonWriter(this.#create('trace.ndjson'));
  }

  /** A file for what the run lays aside, which is made when something is, and removed with the commit. */
  spool(): Pick<SpoolFile, 'append' | 'read'> {
    if (this.#from?.[SPOOL] !== undefined) this.#openSpool();
    return {
      append: (bytes) => this.#openSpool().append(bytes),
      read: (start, length) => this.#openSpool().read(start, length),
    };
  }

  /** Writes all that is buffered. Returns what the files hold, by name. */
  sync(): Readonly<Record<string, Written>> {
    for (const table of this.#tables) table.flush();
    const written: [string, Written][] = [...this.#files].map(([name, file]) => [name, file.sync()]);
    for (const [name, table] of this.#parquet) written.push([name, table.save()]);
    return Object.fromEntries(this.#spool ? [...written, [SPOOL, this.#spool.written]] : written);
  }

  /**
   * Writes a checkpoint of a resumable run. Its number is higher than that of the one before. An urgent one does not wait for
   * the disk.
   */
  checkpoint(number: number, value: unknown, isUrgent = false): void {
    assert(this.#resumable && this.#open, `${this.path}: expected a run that can be resumed`);
    writeCheckpoint(this.#work, number, value, isUrgent);
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

  /**
   * Gives the folder its name. Of an older result nothing remains but files that are not results. Returns it. Asserts that
   * there is a summary.
   */
  commit(): string {
    this.#finish(() => {
      replace(this.path, this.#work);
      rmSync(interruptedOf(this.path), { recursive: true, force: true });
    });
    return this.path;
  }

  /**
   * Keeps what an interrupted run has measured, as the folder `<path>.interrupted`, which is returned. A complete result
   * stays where it is.
   */
  commitInterrupted(): string {
    const target = interruptedOf(this.path);
    this.#finish(() => replace(target, this.#work));
    return target;
  }

  /**
   * Removes the files of this run, and the folders that it created if they are empty. Older results remain, and so does a
   * run that has a checkpoint, which can be resumed.
   */
  abort(): void {
    if (!this.#open) return;
    this.#open = false;
    for (const file of [...this.#files.values(), ...this.#parquet.values()]) file.discard();
    this.#spool?.close();
    if (!this.isResumable) rmSync(this.#work, { recursive: true, force: true });
    this.#lock.release();
    if (this.#created !== undefined) removeEmpty(dirname(resolve(this.path)), this.#created);
  }

  /** Whether there is a checkpoint from which the run can be resumed. */
  get isResumable(): boolean {
    return this.#resumable && hasCheckpoint(this.#work);
  }

  #finish(rename: () => void): void {
    assert(this.#open, `${this.path}: expected no commit after commit or abort`);
    assert(this.#files.has('summary.json'), `${this.path}: expected a summary before commit`);
    for (const table of this.#tables) table.flush();
    for (const file of [...this.#files.values(), ...this.#parquet.values()]) file.close();
    this.#spool?.close();
    this.#spool = undefined;
    if (!this.#lock.isHeld)
      throw new UsageError(
        'results-in-use',
        `cannot write ${this.path}: another run has taken its lock, so these results are dropped. Expected one run at a time: run it again`,
        this.path,
      );
    orUnwritable(this.path, () => {
      for (const name of readdirSync(this.#work))
        if (isCheckpoint(name) || name === SPOOL) rmSync(join(this.#work, name));
      rename();
    });
    this.#open = false;
    this.#lock.release();
  }

  #openSpool(): SpoolFile {
    this.#spool ??= new SpoolFile(join(this.#work, SPOOL), this.#from?.[SPOOL]);
    return this.#spool;
  }

  #create(name: ResultFile): OutputFile {
    assert(this.#open, `${join(this.path, name)}: expected no write after commit or abort`);
    assert(
      !this.#files.has(name),
      `${join(this.path, name)}: expected to be written once, got a second time`,
    );
    const file = new OutputFile(join(this.#work, name), this.#from?.[name]);
    this.#files.set(name, file);
    return file;
  }
}

/**
 * Throws UsageError `unwritable-output` unless the folder can be written, `results-in-use` if a run does, and
 * `unfinished-run` if one could be resumed; leaves nothing behind. For checking all folders before the first run starts.
 */
export function checkWritable(path: string): void {
  const created = prepare(path);
  try {
    checkUnlocked(path);
    refuseUnfinished(path);
  } finally {
    if (created !== undefined) removeEmpty(dirname(resolve(path)), created);
  }
}

/** Where a run with checkpoints writes until it is complete. */
export function runningOf(path: string): string {
  return `${path}.running`;
}

/** Removes what a process that was killed has written after the last checkpoint into files that it does not know. */
function removeLater(running: string, from: Readonly<Record<string, Written>>): void {
  for (const name of [...RESULT_FILES, SPOOL])
    if (from[name] === undefined) rmSync(join(running, name), { force: true });
}

/** Nobody starts a run again that has computed for days, because of a wrong command. */
function refuseUnfinished(path: string): void {
  const running = runningOf(path);
  if (!hasCheckpoint(running)) return;
  throw new UsageError(
    'unfinished-run',
    `cannot write ${path}: the folder ${running} is a run that was not finished. Expected \`mycel resume ${path}\`, which goes on with it, or that the folder is deleted`,
    path,
  );
}

const interruptedOf = (path: string) => `${path}.interrupted`;
const olderOf = (path: string) => `${path}.older`;

/** Gives `work` the name `path`, and moves on what stands there and is no result. */
function replace(path: string, work: string): void {
  const older = olderOf(path);
  if (existsSync(path)) renameSync(path, older);
  try {
    renameSync(work, path);
  } catch (error) {
    if (existsSync(older)) renameSync(older, path);
    throw error;
  }
  settle(path);
}

/** Moves files that are no results from the older folder to the new one, and removes the older one. */
function settle(path: string): void {
  const older = olderOf(path);
  if (!existsSync(older)) return;
  const isResult = (name: string) => (RESULT_FILES as readonly string[]).includes(name);
  for (const name of readdirSync(older)) {
    if (!isResult(name) && !existsSync(join(path, name))) renameSync(join(older, name), join(path, name));
  }
  rmSync(older, { recursive: true, force: true });
}

/** Removes the folders that killed runs were writing to, and ends a commit in whose middle one was killed. */
function mend(path: string): void {
  const isPartial = (name: string) =>
    name.startsWith(`${basename(path)}.partial-`) && /\.partial-\d+-[0-9a-f]{8}$/.test(name);
  for (const name of readdirSync(dirname(path)).filter(isPartial))
    rmSync(join(dirname(path), name), { recursive: true, force: true });
  for (const target of [path, interruptedOf(path)]) {
    if (!existsSync(target) && existsSync(olderOf(target))) renameSync(olderOf(target), target);
    settle(target);
  }
}

/**
 * Creates the parents of the folder and writes beside it once, since a check of permissions would miss full and read-only
 * disks. Returns the outermost folder that it created.
 */
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
  const created = makeFolders(dirname(resolve(path)));
  const found = lstatSync(path, { throwIfNoEntry: false }) && statSync(path);
  if (found && !found.isDirectory()) throw new Error('ENOTDIR: there is a file with this name');
  const attempt = `${path}.writable-${process.pid}-${randomBytes(4).toString('hex')}`;
  try {
    writeFileSync(attempt, 'x', { flag: 'wx' });
  } finally {
    // On a full disk it is there, and empty.
    rmSync(attempt, { force: true });
  }
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

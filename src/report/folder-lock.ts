/**
 * At most one run at a time writes the results of a folder: while it does, the file `<folder>.lock` beside it says which
 * process that is. The lock of a process that no longer runs is taken over. Of a process on another machine nobody knows whether it
 * runs, so it renews the time of the file.
 */
import { randomBytes } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { UsageError } from '../errors.js';
import { orUnwritable } from './output-file.js';

/** What a lock says of the process that holds it. */
interface Holder {
  readonly pid: number;
  readonly host: string;
  /** When the process was started, as the system counts, since ids of processes are used again; absent where it does not say. */
  readonly start?: string;
  /** When the lock was taken, for people: ISO 8601. */
  readonly since: string;
  /** A number drawn for this lock. */
  readonly token: string;
}

/** The lock of one folder, from construction to release. */
export class FolderLock {
  readonly #path: string;
  readonly #text: string;

  /** Throws UsageError `results-in-use` if another run holds the lock, and `unwritable-output` if it cannot be written. */
  constructor(folder: string) {
    const token = randomBytes(8).toString('hex');
    const start = startOf(process.pid);
    const since = new Date().toISOString();
    const holder: Holder = { pid: process.pid, host: hostname(), ...(start && { start }), since, token };
    this.#path = lockOf(folder);
    this.#text = `${JSON.stringify(holder)}\n`;
    // Written aside and linked, so that nobody ever reads half of it.
    const aside = `${this.#path}.${token}`;
    orUnwritable(folder, () => {
      try {
        writeFileSync(aside, this.#text, { flag: 'wx' });
        while (!isLinked(aside, this.#path)) takeOver(folder, token);
      } finally {
        rmSync(aside, { force: true });
      }
    });
  }

  /** Whether the lock is still this one. */
  get isHeld(): boolean {
    return textOf(this.#path) === this.#text;
  }

  /** Shows processes on other machines that this one still runs: whoever waits for the lock looks at the time of its file. */
  renew(): void {
    const now = new Date();
    try {
      utimesSync(this.#path, now, now);
    } catch {
      // Somebody has taken it: the commit will say so.
    }
  }

  release(): void {
    if (this.isHeld) rmSync(this.#path, { force: true });
  }
}

/** Throws UsageError `results-in-use` if a process that runs holds the lock of the folder. */
export function checkUnlocked(folder: string): void {
  const text = textOf(lockOf(folder));
  if (text !== undefined) assertStale(folder, text);
}

/** What a lock of a process on another machine looks like now. */
export interface ForeignLock {
  readonly text: string;
  /** When it was taken or last renewed, in milliseconds of that machine's or the disk's clock. */
  readonly renewed: number;
}

/** The lock of the folder, if a process on another machine holds it. */
export function foreignLock(folder: string): ForeignLock | undefined {
  const text = textOf(lockOf(folder));
  const renewed = statSync(lockOf(folder), { throwIfNoEntry: false })?.mtimeMs;
  if (text === undefined || renewed === undefined) return undefined;
  const host = holderIn(text)?.host;
  return host === undefined || host === hostname() ? undefined : { text, renewed };
}

/** Removes the lock of a process that is known to run no longer. */
export function dropLock(folder: string, { text }: ForeignLock): void {
  drop(folder, text, randomBytes(8).toString('hex'));
}

const lockOf = (folder: string) => `${folder}.lock`;

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Creates the link `to` unless it exists, and says whether it was created. */
function isLinked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    // A file system without links.
    if (code === 'EPERM' || code === 'ENOTSUP' || code === 'ENOSYS') return isWritten(to, readFileSync(from));
    throw error;
  }
}

function isWritten(path: string, text: Uint8Array): boolean {
  try {
    writeFileSync(path, text, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function takeOver(folder: string, token: string): void {
  const text = textOf(lockOf(folder));
  if (text === undefined) return;
  assertStale(folder, text);
  drop(folder, text, token);
}

/** Removes the lock with that text. If another process has replaced it in the meantime, its lock is put back. */
function drop(folder: string, text: string, token: string): void {
  const path = lockOf(folder);
  const stale = `${path}.stale-${token}`;
  try {
    renameSync(path, stale);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  if (textOf(stale) !== text) isLinked(stale, path);
  rmSync(stale, { force: true });
}

function assertStale(folder: string, text: string): void {
  const holder = holderIn(text);
  const where = lockOf(folder);
  if (holder === undefined)
    throw inUse(
      folder,
      `${where} is not a lock that this version has written: delete it if no run writes there`,
    );
  const { pid, host, since, start } = holder;
  if (host !== hostname())
    throw inUse(
      folder,
      `another run writes there, process ${pid} on ${host} since ${since}: wait for it, or choose another --out; delete ${where} if it no longer runs`,
    );
  if (isRunning(pid) && (start === undefined || start === startOf(pid)))
    throw inUse(
      folder,
      `another run writes there, process ${pid} since ${since}: wait for it, or choose another --out`,
    );
}

function inUse(folder: string, reason: string): UsageError {
  return new UsageError('results-in-use', `cannot write ${folder}: ${reason}`, folder);
}

function holderIn(text: string): Holder | undefined {
  try {
    const value = JSON.parse(text) as Holder;
    return Number.isSafeInteger(value.pid) && typeof value.host === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A process that was killed, and of which its parent has taken no note yet, runs no longer.
    return !/^[ZX]/.test(statOf(pid) ?? '');
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** When a process was started, in clock ticks after the start of the system; undefined where there is no /proc. */
function startOf(pid: number): string | undefined {
  // Field 22 of all.
  return statOf(pid)?.split(' ')[19];
}

/** What the system says of a process, from the third field, its state, on; undefined where there is no /proc. */
function statOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The second field, a name in parentheses, may contain anything.
    return stat.slice(stat.lastIndexOf(')') + 2);
  } catch {
    return undefined;
  }
}

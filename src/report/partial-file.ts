/**
 * A file that is written under another name and renamed when it is complete: a run that is killed leaves `*.partial`,
 * never a part of a file under the final name.
 */
import { closeSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { assert, UsageError } from '../errors.js';

/** Ending of the name of an incomplete file. */
export const PARTIAL = '.partial';

/** Number of characters that are collected before they are written. */
const BUFFER_LENGTH = 1 << 16;

/** A UTF-8 text file for `path`, which is `path.partial` until {@link PartialFile.commit}. */
export class PartialFile {
  readonly path: string;
  #descriptor: number | undefined;
  #buffer = '';

  /** Creates or empties `path.partial`. Like all methods it throws UsageError if the file cannot be written. */
  constructor(path: string) {
    this.path = path;
    this.#descriptor = orUnwritable(path, () => openSync(path + PARTIAL, 'w'));
  }

  write(text: string): void {
    assert(this.#descriptor !== undefined, `${this.path}: expected no write after close`);
    this.#buffer += text;
    if (this.#buffer.length >= BUFFER_LENGTH) this.#flush(this.#descriptor);
  }

  /** Writes the buffered text and closes the file, which keeps its partial name. */
  close(): void {
    const descriptor = this.#descriptor;
    if (descriptor === undefined) return;
    this.#flush(descriptor);
    this.#descriptor = undefined;
    orUnwritable(this.path, () => closeSync(descriptor));
  }

  /** Closes the file and gives it its final name, replacing an older file. */
  commit(): void {
    this.close();
    orUnwritable(this.path, () => renameSync(this.path + PARTIAL, this.path));
  }

  /** Closes the partial file and removes it. */
  discard(): void {
    const descriptor = this.#descriptor;
    this.#descriptor = undefined;
    this.#buffer = '';
    orUnwritable(this.path, () => {
      if (descriptor !== undefined) closeSync(descriptor);
      rmSync(this.path + PARTIAL, { force: true });
    });
  }

  #flush(descriptor: number): void {
    const text = this.#buffer;
    this.#buffer = '';
    // Unlike writeSync it continues after a short write.
    orUnwritable(this.path, () => writeFileSync(descriptor, text));
  }
}

/** Returns what `action` returns. If it fails, throws a UsageError with the path and the reason of the system. */
export function orUnwritable<Result>(path: string, action: () => Result): Result {
  try {
    return action();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(
      'unwritable-output',
      `cannot write ${path}: ${reason}. Expected a writable folder with enough space: ` +
        'change its permissions, free some space, or choose another folder',
      path,
    );
  }
}

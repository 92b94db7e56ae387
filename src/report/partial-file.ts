/**
 * A file that is written under another name and renamed when it is whole: a run that is killed leaves `*.partial`
 * behind, never half a file that looks whole.
 */
import { closeSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { assert, UsageError } from '../errors.js';

/** Ending of a file that is not whole. */
export const PARTIAL = '.partial';

/** Characters that are collected before they are written. */
const BUFFER_LENGTH = 1 << 16;

/** Text on its way to `path`, in `path.partial` until {@link PartialFile.commit}. UTF-8. */
export class PartialFile {
  readonly path: string;
  #descriptor: number | undefined;
  #buffer = '';

  /** Creates or empties `path.partial`. Throws UsageError where that cannot be done; so do all methods. */
  constructor(path: string) {
    this.path = path;
    this.#descriptor = orUnwritable(path, () => openSync(path + PARTIAL, 'w'));
  }

  write(text: string): void {
    assert(this.#descriptor !== undefined, `${this.path} is written after it was closed`);
    this.#buffer += text;
    if (this.#buffer.length >= BUFFER_LENGTH) this.#flush(this.#descriptor);
  }

  /** Writes out what is buffered. The file keeps its partial name. */
  close(): void {
    const descriptor = this.#descriptor;
    if (descriptor === undefined) return;
    this.#flush(descriptor);
    this.#descriptor = undefined;
    orUnwritable(this.path, () => closeSync(descriptor));
  }

  /** Closes and gives the file its name, in place of an older one. */
  commit(): void {
    this.close();
    orUnwritable(this.path, () => renameSync(this.path + PARTIAL, this.path));
  }

  /** Closes and removes the partial file. */
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
    // Unlike writeSync it goes on after a short write.
    orUnwritable(this.path, () => writeFileSync(descriptor, text));
  }
}

/** What `action` returns; its failure as a UsageError that names the path and the system's reason. */
export function orUnwritable<Result>(path: string, action: () => Result): Result {
  try {
    return action();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(
      'unwritable-output',
      `cannot write ${path}: ${reason}. Expected a folder that can be written to, with space left; ` +
        'mend that or choose another folder',
      path,
    );
  }
}

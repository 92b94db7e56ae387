/** A text file that is written in pieces. A new one must not exist before, so nothing is overwritten, not even by way of a link. */
import {
  closeSync,
  fstatSync,
  ftruncateSync,
  lstatSync,
  openSync,
  readSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { crc32 } from 'node:zlib';
import { assert, UsageError } from '../errors.js';
import type { Bytes } from '../units.js';

/** Number of characters that are collected before they are written. */
const BUFFER_LENGTH = 1 << 16;

/** What a file holds at a point of its writing. */
export interface Written {
  readonly bytes: Bytes;
  readonly crc32: number;
}

/** A UTF-8 text file. */
export class OutputFile {
  readonly path: string;
  #descriptor: number | undefined;
  #buffer = '';
  #crc32: number;

  /**
   * Creates the file, or continues one after what was `written`; what stands behind that is cut off. Like all methods it
   * throws UsageError `unwritable-output` if that cannot be done, and `changed-output` if something else was written.
   */
  constructor(path: string, written?: Written) {
    this.path = path;
    this.#crc32 = written?.crc32 ?? 0;
    this.#descriptor = orUnwritable(path, () =>
      written === undefined ? openSync(path, 'wx') : continued(path, written),
    );
  }

  write(text: string): void {
    assert(this.#descriptor !== undefined, `${this.path}: expected no write after close`);
    this.#buffer += text;
    if (this.#buffer.length >= BUFFER_LENGTH) this.#flush(this.#descriptor);
  }

  /** Writes the buffered text. Returns what the file holds. */
  sync(): Written {
    const descriptor = this.#descriptor;
    assert(descriptor !== undefined, `${this.path}: expected no write after close`);
    this.#flush(descriptor);
    return orUnwritable(this.path, () => ({ bytes: fstatSync(descriptor).size, crc32: this.#crc32 }));
  }

  /** Writes the buffered text and closes the file. */
  close(): void {
    const descriptor = this.#descriptor;
    if (descriptor === undefined) return;
    this.#flush(descriptor);
    this.#descriptor = undefined;
    orUnwritable(this.path, () => closeSync(descriptor));
  }

  /** Closes the file and removes it, unless it is closed already. */
  remove(): void {
    if (this.#descriptor === undefined) return;
    this.discard();
    rmSync(this.path, { force: true });
  }

  /** Closes the file; the buffered text is lost. */
  discard(): void {
    const descriptor = this.#descriptor;
    this.#descriptor = undefined;
    this.#buffer = '';
    if (descriptor !== undefined) orUnwritable(this.path, () => closeSync(descriptor));
  }

  #flush(descriptor: number): void {
    const text = Buffer.from(this.#buffer);
    this.#buffer = '';
    this.#crc32 = crc32(text, this.#crc32);
    // Unlike writeSync it continues after a short write.
    orUnwritable(this.path, () => writeFileSync(descriptor, text));
  }
}

/** Opens a file for reading and appending after what was `written`; what stands behind that is cut off. */
export function continued(path: string, written: Written): number {
  const changed = (got: string) =>
    new UsageError(
      'changed-output',
      `${path}: expected the ${written.bytes} bytes that the run has written before its checkpoint, got ${got}: the file was changed since. Delete the folder to begin anew`,
      path,
    );
  if (lstatSync(path, { throwIfNoEntry: false })?.isFile() !== true) throw changed('no file');
  const descriptor = openSync(path, 'r+');
  try {
    const { size } = fstatSync(descriptor);
    if (size < written.bytes) throw changed(`only ${size}`);
    if (checksumOf(descriptor, written.bytes) !== written.crc32) throw changed('others');
    ftruncateSync(descriptor, written.bytes);
  } finally {
    closeSync(descriptor);
  }
  return openSync(path, 'a+');
}

/** crc32 of the first bytes of a file. */
function checksumOf(descriptor: number, length: Bytes): number {
  const chunk = new Uint8Array(1 << 16);
  let sum = 0;
  for (let done = 0; done < length; ) {
    const read = readSync(descriptor, chunk, 0, Math.min(chunk.length, length - done), done);
    if (read === 0) return Number.NaN;
    sum = crc32(chunk.subarray(0, read), sum);
    done += read;
  }
  return sum;
}

/** Returns what `action` returns. If it fails, throws a UsageError with the path and the reason of the system. */
export function orUnwritable<Result>(path: string, action: () => Result): Result {
  try {
    return action();
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(
      'unwritable-output',
      `cannot write ${path}: ${reason}. Expected a writable folder with enough space: ` +
        'change its permissions, free some space, or choose another folder',
      path,
    );
  }
}

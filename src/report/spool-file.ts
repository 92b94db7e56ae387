/** A file of bytes that a run lays aside and reads again. It is no result: it is removed when the results are complete. */
import { closeSync, openSync, readSync, writeFileSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { assert } from '../errors.js';
import type { Bytes } from '../units.js';
import { continued, orUnwritable, type Written } from './output-file.js';

/** Bytes that are appended and read at any place. Every method throws UsageError `unwritable-output`. */
export class SpoolFile {
  readonly #path: string;
  readonly #descriptor: number;
  #written: Written;

  /** Creates the file, or continues one after what was written. */
  constructor(path: string, from?: Written) {
    this.#path = path;
    this.#written = from ?? { bytes: 0, crc32: 0 };
    this.#descriptor = orUnwritable(path, () =>
      from === undefined ? openSync(path, 'ax+') : continued(path, from),
    );
  }

  append(bytes: Uint8Array): void {
    // Unlike writeSync it continues after a short write.
    orUnwritable(this.#path, () => writeFileSync(this.#descriptor, bytes));
    const { bytes: before, crc32: sum } = this.#written;
    this.#written = { bytes: before + bytes.length, crc32: crc32(bytes, sum) };
  }

  read(start: Bytes, length: Bytes): Uint8Array {
    const bytes = new Uint8Array(length);
    orUnwritable(this.#path, () => {
      for (let done = 0; done < length; ) {
        const count = readSync(this.#descriptor, bytes, done, length - done, start + done);
        assert(count > 0, `${this.#path}: expected ${length} bytes at ${start}, but the file ends before`);
        done += count;
      }
    });
    return bytes;
  }

  /** What the file holds. */
  get written(): Written {
    return this.#written;
  }

  close(): void {
    orUnwritable(this.#path, () => closeSync(this.#descriptor));
  }
}

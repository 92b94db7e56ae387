/**
 * The binary version of CIFAR-10: files of records of 1 + 3,072 bytes. A record is a label and the red, the green and the
 * blue plane of an image of 32 × 32 pixels, each row-major (https://www.cs.toronto.edu/~kriz/cifar.html).
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { byCodeUnit, UsageError } from '../errors.js';

/** Training files, in the order of their rows. */
const TRAIN_FILES = [1, 2, 3, 4, 5].map((k) => `data_batch_${k}.bin`);
/** The test file. */
const TEST_FILE = 'test_batch.bin';

/** Height and width of an image. */
export const SIDE = 32;
const PIXELS = SIDE * SIDE;
const CHANNELS = 3;
const RECORD = 1 + CHANNELS * PIXELS;
const CLASSES = 10;

/** The records of one file. */
export interface CifarFile {
  readonly path: string;
  readonly records: number;
  readonly bytes: Uint8Array;
}

/**
 * Reads all six files; each holds any number of records above 0 (10,000 in the original). Throws UsageError that names
 * the directory or file, what was expected and what was found.
 */
export async function readCifarDirectory(
  directory: string,
): Promise<{ train: CifarFile[]; test: CifarFile[] }> {
  const required = [...TRAIN_FILES, TEST_FILE];
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(
      'missing-directory',
      `expected a directory with the files ${required.join(', ')} (the binary version of CIFAR-10, unpacked), got ${
        error.code === 'ENOENT' ? 'no such directory' : error.message
      }: ${directory}`,
      directory,
    );
  });
  const missing = required.filter((name) => !names.includes(name));
  if (missing.length > 0) {
    const present = names.sort(byCodeUnit).slice(0, 8).join(', ') || 'nothing';
    throw new UsageError(
      'missing-file',
      `expected ${missing.join(', ')} in ${directory} (the binary version of CIFAR-10, not the one for Python or Matlab), got: ${present}`,
      directory,
    );
  }
  const train: CifarFile[] = [];
  for (const name of TRAIN_FILES) train.push(await readCifarFile(join(directory, name)));
  return { train, test: [await readCifarFile(join(directory, TEST_FILE))] };
}

async function readCifarFile(path: string): Promise<CifarFile> {
  const bytes = await readFile(path).catch((error: Error) => {
    throw new UsageError('unreadable-file', `expected a readable file ${path}, got: ${error.message}`, path);
  });
  const records = bytes.length / RECORD;
  if (records === 0 || !Number.isInteger(records)) {
    throw new UsageError(
      'truncated-file',
      `${path}: expected records of ${RECORD} bytes, at least one, got ${bytes.length} bytes, which are ` +
        `${Math.floor(records)} records and ${bytes.length % RECORD} bytes more`,
      path,
    );
  }
  for (let record = 0; record < records; record++) {
    const label = bytes[record * RECORD]!;
    if (label < CLASSES) continue;
    throw new UsageError(
      'bad-label',
      `${path}: expected labels from 0 to ${CLASSES - 1}, got ${label} at sample ${record}`,
      path,
    );
  }
  return { path, records, bytes };
}

/** Returns the label of a record, and writes its image to `out` at `offset`, as [height, width, channels]. */
export function copyRecord(file: CifarFile, record: number, out: Uint8Array, offset: number): number {
  const start = record * RECORD;
  for (let channel = 0; channel < CHANNELS; channel++) {
    const plane = start + 1 + channel * PIXELS;
    for (let pixel = 0; pixel < PIXELS; pixel++) {
      out[offset + pixel * CHANNELS + channel] = file.bytes[plane + pixel]!;
    }
  }
  return file.bytes[start]!;
}

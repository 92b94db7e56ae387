/**
 * The IDX format of MNIST and its kin: two zero bytes, the type of the numbers (0x08: bytes), the number of
 * dimensions, each dimension as a big-endian u32, and the numbers, row-major (http://yann.lecun.com/exdb/mnist).
 */
import { readFile } from 'node:fs/promises';
import { createBrotliDecompress, createGunzip } from 'node:zlib';
import { UsageError } from '../errors.js';
import { lengthOf } from './dataset.js';

/** The content of an IDX file of bytes; `dimensions[0]` counts samples. */
export interface IdxFile {
  readonly path: string;
  readonly dimensions: readonly number[];
  /** Row-major [Π dimensions]. */
  readonly values: Uint8Array;
}

const TYPES: Readonly<Record<number, string>> = {
  8: 'unsigned bytes',
  9: 'signed bytes',
  11: '16-bit integers',
  12: '32-bit integers',
  13: 'float32',
  14: 'float64',
};

/**
 * Reads an IDX file of bytes with `dimensions` dimensions. It is unpacked if its first bytes, not its name, say that it is
 * gzipped, or if its name ends in `.br`, since brotli has no such bytes. Throws UsageError that names the file, what was
 * expected and what was found.
 */
export async function readIdx(path: string, dimensions: number): Promise<IdxFile> {
  let bytes: Uint8Array = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT')
      throw new UsageError('missing-file', `expected an IDX file, got none: ${path}`, path);
    throw new UsageError(
      'unreadable-file',
      `expected a readable IDX file ${path}, got: ${error.message}`,
      path,
    );
  });
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) bytes = await unpacked(bytes, 'gzip', dimensions, path);
  else if (path.endsWith('.br')) bytes = await unpacked(bytes, 'brotli', dimensions, path);
  return parseIdx(bytes, dimensions, path);
}

/** Most bytes that are unpacked: what Node reads of a file that is not packed. */
const BYTES_MAX = 2 ** 31 - 1;

const UNPACK = { gzip: createGunzip, brotli: createBrotliDecompress } as const;

/** What is in a packed file, which is unpacked no further than the IDX header in it says: a small one may hold terabytes. */
async function unpacked(
  bytes: Uint8Array,
  format: keyof typeof UNPACK,
  dimensions: number,
  path: string,
): Promise<Uint8Array> {
  const header = 4 + 4 * dimensions;
  const chunks: Uint8Array[] = [];
  let length = 0;
  let most = BYTES_MAX;
  const stream = UNPACK[format]({ chunkSize: 2 ** 20 });
  stream.end(bytes);
  try {
    for await (const chunk of stream as AsyncIterable<Uint8Array>) {
      chunks.push(chunk);
      length += chunk.length;
      if (chunks.length === 1 && length >= header) most = claimedLength(chunk, dimensions);
      if (length > most) break;
    }
  } catch (error) {
    const { message } = error as Error;
    throw new UsageError(
      `bad-${format}`,
      `expected a complete ${format} file ${path}, got: ${message}`,
      path,
    );
  }
  // Where the header is wrong, the reason is there.
  if (length > most && most > header) {
    const expected = most === BYTES_MAX ? `at most ${most} bytes` : `the ${most} bytes of its header`;
    throw new UsageError('trailing-bytes', `${path}: expected ${expected} when unpacked, got more`, path);
  }
  return Buffer.concat(chunks, length);
}

/** The length of an IDX file as its header says; of another file, that of the header. */
function claimedLength(bytes: Uint8Array, dimensions: number): number {
  const header = 4 + 4 * dimensions;
  const view = new DataView(bytes.buffer, bytes.byteOffset, header);
  if (view.getUint32(0) !== 0x0800 + dimensions) return header;
  const sizes = Array.from({ length: dimensions }, (_, k) => view.getUint32(4 + 4 * k));
  return Math.min(BYTES_MAX, header + lengthOf(sizes));
}

/** Checks magic number, dimensions and exact length. `values` is a view on `bytes`. Throws UsageError. */
export function parseIdx(bytes: Uint8Array, dimensions: number, path: string): IdxFile {
  const header = 4 + 4 * dimensions;
  const refuse = (code: string, expected: string, got: string) =>
    new UsageError(code, `${path}: expected ${expected}, got ${got}`, path);
  if (bytes.length < 4)
    throw refuse('truncated-file', `an IDX header of ${header} bytes`, `${bytes.length} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const magic = view.getUint32(0);
  if (magic !== 0x0800 + dimensions) {
    throw refuse(
      'bad-idx',
      `the magic number ${hex(0x0800 + dimensions)} (${describe(0x0800 + dimensions)})`,
      `${hex(magic)} (${describe(magic)})`,
    );
  }
  if (bytes.length < header)
    throw refuse('truncated-file', `an IDX header of ${header} bytes`, `${bytes.length} bytes`);
  const sizes = Array.from({ length: dimensions }, (_, k) => view.getUint32(4 + 4 * k));
  const length = header + lengthOf(sizes);
  if (sizes.includes(0)) throw refuse('bad-idx', 'dimensions above 0', sizes.join(' × '));
  if (bytes.length < length) {
    throw refuse('truncated-file', `${length} bytes for ${sizes.join(' × ')} values`, `only ${bytes.length}`);
  }
  if (bytes.length > length) {
    throw refuse(
      'trailing-bytes',
      `${length} bytes for ${sizes.join(' × ')} values`,
      `${bytes.length}: ${bytes.length - length} bytes too many`,
    );
  }
  return { path, dimensions: sizes, values: bytes.subarray(header) };
}

function hex(magic: number): string {
  return `0x${magic.toString(16).padStart(8, '0')}`;
}

function describe(magic: number): string {
  const type = TYPES[(magic >>> 8) & 0xff];
  const dimensions = magic & 0xff;
  if (magic >>> 16 !== 0 || type === undefined || dimensions === 0) return 'not an IDX file';
  return `${type} in ${dimensions} dimension${dimensions === 1 ? '' : 's'}`;
}

/**
 * NumPy's format for one array (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html): the bytes
 * 93 4E 55 4D 50 59, a version, the length of the header (u16, from version 2 on u32, little-endian), the header, which is a
 * Python dictionary of `descr`, `fortran_order` and `shape`, and the numbers.
 */
import { printable, shortened, UsageError } from '../errors.js';
import { lengthOf } from './dataset.js';

/** An array of a file. */
export interface NpyArray {
  /** What messages call it. */
  readonly name: string;
  readonly shape: readonly number[];
  readonly kind: 'bool' | 'int' | 'float';
  /** The numbers themselves where each is a byte from 0 to 255. */
  readonly bytes?: Uint8Array | undefined;
  /** The number at an index in row-major order; a whole number beyond 2⁵³ is rounded. */
  at(index: number): number;
}

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
/** Longest header that is read: that of an array of 32 dimensions is far shorter. */
const HEADER_MAX = 4096;

type Read = (view: DataView, offset: number, little: boolean) => number;

/** How a number of a type is read, by the letter and the bytes of its `descr`. */
const TYPES: Readonly<Record<string, { readonly kind: NpyArray['kind']; readonly read: Read }>> = {
  b1: { kind: 'bool', read: (view, offset) => (view.getUint8(offset) === 0 ? 0 : 1) },
  u1: { kind: 'int', read: (view, offset) => view.getUint8(offset) },
  i1: { kind: 'int', read: (view, offset) => view.getInt8(offset) },
  u2: { kind: 'int', read: (view, offset, little) => view.getUint16(offset, little) },
  i2: { kind: 'int', read: (view, offset, little) => view.getInt16(offset, little) },
  u4: { kind: 'int', read: (view, offset, little) => view.getUint32(offset, little) },
  i4: { kind: 'int', read: (view, offset, little) => view.getInt32(offset, little) },
  u8: { kind: 'int', read: (view, offset, little) => Number(view.getBigUint64(offset, little)) },
  i8: { kind: 'int', read: (view, offset, little) => Number(view.getBigInt64(offset, little)) },
  f2: { kind: 'float', read: (view, offset, little) => halfOf(view.getUint16(offset, little)) },
  f4: { kind: 'float', read: (view, offset, little) => view.getFloat32(offset, little) },
  f8: { kind: 'float', read: (view, offset, little) => view.getFloat64(offset, little) },
};

interface Header {
  /** Bytes before the first number. */
  readonly length: number;
  readonly shape: readonly number[];
  readonly type: string;
  readonly little: boolean;
}

/**
 * The array in a file of numbers in C order: versions 1 to 3, both byte orders, truth values, whole numbers, and floating-point
 * numbers of 16 to 64 bits.
 * @param name what messages call the file, or the array in its archive
 * @param path the file, for the error
 * @throws UsageError that says what was expected and what was found
 */
export function parseNpy(bytes: Uint8Array, name: string, path: string): NpyArray {
  const { length: from, shape, type, little } = headerOf(bytes, name, path);
  const { kind, read } = TYPES[type]!;
  const size = Number(type.slice(1));
  const expected = from + lengthOf(shape) * size;
  if (bytes.length !== expected) {
    const code = bytes.length < expected ? 'truncated-file' : 'trailing-bytes';
    const what = `${expected} bytes for ${shape.join(' × ')} numbers of ${size}`;
    throw new UsageError(code, `${name}: expected ${what}, got ${bytes.length}`, path);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return {
    ...{ name, shape, kind },
    ...(type === 'u1' && { bytes: bytes.subarray(from) }),
    at: (index) => read(view, from + index * size, little),
  };
}

function headerOf(bytes: Uint8Array, name: string, path: string): Header {
  const refuse = (expected: string, got: string) =>
    new UsageError('bad-npy', `${name}: expected ${expected}, got ${got}`, path);
  const [major = 0, minor = 0] = bytes.subarray(6, 8);
  if (bytes.length < 12 || !MAGIC.every((byte, k) => bytes[k] === byte))
    throw refuse(
      'an array in the format of NumPy (.npy)',
      bytes.length < 12 ? `${bytes.length} bytes` : 'other bytes',
    );
  if (major < 1 || major > 3 || minor !== 0)
    throw refuse('version 1.0, 2.0 or 3.0 of the format', `${major}.${minor}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const begin = major === 1 ? 10 : 12;
  const length = begin + (major === 1 ? view.getUint16(8, true) : view.getUint32(8, true));
  if (length > HEADER_MAX) throw refuse(`a header of at most ${HEADER_MAX} bytes`, `${length}`);
  if (length > bytes.length) throw refuse(`a header of ${length} bytes`, `${bytes.length} bytes in all`);
  const text = new TextDecoder('latin1').decode(bytes.subarray(begin, length));
  const entries = dictionaryOf(text);
  const shown = shortened(printable(text.trim()));
  if (!entries) throw refuse("a header with 'descr', 'fortran_order' and 'shape'", shown);
  const descr = /^'([<>|=])([a-zA-Z]\d+)'$/.exec(entries.descr);
  if (!descr || !Object.hasOwn(TYPES, descr[2]!))
    throw refuse(
      'truth values, whole numbers, or floating-point numbers of 16, 32 or 64 bits (objects and text are not read)',
      `descr ${entries.descr}`,
    );
  if (entries.order !== 'False')
    throw refuse(
      'an array in C order (save numpy.ascontiguousarray(array))',
      `fortran_order: ${entries.order}`,
    );
  const shape = (entries.shape.match(/\d+/g) ?? []).map(Number);
  if (!shape.every(Number.isSafeInteger) || !Number.isSafeInteger(8 * lengthOf(shape)))
    throw refuse('a shape of numbers that fit into memory', shown);
  return { length, shape, type: descr[2]!, little: descr[1] !== '>' };
}

const VALUES = {
  descr: /^\s*'descr'\s*:\s*('[^']*'|\[.*\])\s*$/,
  order: /^\s*'fortran_order'\s*:\s*(True|False)\s*$/,
  shape: /^\s*'shape'\s*:\s*(\(\s*\)|\(\s*\d+\s*,\s*\)|\(\s*\d+(?:\s*,\s*\d+)+\s*,?\s*\))\s*$/,
};

/** The three values of the header's dictionary, in any order, as their text; undefined where there are others, or not all. */
function dictionaryOf(text: string): Record<keyof typeof VALUES, string> | undefined {
  const inner = /^\{(.*)\}\s*$/s.exec(text)?.[1];
  // Commas outside of brackets part the entries.
  const parts = inner?.replace(/,\s*$/, '').match(/(?:\([^)]*\)|\[.*\]|[^,([])+/g);
  if (parts?.length !== 3) return undefined;
  const found = Object.entries(VALUES).map(([key, pattern]) => [
    key,
    parts.map((part) => pattern.exec(part)?.[1]).find((value) => value !== undefined),
  ]);
  if (found.some(([, value]) => value === undefined)) return undefined;
  return Object.fromEntries(found) as Record<keyof typeof VALUES, string>;
}

/** IEEE 754 binary16. */
function halfOf(bits: number): number {
  const sign = bits >> 15 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
}

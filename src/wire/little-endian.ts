/**
 * Typed arrays as little-endian bytes and back. On a little-endian host both directions are views on the same memory; a
 * big-endian host or an unaligned body needs one copy.
 */
import { assert } from '../errors.js';

type Words = Float32Array | Uint32Array | Uint16Array;

interface WordsConstructor<Array extends Words> {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): Array;
}

/** Whether this machine stores the low byte first. */
const HOST_IS_LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** The bytes of `words`, low byte first: a view on a little-endian host, else a copy with swapped bytes. */
export function toLittleEndian(words: Words, hostIsLittleEndian = HOST_IS_LITTLE_ENDIAN): Uint8Array {
  const bytes = new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
  return hostIsLittleEndian ? bytes : swapped(bytes, words.BYTES_PER_ELEMENT);
}

/**
 * The words in `bytes`, low byte first: a view if the host is little endian and the bytes are aligned, else a copy.
 * Asserts that `bytes.length` is a multiple of the size of a word.
 */
export function fromLittleEndian<Array extends Words>(
  Type: WordsConstructor<Array>,
  bytes: Uint8Array,
  hostIsLittleEndian = HOST_IS_LITTLE_ENDIAN,
): Array {
  const width = Type.BYTES_PER_ELEMENT;
  assert(
    bytes.length % width === 0,
    `expected a whole number of words of ${width} bytes, got ${bytes.length} bytes`,
  );
  if (hostIsLittleEndian && bytes.byteOffset % width === 0) {
    return new Type(bytes.buffer, bytes.byteOffset, bytes.length / width);
  }
  // Without bytes.slice(), which gives a view if the bytes are a Buffer of Node.
  const copy = hostIsLittleEndian ? new Uint8Array(bytes) : swapped(bytes, width);
  return new Type(copy.buffer, copy.byteOffset, copy.length / width);
}

/** All pieces one after the other, in a new array. */
export function joined(pieces: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const piece of pieces) length += piece.length;
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const piece of pieces) {
    bytes.set(piece, offset);
    offset += piece.length;
  }
  return bytes;
}

function swapped(bytes: Uint8Array, width: number): Uint8Array {
  const copy = new Uint8Array(bytes.length);
  for (let i = 0; i < bytes.length; i++) copy[i] = bytes[i - (i % width) + (width - 1 - (i % width))]!;
  return copy;
}

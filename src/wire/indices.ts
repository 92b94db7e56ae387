/** Codings of ascending indices: as 32-bit numbers, or as varints of the gaps between them. */
import type { Bytes } from '../units.js';
import { CorruptBodyError } from './codec.js';
import { fromLittleEndian, toLittleEndian } from './little-endian.js';

/** One way to write strictly ascending indices. */
interface IndexCoding {
  /** Bytes for `count` indices; undefined if that depends on the indices. */
  size(count: number): Bytes | undefined;
  encode(indices: Uint32Array): Uint8Array;
  /**
   * The `count` strictly ascending indices below `length` in `bytes`. Throws CorruptBodyError on bytes that `encode`
   * cannot have written for such indices.
   */
  decode(bytes: Uint8Array, count: number, length: number): Uint32Array;
}

/** Each index as 4 bytes, little endian. */
const u32: IndexCoding = {
  size: (count) => 4 * count,
  encode: (indices) => toLittleEndian(indices),
  decode(bytes, count, length) {
    if (bytes.length !== 4 * count) {
      throw new CorruptBodyError(`u32 indices: expected ${4 * count} bytes, got ${bytes.length}`);
    }
    const indices = fromLittleEndian(Uint32Array, bytes);
    let least = 0;
    for (let i = 0; i < count; i++) {
      const index = indices[i]!;
      if (index < least || index >= length) throw badIndex('u32', i, index, least, length);
      least = index + 1;
    }
    return indices;
  },
};

/** LEB128 (7 bits per byte, low bits first) of the first index, then of each difference to the one before, minus 1. */
const varint: IndexCoding = {
  size: (count) => (count === 0 ? 0 : undefined),
  encode(indices) {
    const bytes = new Uint8Array(5 * indices.length);
    let end = 0;
    let least = 0;
    for (let i = 0; i < indices.length; i++) {
      let gap = indices[i]! - least;
      least = indices[i]! + 1;
      while (gap > 0x7f) {
        bytes[end++] = (gap & 0x7f) | 0x80;
        gap >>>= 7;
      }
      bytes[end++] = gap;
    }
    return bytes.slice(0, end);
  },
  decode(bytes, count, length) {
    const indices = new Uint32Array(count);
    let offset = 0;
    let least = 0;
    for (let i = 0; i < count; i++) {
      const start = offset;
      let gap = 0;
      let byte = 0x80;
      while (byte & 0x80) {
        if (offset === bytes.length)
          throw new CorruptBodyError(
            `varint indices: expected ${count} indices, got bytes that end within index ${i}`,
          );
        if (offset - start === 5)
          throw new CorruptBodyError(
            `varint indices: expected at most 5 bytes per index, got more for index ${i}`,
          );
        byte = bytes[offset]!;
        // A product instead of a shift, since the fifth byte reaches beyond 32 bits.
        gap += (byte & 0x7f) * 2 ** (7 * (offset - start));
        offset += 1;
      }
      if (byte === 0 && offset - start > 1) {
        throw new CorruptBodyError(
          `varint indices: expected the shortest form, got index ${i} with a zero byte at its end`,
        );
      }
      const index = least + gap;
      if (index >= length) throw badIndex('varint', i, index, least, length);
      indices[i] = index;
      least = index + 1;
    }
    if (offset !== bytes.length) {
      throw new CorruptBodyError(`varint indices: expected ${offset} bytes, got ${bytes.length}`);
    }
    return indices;
  },
};

/** The codings by their names in options. */
export const indexCodings = { u32, varint } as const satisfies Record<string, IndexCoding>;

function badIndex(coding: string, i: number, index: number, least: number, length: number): CorruptBodyError {
  return new CorruptBodyError(
    `${coding} indices: expected index ${i} from ${least} to ${length - 1}, got ${index}`,
  );
}

/** Whole numbers of a fixed number of bits, one after the other, the lowest bit first; pad bits are 0. */
import type { Bytes } from '../units.js';

/** Bytes that `count` codes of `width` bits take. */
export function packedSize(count: number, width: number): Bytes {
  return Math.ceil((count * width) / 8);
}

/** Packs codes of `width` bits, 1 … 16, each below 2^width. */
export function pack(codes: ArrayLike<number>, width: number): Uint8Array {
  const bytes = new Uint8Array(packedSize(codes.length, width));
  let bits = 0;
  let filled = 0;
  let place = 0;
  for (let i = 0; i < codes.length; i++) {
    bits |= codes[i]! << filled;
    for (filled += width; filled >= 8; filled -= 8) {
      bytes[place++] = bits;
      bits >>>= 8;
    }
  }
  if (filled > 0) bytes[place] = bits;
  return bytes;
}

/** The `count` codes that {@link pack} has packed into `bytes`; undefined if a pad bit is not 0. */
export function unpack(
  bytes: Uint8Array,
  { count, width }: { readonly count: number; readonly width: number },
): Uint16Array | undefined {
  const codes = new Uint16Array(count);
  const mask = (1 << width) - 1;
  let bits = 0;
  let filled = 0;
  let place = 0;
  for (let i = 0; i < count; i++) {
    for (; filled < width; filled += 8) bits |= bytes[place++]! << filled;
    codes[i] = bits & mask;
    bits >>>= width;
    filled -= width;
  }
  return bits === 0 ? codes : undefined;
}

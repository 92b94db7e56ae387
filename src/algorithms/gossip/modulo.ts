/** Numbers on a circle, in so many bits each: what Moniqua sends. */

import { CorruptBodyError, type VectorBody, type VectorView } from '../../wire/codec.js';
import { pack, packedSize, unpack } from '../../wire/codes.js';
import type { SizedCodec } from '../../wire/sizes.js';
import { checkIndexless, checkVector } from '../../wire/vector.js';

/** v mod `circle`, in [−circle/2, circle/2). */
export function modulo(v: number, circle: number): number {
  return v - circle * Math.floor(v / circle + 0.5);
}

/**
 * Codec of `length` numbers in [−½, ½), `bits` each, 1 … 16: ⌈bits·length/8⌉ bytes, all values. What arrives is the middle of
 * one of 2^bits intervals, at most 2^−(bits + 1) from the number, for which an end of the range counts as next to the other.
 */
export function circleCodec(length: number, bits: number): SizedCodec<VectorBody, VectorView> {
  const id = `circle(${bits} bits)`;
  const steps = 2 ** bits;
  const size = packedSize(length, bits);
  return {
    id,
    sizes: { index: 0, values: size, header: 0 },
    encode(body) {
      checkVector(id, body, length);
      const codes = new Uint16Array(length);
      for (let i = 0; i < length; i++)
        codes[i] = Math.min(steps - 1, Math.max(0, Math.floor((body.values[i]! + 0.5) * steps)));
      return { bytes: pack(codes, bits), indexBytes: 0, valuesBytes: size, headerBytes: 0 };
    },
    decode(bytes, indexBytes) {
      checkIndexless(id, { bytes, indexBytes }, { exactly: size });
      const codes = unpack(bytes, { count: length, width: bits });
      if (!codes) throw new CorruptBodyError(`${id}: expected pad bits of 0`);
      const values = new Float32Array(length);
      for (let i = 0; i < length; i++) values[i] = (codes[i]! + 0.5) / steps - 0.5;
      return { length, values };
    },
  };
}

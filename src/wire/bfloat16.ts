/**
 * Dense bfloat16: the upper half of a float32, 2 bytes per coordinate, with the range of float32 and 8 significant bits.
 * Rounds to nearest, ties to even; what rounds beyond the largest finite bfloat16 becomes infinite. Every NaN becomes 0x7FC0.
 */
import { z } from 'zod';
import { CorruptBodyError, type VectorBody, type VectorView } from './codec.js';
import type { CodecEntry } from './entry.js';
import { fromLittleEndian, toLittleEndian } from './little-endian.js';
import type { SizedCodec } from './sizes.js';
import { checkLengths, checkVector } from './vector.js';

const NAN = 0x7fc0;
const INFINITY = 0x7f80;

/** Codec of dense bfloat16 vectors of `length` coordinates: exactly 2·length bytes, all values. */
export function bfloat16(length: number): SizedCodec<VectorBody, VectorView> {
  const size = 2 * length;
  return {
    id: 'bfloat16',
    sizes: { index: 0, values: size, header: 0 },
    encode(body) {
      checkVector('bfloat16', body, length);
      const bits = new Uint32Array(body.values.buffer, body.values.byteOffset, length);
      const halves = new Uint16Array(length);
      for (let i = 0; i < length; i++) halves[i] = upperHalf(bits[i]!);
      return { bytes: toLittleEndian(halves), indexBytes: 0, valuesBytes: size, headerBytes: 0 };
    },
    decode(bytes, indexBytes) {
      checkLengths('bfloat16', { bytes, indexBytes }, { bytes: size, indexBytes: 0 });
      const halves = fromLittleEndian(Uint16Array, bytes);
      const values = new Float32Array(length);
      const bits = new Uint32Array(values.buffer);
      for (let i = 0; i < length; i++) {
        const half = halves[i]!;
        if ((half & 0x7fff) > INFINITY && half !== NAN) {
          throw new CorruptBodyError(`bfloat16: expected 0x7fc0 as the only NaN, got 0x${half.toString(16)}`);
        }
        bits[i] = half << 16;
      }
      return { length, values };
    },
  };
}

/** The bits of the bfloat16 nearest to the float32 whose bits are given: a carry of the significand moves the exponent. */
function upperHalf(bits: number): number {
  if ((bits & 0x7fffffff) > 0x7f800000) return NAN;
  return (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
}

/** List entry of {@link bfloat16}. */
export const bfloat16Entry: CodecEntry<Record<string, never>> = {
  id: 'bfloat16',
  description: 'every coordinate as bfloat16, the upper half of a float32: exactly 2 bytes each',
  reference: 'Kalamkar et al., A Study of BFLOAT16 for Deep Learning Training, arXiv:1905.12322, 2019',
  options: z.strictObject({}),
  create: (_options, { length }) => bfloat16(length),
};

/**
 * Dense IEEE 754 binary16: 2 bytes per coordinate. Rounds to nearest, ties to even, subnormals included; magnitudes from
 * 65,520 on become infinite, as IEEE 754 prescribes, so that divergence is visible and does not stop at 65,504. Every
 * NaN becomes 0x7E00.
 */
import { z } from 'zod';
import { CorruptBodyError, type VectorBody, type VectorView } from './codec.js';
import type { CodecEntry } from './entry.js';
import { fromLittleEndian, toLittleEndian } from './little-endian.js';
import type { SizedCodec } from './sizes.js';
import { checkLengths, checkVector } from './vector.js';

const NAN = 0x7e00;
const INFINITY = 0x7c00;

/** Codec of dense float16 vectors of `length` coordinates: exactly 2·length bytes, all values. @public */
export function float16(length: number): SizedCodec<VectorBody, VectorView> {
  const size = 2 * length;
  return {
    id: 'float16',
    sizes: { index: 0, values: size, header: 0 },
    encode(body) {
      checkVector('float16', body, length);
      const bits = new Uint32Array(body.values.buffer, body.values.byteOffset, length);
      const halves = new Uint16Array(length);
      for (let i = 0; i < length; i++) halves[i] = halfOf(bits[i]!);
      return { bytes: toLittleEndian(halves), indexBytes: 0, valuesBytes: size, headerBytes: 0 };
    },
    decode(bytes, indexBytes) {
      checkLengths('float16', { bytes, indexBytes }, { bytes: size, indexBytes: 0 });
      const halves = fromLittleEndian(Uint16Array, bytes);
      const values = new Float32Array(length);
      const bits = new Uint32Array(values.buffer);
      for (let i = 0; i < length; i++) bits[i] = bitsOfHalf(halves[i]!);
      return { length, values };
    },
  };
}

/** The bits of the float16 nearest to the float32 whose bits are given. */
function halfOf(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  // 0x477ff000 is 65,520: halfway from the largest finite float16 to the next power of two.
  if (magnitude >= 0x477ff000) return magnitude > 0x7f800000 ? NAN : sign | INFINITY;
  // 0x38800000 is 2^-14, the least normal float16: removes 13 bits of the significand, and corrects the exponent's bias.
  if (magnitude >= 0x38800000) {
    return sign | ((magnitude - 0x38000000 + 0xfff + ((magnitude >>> 13) & 1)) >>> 13);
  }
  // 0x33000000 is 2^-25, half of the least subnormal: smaller magnitudes round to zero.
  if (magnitude < 0x33000000) return sign;
  const significand = (magnitude & 0x7fffff) | 0x800000;
  const shift = 126 - (magnitude >>> 23);
  return sign | ((significand + (1 << (shift - 1)) - 1 + ((significand >>> shift) & 1)) >>> shift);
}

/** The bits of the float32 that equals a float16. Throws CorruptBodyError on a NaN other than 0x7E00. */
function bitsOfHalf(half: number): number {
  const sign = (half & 0x8000) << 16;
  const magnitude = half & 0x7fff;
  if (magnitude >= 0x0400 && magnitude < INFINITY) return sign | ((magnitude << 13) + 0x38000000);
  if (magnitude === 0) return sign;
  if (magnitude === INFINITY) return sign | 0x7f800000;
  if (magnitude < 0x0400) return sign | bitsOfSubnormal(magnitude);
  if (half !== NAN) {
    throw new CorruptBodyError(`float16: expected 0x7e00 as the only NaN, got 0x${half.toString(16)}`);
  }
  return 0x7fc00000;
}

/** Moves the leading one of `magnitude`, in units of 2^-24, to where a normal float32 has its hidden bit. */
function bitsOfSubnormal(magnitude: number): number {
  const shift = Math.clz32(magnitude) - 8;
  return ((126 - shift) << 23) + ((magnitude << shift) & 0x7fffff);
}

/** List entry of {@link float16}. */
export const float16Entry: CodecEntry<Record<string, never>> = {
  id: 'float16',
  description: 'every coordinate as IEEE float16: exactly 2 bytes each, rounded to the nearest, ties to even',
  options: z.strictObject({}),
  create: (_options, { length }) => float16(length),
};

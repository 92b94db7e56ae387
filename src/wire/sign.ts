/**
 * Signs with a norm: of each coordinate only its sign, 1 bit, and for each bucket the mean of the magnitudes, which is
 * ‖x‖₁ / n. So a bucket x arrives as (‖x‖₁ / n) · sign(x).
 */
import { z } from 'zod';
import { count } from '../options/index.js';
import { CorruptBodyError, type VectorBody, type VectorView } from './codec.js';
import { pack, packedSize, unpack } from './codes.js';
import type { CodecEntry } from './entry.js';
import { joined } from './little-endian.js';
import { bucketsOf, decodeScales, encodeScales } from './scales.js';
import type { SizedCodec } from './sizes.js';
import { checkLengths, checkVector } from './vector.js';

/** Options of {@link sign}. */
interface SignOptions {
  /** Coordinates that share a scale; undefined: all of them. */
  readonly bucket?: number | undefined;
}

/**
 * Codec of `length` signs: 4·⌈length/bucket⌉ bytes of scales, then ⌈length/8⌉ bytes of signs, all values. A bucket with a
 * number that is not finite arrives as NaN everywhere, so that it is noticed.
 */
export function sign({ bucket }: SignOptions, length: number): SizedCodec<VectorBody, VectorView> {
  const buckets = bucketsOf(length, bucket);
  const size = buckets.bytes + packedSize(length, 1);
  const id = bucket === undefined ? 'sign' : `sign(${bucket})`;
  return {
    id,
    sizes: { index: 0, values: size, header: 0 },
    encode(body) {
      checkVector(id, body, length);
      const { values } = body;
      const scales = new Float64Array(buckets.count);
      const signs = new Uint8Array(length);
      buckets.each((k, from, to) => {
        let sum = 0;
        for (let i = from; i < to; i++) sum += Math.abs(values[i]!);
        scales[k] = sum / (to - from);
        if (!Number.isFinite(sum)) return;
        for (let i = from; i < to; i++) signs[i] = values[i]! < 0 || Object.is(values[i], -0) ? 1 : 0;
      });
      const bytes = joined([encodeScales(scales), pack(signs, 1)]);
      return { bytes, indexBytes: 0, valuesBytes: size, headerBytes: 0 };
    },
    decode(bytes, indexBytes) {
      checkLengths(id, { bytes, indexBytes }, { bytes: size, indexBytes: 0 });
      const scales = decodeScales(id, bytes.subarray(0, buckets.bytes));
      const signs = unpack(bytes.subarray(buckets.bytes), { count: length, width: 1 });
      if (!signs) throw new CorruptBodyError(`${id}: expected pad bits of 0, got a 1 among them`);
      const values = new Float32Array(length);
      buckets.each((k, from, to) => {
        const scale = scales[k]!;
        if (Number.isNaN(scale) && signs.subarray(from, to).includes(1)) {
          throw new CorruptBodyError(`${id}: expected no signs in a bucket that is not finite, got some`);
        }
        for (let i = from; i < to; i++) values[i] = signs[i] === 1 ? -scale : scale;
      });
      return { length, values };
    },
  };
}

/** List entry of {@link sign}. */
export const signEntry: CodecEntry<SignOptions> = {
  id: 'sign',
  description: 'of every coordinate its sign, 1 bit, and the mean magnitude of each bucket as float32',
  reference:
    'Karimireddy et al., Error Feedback Fixes SignSGD and other Gradient Compression Schemes, ICML 2019',
  options: z.strictObject({
    bucket: count().optional().describe('coordinates that share a scale; default: all of the vector'),
  }),
  create: (options, { length }) => sign(options, length),
};

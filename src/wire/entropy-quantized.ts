/**
 * Entropy-coded scalar quantisation: every coordinate is rounded to the nearest multiple of one step, and the multiples are
 * coded adaptively (integers.ts). A uniform step for all coordinates with an ideal code of its multiples needs 0.2546 bits
 * (½ log₂(πe/6)) a coordinate more than the least for the same squared error, step²/12, where the step is small.
 * H. Gish, J. Pierce, "Asymptotically Efficient Quantizing", IEEE Transactions on Information Theory, 1968.
 */
import { z } from 'zod';
import { CorruptBodyError, type VectorCodec } from './codec.js';
import type { CodecEntry } from './entry.js';
import { compressIntegers, decompressIntegers } from './integers.js';
import { joined } from './little-endian.js';
import { decodeScales, encodeScales } from './scales.js';
import { checkIndexless, checkVector } from './vector.js';

const STEP_BYTES = 4;
/** The largest and the least positive float32: a step is one of those between, and no coordinate is rounded to infinity. */
const LARGEST = 2 ** 127 * (2 - 2 ** -23);
const LEAST = 2 ** -149;

/** Options of {@link entropyQuantized}. */
interface EntropyQuantizedOptions {
  /** In units of the root mean square of the vector. */
  readonly step: number;
}

/**
 * Codec of `length` coordinates: the step as float32 (4 bytes), then the multiples in adaptive arithmetic coding, all values:
 * about length·H/8 bytes, where H is the entropy of the multiples in bits. A coordinate changes by half a step at most, and
 * by a rounding to float32. Of a vector with a number that is not finite only the step is sent, as NaN, and all
 * coordinates arrive as NaN; of a vector of zeros only the step, 0.
 */
export function entropyQuantized(options: EntropyQuantizedOptions, length: number): VectorCodec {
  const id = `entropy-quantized(${options.step})`;
  return {
    id,
    encode(body) {
      checkVector(id, body, length);
      const step = stepOf(body.values, options.step);
      const pieces = [encodeScales([step])];
      if (step > 0) pieces.push(compressIntegers(multiplesOf(body.values, step)));
      const bytes = joined(pieces);
      return { bytes, indexBytes: 0, valuesBytes: bytes.length, headerBytes: 0 };
    },
    decode(bytes, indexBytes) {
      checkIndexless(id, { bytes, indexBytes }, { least: STEP_BYTES });
      const step = decodeScales(id, bytes.subarray(0, STEP_BYTES))[0]!;
      const coded = bytes.subarray(STEP_BYTES);
      const multiples = step > 0 ? decompressIntegers(coded, length) : new Int32Array(length);
      if (!multiples || (!(step > 0) && coded.length > 0)) {
        throw new CorruptBodyError(
          `${id}: expected encoded multiples of ${step}, got ${coded.length} B that encode none`,
        );
      }
      const value = (multiple: number) => Math.max(-LARGEST, Math.min(LARGEST, multiple * step));
      return { length, values: Float32Array.from(multiples, value) };
    },
  };
}

/** The step for these values, a float32: 0 if all are 0, NaN if one is not finite. */
function stepOf(values: Float32Array, relative: number): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]! * values[i]!;
  if (!Number.isFinite(sum)) return Number.NaN;
  if (sum === 0) return 0;
  const step = Math.fround(relative * Math.sqrt(sum / values.length));
  return Math.min(LARGEST, Math.max(LEAST, step));
}

/** The nearest multiples; of two that are as near, that away from 0. */
function multiplesOf(values: Float32Array, step: number): Int32Array {
  const multiples = new Int32Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const magnitude = Math.floor(Math.abs(values[i]!) / step + 0.5);
    multiples[i] = values[i]! < 0 ? -magnitude : magnitude;
  }
  return multiples;
}

/** List entry of {@link entropyQuantized}. */
export const entropyQuantizedEntry: CodecEntry<EntropyQuantizedOptions> = {
  id: 'entropy-quantized',
  description: 'every coordinate rounded to a multiple of one step, the multiples coded near their entropy',
  reference:
    'Gish and Pierce, Asymptotically Efficient Quantizing, IEEE Transactions on Information Theory, 1968',
  options: z.strictObject({
    step: z
      .number()
      .min(0.001)
      .max(10)
      .default(0.25)
      .describe('step of the rounding, in units of the root mean square of the vector'),
  }),
  create: (options, { length }) => entropyQuantized(options, length),
};

/**
 * QSGD: every coordinate is rounded at random to one of `levels` fractions of its bucket's norm, up or down so that its
 * expectation is the coordinate itself (equation 1 of the paper): with a = |v_i| / ‖v‖ and s levels, the level is
 * ⌊a·s⌋ + 1 with the probability a·s − ⌊a·s⌋, else ⌊a·s⌋; what arrives is ‖v‖ · sign(v_i) · level / s.
 */
import { z } from 'zod';
import { count } from '../options/index.js';
import type { Random } from '../random.js';
import { CorruptBodyError, type VectorCodec } from './codec.js';
import { pack, packedSize, unpack } from './codes.js';
import type { CodecEntry } from './entry.js';
import { compressIntegers, decompressIntegers } from './integers.js';
import { joined } from './little-endian.js';
import { type Buckets, bucketsOf, decodeScales, encodeScales } from './scales.js';
import { checkIndexless, checkVector } from './vector.js';

/** Options of {@link qsgd}. */
export interface QsgdOptions {
  /** s: levels above 0. */
  readonly levels: number;
  /** Coordinates that share a norm. */
  readonly bucket: number;
  readonly norm: 'max' | 'l2';
  readonly coding: 'packed' | 'arithmetic';
  /** Whether what arrives is divided by {@link shrinkOf}. */
  readonly scaled?: boolean | undefined;
}

/** Bits of a packed code: the signed level plus s, 0 … 2·s. */
const widthOf = (levels: number) => 32 - Math.clz32(2 * levels);

/**
 * Codec of `length` coordinates: 4·⌈length/bucket⌉ bytes of norms, then the signed levels, all values: packed in
 * ⌈length·b/8⌉ bytes with b = ⌈log₂(2·levels + 1)⌉, or in arithmetic coding, whose size depends on the levels. It takes one
 * uniform number for each coordinate from the sender's stream. A bucket whose norm is no finite float32 arrives as NaN everywhere.
 */
export function qsgd(options: QsgdOptions, length: number): VectorCodec {
  const { levels, bucket, norm, coding, scaled = false } = options;
  const buckets = bucketsOf(length, bucket);
  const width = widthOf(levels);
  const id = `qsgd(${levels}, ${bucket}, ${norm}, ${coding}${scaled ? ', scaled' : ''})`;
  const size = buckets.bytes + packedSize(length, width);
  return {
    id,
    ...(coding === 'packed' && { sizes: { index: 0, values: size, header: 0 } }),
    encode(body, random) {
      checkVector(id, body, length);
      const { norms, signed } = quantized(body.values, { buckets, levels, norm, scaled, random });
      const codes =
        coding === 'packed'
          ? pack(
              signed.map((level) => level + levels),
              width,
            )
          : compressIntegers(signed);
      const bytes = joined([encodeScales(norms), codes]);
      return { bytes, indexBytes: 0, valuesBytes: bytes.length, headerBytes: 0 };
    },
    decode(bytes, indexBytes) {
      const expected = coding === 'packed' ? { exactly: size } : { least: buckets.bytes };
      checkIndexless(id, { bytes, indexBytes }, expected);
      const norms = decodeScales(id, bytes.subarray(0, buckets.bytes));
      const codes = bytes.subarray(buckets.bytes);
      const signed =
        coding === 'packed'
          ? unpack(codes, { count: length, width })
          : decompressIntegers(codes, length)?.map((level) => level + levels);
      if (!signed) throw new CorruptBodyError(`${id}: expected encoded levels, got bytes that encode none`);
      return { length, values: valuesOf(id, { norms, signed, levels, buckets }) };
    },
  };
}

/** The norm of each bucket as it is written, as float32, and the signed level of each coordinate: −s … s. */
function quantized(
  values: Float32Array,
  settings: {
    readonly buckets: Buckets;
    readonly levels: number;
    readonly norm: QsgdOptions['norm'];
    readonly scaled: boolean;
    readonly random: Random;
  },
): { readonly norms: Float32Array; readonly signed: Int32Array } {
  const { buckets, levels, norm, scaled, random } = settings;
  const norms = new Float32Array(buckets.count);
  const signed = new Int32Array(values.length);
  buckets.each((k, from, to) => {
    norms[k] = norm === 'max' ? largestOf(values, from, to) : lengthOf(values, from, to);
    const scale = norms[k]!;
    for (let i = from; i < to; i++) {
      const drawn = random.uniform();
      if (!(scale > 0 && scale < Infinity)) continue;
      const exact = (Math.abs(values[i]!) / scale) * levels;
      const lower = Math.floor(exact);
      const level = drawn < exact - lower ? lower + 1 : lower;
      signed[i] = values[i]! < 0 ? -level : level;
    }
    if (scaled) norms[k] = scale / shrinkOf(levels, to - from);
  });
  return { norms, signed };
}

/**
 * τ = 1 + min(n / s², √n / s) for a bucket of n: with Q(v) / τ the mean of ‖v − Q(v)/τ‖² is at most (1 − 1/τ) ‖v‖² for both norms,
 * by lemma 3.1 of the paper. Koloskova, Stich, Jaggi, ICML 2019, section 3.5.
 */
const shrinkOf = (levels: number, n: number) => 1 + Math.min(n / levels ** 2, Math.sqrt(n) / levels);

/** Steps between levels, in standard deviations, from which on rounding loses more of normally distributed numbers than there is. */
const EXPANDING_STEP = 2.48;

/** The step between levels on a bucket of n normally distributed numbers, in standard deviations. */
const stepOf = ({ norm, levels }: QsgdOptions, n: number) =>
  (norm === 'l2' ? Math.sqrt(n) : Math.sqrt(2 * Math.log(n))) / levels;

/** The largest magnitude; NaN if there is one. */
function largestOf(values: Float32Array, from: number, to: number): number {
  let largest = 0;
  for (let i = from; i < to; i++) largest = Math.max(largest, Math.abs(values[i]!));
  return largest;
}

/** The Euclidean norm, in float64. Rounded to float32 it is never less than the largest magnitude. */
function lengthOf(values: Float32Array, from: number, to: number): number {
  let sum = 0;
  for (let i = from; i < to; i++) sum += values[i]! * values[i]!;
  return Math.sqrt(sum);
}

/** What arrives: ‖v‖ · level / s, where `signed` is the level plus s. Throws CorruptBodyError on levels that no encoder gives. */
function valuesOf(
  id: string,
  {
    norms,
    signed,
    levels,
    buckets,
  }: {
    readonly norms: Float32Array;
    readonly signed: ArrayLike<number>;
    readonly levels: number;
    readonly buckets: Buckets;
  },
): Float32Array {
  const values = new Float32Array(signed.length);
  buckets.each((k, from, to) => {
    const norm = norms[k]!;
    const most = norm > 0 ? levels : 0;
    for (let i = from; i < to; i++) {
      const level = signed[i]! - levels;
      if (Math.abs(level) > most) {
        throw new CorruptBodyError(
          `${id}: expected levels from ${-most} to ${most} under a norm of ${norm}, got ${level}`,
        );
      }
      values[i] = level === 0 && norm >= 0 ? 0 : (norm * level) / levels;
    }
  });
  return values;
}

/** List entry of {@link qsgd}. */
export const qsgdEntry: CodecEntry<QsgdOptions> = {
  id: 'qsgd',
  description: "every coordinate rounded at random to a few levels of its bucket's norm, without bias",
  reference:
    'Alistarh et al., QSGD: Communication-Efficient SGD via Gradient Quantization and Encoding, NeurIPS 2017',
  options: z.strictObject({
    levels: count(1, 32_767)
      .default(7)
      .describe('levels above 0: s of the paper; 7 take 4 bits a coordinate, 1 takes 2'),
    bucket: count().default(512).describe('coordinates that share a norm'),
    norm: z
      .enum(['max', 'l2'])
      .default('max')
      .describe(
        'max: the largest magnitude of a bucket; l2: its Euclidean norm, as in the theorems of the paper',
      ),
    coding: z
      .enum(['packed', 'arithmetic'])
      .default('packed')
      .describe(
        'packed: so many bits for every level; arithmetic: adaptively coded, near the entropy of the levels',
      ),
    scaled: z
      .boolean()
      .optional()
      .describe(
        'divide what arrives by 1 + min(bucket/levels², √bucket/levels), so that less is lost than sent: for differences; its mean is no longer what was sent (default: false)',
      ),
  }),
  expands: (options, length) =>
    !options.scaled && stepOf(options, Math.min(options.bucket, length)) > EXPANDING_STEP,
  create: (options, { length }) => qsgd(options, length),
};

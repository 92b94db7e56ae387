/**
 * Top-k: only the coordinates of largest magnitude are sent, each with its index. The magnitudes are those of `rank` if
 * the body has one (accumulated error, say), else those of the values.
 */
import { z } from 'zod';
import { UsageError } from '../errors.js';
import { count, share } from '../options/index.js';
import { CorruptBodyError, type VectorBody, type VectorView } from './codec.js';
import type { CodecEntry } from './entry.js';
import { indexCodings } from './indices.js';
import { fromLittleEndian, joined, toLittleEndian } from './little-endian.js';
import { largest } from './select.js';
import type { SizedCodec } from './sizes.js';
import { checkVector } from './vector.js';

/** Options of {@link topK}: exactly one of `fraction` and `k`. */
export interface TopKOptions {
  /** Share of the coordinates, 0 … 1; at least one coordinate is kept. */
  readonly fraction?: number | undefined;
  /** Number of coordinates to keep. */
  readonly k?: number | undefined;
  readonly indices: keyof typeof indexCodings;
}

/** The number of coordinates to keep, out of `length`. Throws UsageError if `k` is greater than `length`. */
export function keptOf(options: TopKOptions, length: number): number {
  if (options.k !== undefined) {
    if (options.k > length) {
      throw new UsageError(
        'bad-option',
        `top-k: expected k of at most ${length}, the length of the vector, got ${options.k}: lower k, or use fraction`,
      );
    }
    return options.k;
  }
  // 29 % of 100 is 29, but the product of the two doubles is 28.999…: rounding to 12 digits removes the binary error.
  const product = Number(((options.fraction ?? 0) * length).toPrecision(12));
  return Math.min(length, Math.max(1, Math.floor(product)));
}

/**
 * Codec that keeps the k largest of `length` coordinates; ties go to the lowest index, NaN counts as largest. Index
 * part: 4·k bytes (`u32`) or 1 to 5 bytes per index (`varint`); values: 4·k bytes, bit by bit.
 */
export function topK(options: TopKOptions, length: number): SizedCodec<VectorBody, VectorView> {
  const kept = keptOf(options, length);
  const coding = indexCodings[options.indices];
  const amount = options.k ?? `${Number(((options.fraction ?? 0) * 100).toPrecision(12))}%`;
  const id = `top-k(${amount}, ${options.indices})`;
  const indexSize = coding.size(kept);
  return {
    id,
    sizes: { ...(indexSize === undefined ? {} : { index: indexSize }), values: 4 * kept, header: 0 },
    encode(body) {
      checkVector(id, body, length);
      const indices = largest(body.rank ?? body.values, kept);
      const index = coding.encode(indices);
      const values = toLittleEndian(gatherBits(body.values, indices));
      const bytes = joined([index, values]);
      return { bytes, indexBytes: index.length, valuesBytes: values.length, headerBytes: 0 };
    },
    decode(bytes, indexBytes) {
      if (bytes.length - indexBytes !== 4 * kept) {
        throw new CorruptBodyError(
          `${id}: expected ${4 * kept} bytes after the indices, got ${bytes.length - indexBytes}`,
        );
      }
      const indices = coding.decode(bytes.subarray(0, indexBytes), kept, length);
      return { length, values: fromLittleEndian(Float32Array, bytes.subarray(indexBytes)), indices };
    },
  };
}

/** The values at `indices` as bits, since reading a NaN as a number may change its payload. */
function gatherBits(values: Float32Array, indices: Uint32Array): Uint32Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const gathered = new Uint32Array(indices.length);
  for (let i = 0; i < indices.length; i++) gathered[i] = bits[indices[i]!]!;
  return gathered;
}

/** List entry of {@link topK}. */
export const topKEntry: CodecEntry<TopKOptions> = {
  id: 'top-k',
  description: 'only the coordinates of largest magnitude, each as float32 with its index',
  sparse: true,
  reference: 'Stich, Cordonnier and Jaggi, Sparsified SGD with Memory, NeurIPS 2018',
  options: z
    .strictObject({
      fraction: share()
        .optional()
        .describe('share of the coordinates to keep; default: 10%, unless k is given'),
      k: count().optional().describe('number of coordinates to keep, instead of fraction'),
      indices: z
        .enum(['u32', 'varint'])
        .default('u32')
        .describe('u32: 4 bytes per index; varint: 1 to 5 bytes per index'),
    })
    .refine((options) => options.fraction === undefined || options.k === undefined, {
      message: 'expected fraction or k, got both: remove one of them',
    })
    // A default of the field itself would be in conflict with a given k.
    .overwrite((options) =>
      options.fraction === undefined && options.k === undefined ? { ...options, fraction: 0.1 } : options,
    ),
  create: (options, { length }) => topK(options, length),
};

/**
 * Top-k: only the coordinates of largest magnitude are sent, each with its index. The magnitudes are those of `rank` if
 * the body has one (accumulated error, say), else those of the values.
 */
import { z } from 'zod';
import { CorruptBodyError, type VectorBody, type VectorView } from './codec.js';
import type { CodecEntry } from './entry.js';
import { indexCodings } from './indices.js';
import { amountOf, gatherBits, type KeptOptions, keptOf, keptOptions, withDefaultShare } from './kept.js';
import { fromLittleEndian, joined, toLittleEndian } from './little-endian.js';
import { largest } from './select.js';
import type { SizedCodec } from './sizes.js';
import { checkVector } from './vector.js';

/** Options of {@link topK}. */
interface TopKOptions extends KeptOptions {
  readonly indices: keyof typeof indexCodings;
}

/**
 * Codec that keeps the k largest of `length` coordinates; ties go to the lowest index, NaN counts as largest. Index
 * part: 4·k bytes (`u32`) or 1 to 5 bytes per index (`varint`); values: 4·k bytes, bit by bit.
 */
export function topK(options: TopKOptions, length: number): SizedCodec<VectorBody, VectorView> {
  const kept = keptOf('top-k', options, length);
  const coding = indexCodings[options.indices];
  const id = `top-k(${amountOf(options)}, ${options.indices})`;
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

/** List entry of {@link topK}. */
export const topKEntry: CodecEntry<TopKOptions> = {
  id: 'top-k',
  description: 'only the coordinates of largest magnitude, each as float32 with its index',
  sparse: true,
  reference: 'Stich, Cordonnier and Jaggi, Sparsified SGD with Memory, NeurIPS 2018',
  options: withDefaultShare(
    z.strictObject({
      ...keptOptions,
      indices: z
        .enum(['u32', 'varint'])
        .default('u32')
        .describe('u32: 4 bytes per index; varint: 1 to 5 bytes per index'),
    }),
  ),
  create: (options, { length }) => topK(options, length),
};

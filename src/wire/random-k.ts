/**
 * Random-k: k coordinates that are drawn anew for each message. Their indices are not sent but the seed from which
 * both ends draw them. The magnitudes play no part, so `rank` is not used.
 */
import { z } from 'zod';
import { Random } from '../random.js';
import { CorruptBodyError, type VectorBody, type VectorView } from './codec.js';
import type { CodecEntry } from './entry.js';
import { amountOf, gatherBits, type KeptOptions, keptOf, keptOptions, withDefaultShare } from './kept.js';
import { fromLittleEndian, joined, toLittleEndian } from './little-endian.js';
import type { SizedCodec } from './sizes.js';
import { checkVector } from './vector.js';

const SEED_BYTES = 4;

/**
 * Codec that keeps k of `length` coordinates, drawn at random: index part 4 bytes, a seed (u32, one draw of the sender's
 * stream); values: 4·k bytes, bit by bit, in the order of their indices.
 */
export function randomK(options: KeptOptions, length: number): SizedCodec<VectorBody, VectorView> {
  const kept = keptOf('random-k', options, length);
  const id = `random-k(${amountOf(options)})`;
  const size = SEED_BYTES + 4 * kept;
  return {
    id,
    sizes: { index: SEED_BYTES, values: 4 * kept, header: 0 },
    encode(body, random) {
      checkVector(id, body, length);
      const seed = random.integer(2 ** 32);
      const values = toLittleEndian(gatherBits(body.values, drawnIndices(seed, kept, length)));
      const bytes = joined([toLittleEndian(Uint32Array.of(seed)), values]);
      return { bytes, indexBytes: SEED_BYTES, valuesBytes: values.length, headerBytes: 0 };
    },
    decode(bytes, indexBytes) {
      if (bytes.length !== size || indexBytes !== SEED_BYTES) {
        throw new CorruptBodyError(
          `${id}: expected ${size} bytes, ${SEED_BYTES} of them the seed, got ${bytes.length} bytes, ${indexBytes} of them index`,
        );
      }
      const seed = fromLittleEndian(Uint32Array, bytes.subarray(0, SEED_BYTES))[0]!;
      const values = fromLittleEndian(Float32Array, bytes.subarray(SEED_BYTES));
      return { length, values, indices: drawnIndices(seed, kept, length) };
    },
  };
}

/**
 * `count` of the numbers below `length`, ascending, every set of them as likely as any other: R. Floyd's method, with the
 * draws of the stream that is seeded by the text `random-k <seed>`.
 */
function drawnIndices(seed: number, count: number, length: number): Uint32Array {
  const random = new Random(`random-k ${seed}`);
  const isDrawn = new Uint8Array(length);
  for (let last = length - count; last < length; last++) {
    const drawn = random.integer(last + 1);
    isDrawn[isDrawn[drawn] === 1 ? last : drawn] = 1;
  }
  const indices = new Uint32Array(count);
  for (let i = 0, k = 0; k < count; i++) if (isDrawn[i] === 1) indices[k++] = i;
  return indices;
}

/** List entry of {@link randomK}. */
export const randomKEntry: CodecEntry<KeptOptions> = {
  id: 'random-k',
  description:
    'coordinates drawn at random for each message, each as float32; of their indices only a seed is sent',
  sparse: true,
  reference: 'Stich, Cordonnier and Jaggi, Sparsified SGD with Memory, NeurIPS 2018',
  options: withDefaultShare(z.strictObject(keptOptions)),
  create: (options, { length }) => randomK(options, length),
};

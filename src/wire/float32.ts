/**
 * Dense float32: 4 bytes per coordinate, bit by bit (NaN payloads and the sign of zero included). Neither end copies: the
 * body is the sender's array, which by contract nobody changes any more, and the receiver gets a view on the body.
 */
import { z } from 'zod';
import type { VectorBody, VectorView } from './codec.js';
import type { CodecEntry } from './entry.js';
import { fromLittleEndian, toLittleEndian } from './little-endian.js';
import type { SizedCodec } from './sizes.js';
import { checkLengths, checkVector } from './vector.js';

/** Codec of dense float32 vectors of `length` coordinates: exactly 4·length bytes, all values. @public */
export function float32(length: number): SizedCodec<VectorBody, VectorView> {
  const size = 4 * length;
  return {
    id: 'float32',
    sizes: { index: 0, values: size, header: 0 },
    encode(body) {
      checkVector('float32', body, length);
      return { bytes: toLittleEndian(body.values), indexBytes: 0, valuesBytes: size, headerBytes: 0 };
    },
    decode(bytes, indexBytes) {
      checkLengths('float32', { bytes, indexBytes }, { bytes: size, indexBytes: 0 });
      return { length, values: fromLittleEndian(Float32Array, bytes) };
    },
  };
}

/** List entry of {@link float32}. */
export const float32Entry: CodecEntry<Record<string, never>> = {
  id: 'float32',
  description: 'every coordinate as float32: exactly 4 bytes each, lossless',
  options: z.strictObject({}),
  create: (_options, { length }) => float32(length),
};

/** Values under a mask: the mask, one bit per coordinate, and then only the values that it keeps. */
import { PluginError } from '../errors.js';
import { CorruptBodyError, type VectorBody, type VectorView } from './codec.js';
import { fromLittleEndian, joined, toLittleEndian } from './little-endian.js';
import { packedMask } from './packed-mask.js';
import type { SizedCodec } from './sizes.js';
import { checkVector } from './vector.js';

/** A vector that is zero wherever its mask is 0. The mask has a 0 or 1 for each coordinate. */
export interface MaskedBody extends VectorBody {
  readonly mask: Uint8Array;
}

/** A masked vector as received: dense, with zero wherever the mask is 0. */
interface MaskedView extends VectorView {
  readonly mask: Uint8Array;
}

/**
 * Codec of masked vectors of `length` coordinates. Index part: the mask, ⌈length/8⌉ bytes; values: 4 bytes for each
 * coordinate that it keeps, bit by bit, in ascending order. All other coordinates must be 0, and are decoded as +0.
 */
export function maskedValues(length: number): SizedCodec<MaskedBody, MaskedView> {
  const id = `masked-values(${length})`;
  const masks = packedMask(length);
  const indexSize = Math.ceil(length / 8);
  return {
    id,
    sizes: { index: indexSize, header: 0 },
    encode(body, random) {
      checkVector(id, body, length);
      const { bytes: index } = masks.encode(body.mask, random);
      const values = toLittleEndian(keptWords(id, body));
      const bytes = joined([index, values]);
      return { bytes, indexBytes: index.length, valuesBytes: values.length, headerBytes: 0 };
    },
    decode(bytes, indexBytes) {
      if (indexBytes !== indexSize || bytes.length < indexSize) {
        throw new CorruptBodyError(
          `codec ${id}: expected a mask of ${indexSize} bytes, got ${indexBytes} of ${bytes.length} bytes`,
        );
      }
      const mask = masks.decode(bytes.subarray(0, indexSize), 0);
      const ones = onesOf(mask);
      const rest = bytes.subarray(indexSize);
      if (rest.length !== 4 * ones) {
        throw new CorruptBodyError(
          `codec ${id}: expected ${4 * ones} bytes after a mask of ${ones} ones, got ${rest.length}`,
        );
      }
      const values = new Float32Array(length);
      const words = wordsOf(values);
      const sent = fromLittleEndian(Uint32Array, rest);
      let k = 0;
      for (let i = 0; i < length; i++) if (mask[i] === 1) words[i] = sent[k++]!;
      return { length, values, mask };
    },
  };
}

function onesOf(mask: Uint8Array): number {
  let ones = 0;
  for (let i = 0; i < mask.length; i++) ones += mask[i]!;
  return ones;
}

/** The bits of the values that the mask keeps. Throws a PluginError if another value is not 0. */
function keptWords(id: string, { values, mask }: MaskedBody): Uint32Array {
  const words = wordsOf(values);
  const kept = new Uint32Array(onesOf(mask));
  let k = 0;
  for (let i = 0; i < mask.length; i++) {
    if (mask[i] === 1) {
      kept[k++] = words[i]!;
    } else if (values[i] !== 0) {
      throw new PluginError(
        `codec ${id}: expected 0 at index ${i}, where the mask is 0, got ${values[i]}; set all values there to 0`,
      );
    }
  }
  return kept;
}

/** A view of the values as bits, since reading a NaN as a number may change its payload. */
function wordsOf(values: Float32Array): Uint32Array {
  return new Uint32Array(values.buffer, values.byteOffset, values.length);
}

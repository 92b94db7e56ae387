/** Values under a mask of groups: one bit a group, and then the values of those that are kept. */
import { PluginError } from '../errors.js';
import { CorruptBodyError, type VectorBody, type VectorView } from './codec.js';
import { fromLittleEndian, joined, toLittleEndian } from './little-endian.js';
import { packedMask } from './packed-mask.js';
import type { SizedCodec } from './sizes.js';
import { checkVector } from './vector.js';

/** Coordinates in groups; both ends know it. */
export interface GroupLayout {
  /** By coordinate its group, or −1 where it is always sent. */
  readonly groupOf: Int32Array;
  readonly groups: number;
}

/** A vector that is 0 in all groups that are not kept; `kept` has a 0 or 1 for each group. */
interface GroupedBody extends VectorBody {
  readonly kept: Uint8Array;
}

/** A grouped vector as received: dense, with 0 in all groups that are not kept. */
interface GroupedView extends VectorView {
  readonly kept: Uint8Array;
}

/**
 * Codec of vectors in groups. Index part: one bit a group, ⌈groups/8⌉ bytes; values: 4 bytes for each coordinate of a group
 * that is kept or of none, bit by bit, in ascending order. All others must be 0, and are decoded as +0.
 */
export function groupedValues({ groupOf, groups }: GroupLayout): SizedCodec<GroupedBody, GroupedView> {
  const { length } = groupOf;
  const id = `grouped-values(${length}, ${groups})`;
  const masks = packedMask(groups);
  const indexSize = Math.ceil(groups / 8);
  const places = (kept: Uint8Array) => {
    const found = new Uint32Array(length);
    let count = 0;
    for (let i = 0; i < length; i++) if (groupOf[i]! < 0 || kept[groupOf[i]!] === 1) found[count++] = i;
    return found.subarray(0, count);
  };
  return {
    id,
    sizes: { index: indexSize, header: 0 },
    encode(body, random) {
      checkVector(id, body, length);
      const { bytes: index } = masks.encode(body.kept, random);
      for (let i = 0; i < length; i++)
        if (groupOf[i]! >= 0 && body.kept[groupOf[i]!] === 0 && body.values[i] !== 0)
          throw new PluginError(
            `codec ${id}: expected 0 at index ${i}, whose group is not kept, got ${body.values[i]}; set all values there to 0`,
          );
      const words = wordsOf(body.values);
      const values = toLittleEndian(places(body.kept).map((place) => words[place]!));
      return {
        bytes: joined([index, values]),
        indexBytes: indexSize,
        valuesBytes: values.length,
        headerBytes: 0,
      };
    },
    decode(bytes, indexBytes) {
      if (indexBytes !== indexSize || bytes.length < indexSize) {
        throw new CorruptBodyError(
          `codec ${id}: expected a mask of ${indexSize} bytes, got ${indexBytes} of ${bytes.length} bytes`,
        );
      }
      const kept = masks.decode(bytes.subarray(0, indexSize), 0);
      const sent = places(kept);
      const rest = bytes.subarray(indexSize);
      if (rest.length !== 4 * sent.length) {
        throw new CorruptBodyError(
          `codec ${id}: expected ${4 * sent.length} bytes of values, got ${rest.length}`,
        );
      }
      const values = new Float32Array(length);
      const words = wordsOf(values);
      const numbers = fromLittleEndian(Uint32Array, rest);
      for (let k = 0; k < sent.length; k++) words[sent[k]!] = numbers[k]!;
      return { length, values, kept };
    },
  };
}

/** A view of the values as bits, since reading a NaN as a number may change its payload. */
function wordsOf(values: Float32Array): Uint32Array {
  return new Uint32Array(values.buffer, values.byteOffset, values.length);
}

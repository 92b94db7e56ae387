/** Packed masks: one bit per element of the flat vector, eight in a byte, the lowest bit first; pad bits are 0. */
import { PluginError } from '../errors.js';
import { CorruptBodyError } from './codec.js';
import type { SizedCodec } from './sizes.js';
import { checkLengths } from './vector.js';

/** Codec of a binary mask (0 and 1) of `length` elements, which *is* the content: exactly ⌈length/8⌉ bytes of values. */
export function packedMask(length: number): SizedCodec<Uint8Array> {
  const size = Math.ceil(length / 8);
  const id = `packed-mask(${length})`;
  return {
    id,
    sizes: { index: 0, values: size, header: 0 },
    encode(mask) {
      if (!(mask instanceof Uint8Array) || mask.length !== length) {
        throw new PluginError(
          `codec ${id}: expected a Uint8Array of ${length} elements, got ${mask?.length}`,
        );
      }
      const bytes = new Uint8Array(size);
      for (let i = 0; i < length; i++) {
        if (mask[i]! > 1) throw new PluginError(`codec ${id}: expected 0 or 1 at index ${i}, got ${mask[i]}`);
        bytes[i >> 3]! |= mask[i]! << (i & 7);
      }
      return { bytes, indexBytes: 0, valuesBytes: size, headerBytes: 0 };
    },
    decode(bytes, indexBytes) {
      checkLengths(id, { bytes, indexBytes }, { bytes: size, indexBytes: 0 });
      const pad = size * 8 - length;
      if (pad > 0 && bytes[size - 1]! >> (8 - pad) !== 0) {
        throw new CorruptBodyError(`codec ${id}: expected ${pad} pad bits of 0, got a 1 among them`);
      }
      const mask = new Uint8Array(length);
      for (let i = 0; i < length; i++) mask[i] = (bytes[i >> 3]! >> (i & 7)) & 1;
      return mask;
    },
  };
}

/**
 * Finds changes to arrays that were handed over: they are hashed when they are submitted and again when they are used.
 */
import { assert } from '../errors.js';
import { type TypedArray, visitArrays } from './plain-data.js';

/** Hashes of the typed arrays of one value, by path. */
export type ArrayHashes = ReadonlyMap<string, number>;

/** The hash of every typed array in `value`. */
export function hashArrays(value: unknown): ArrayHashes {
  const hashes = new Map<string, number>();
  visitArrays(value, (array, path) => hashes.set(path, hashBits(array)));
  return hashes;
}

/** Asserts that every typed array of `value` has the bits that it had when it was hashed. `what` names the value. */
export function assertUnchanged(value: unknown, hashes: ArrayHashes, what: string): void {
  visitArrays(value, (array, path) => {
    assert(
      hashes.get(path) === hashBits(array),
      `${what}: the array at "${path}" was changed after it was handed over; make a new array instead`,
    );
  });
}

/** FNV-1a over 32-bit words. Each step is a bijection of the hash, so one changed word is always seen. */
function hashBits(array: TypedArray): number {
  const { byteLength } = array;
  const aligned = array.byteOffset % 4 === 0;
  const bytes = new Uint8Array(array.buffer, array.byteOffset, byteLength);
  const whole = aligned ? bytes : bytes.slice();
  const words = new Uint32Array(whole.buffer, whole.byteOffset, byteLength >> 2);
  let hash = 0x811c9dc5 ^ byteLength;
  for (let i = 0; i < words.length; i++) hash = Math.imul(hash ^ words[i]!, 0x01000193);
  for (let i = words.length * 4; i < byteLength; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
  return hash;
}

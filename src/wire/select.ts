/** The k coordinates of largest magnitude, by radix selection on the bits of the floats. */
import { assert } from '../errors.js';

/** Key of every NaN, above that of infinity, so that a diverged coordinate is always selected. */
const NAN_KEY = 0x7f800001;
/** Digits of a 31-bit key, from the top: 11, 10 and 10 bits. */
const DIGITS = [
  { shift: 20, bits: 11 },
  { shift: 10, bits: 10 },
  { shift: 0, bits: 10 },
] as const;

/**
 * Indices, ascending, of the `k` largest of `values` in absolute value; of equal ones those with the lowest indices. NaN
 * counts as largest. Takes time linear in `values.length`. Asserts that 0 ≤ `k` ≤ `values.length`.
 */
export function largest(values: Float32Array, k: number): Uint32Array {
  assertSelectable(values, k);
  const indices = new Uint32Array(k);
  if (k === 0) return indices;
  const keys = magnitudeKeys(values);
  const threshold = thresholdOf(keys, k);
  let ties = threshold.ties;
  let kept = 0;
  for (let i = 0; kept < k; i++) {
    const key = keys[i]!;
    if (key > threshold.key || (key === threshold.key && ties-- > 0)) indices[kept++] = i;
  }
  return indices;
}

/** 1 at the indices that {@link largest} gives, 0 elsewhere. */
export function largestMask(values: Float32Array, k: number): Uint8Array {
  assertSelectable(values, k);
  const mask = new Uint8Array(values.length);
  if (k === 0) return mask;
  const keys = magnitudeKeys(values);
  const { key: least, ties } = thresholdOf(keys, k);
  // Without a branch, which would be taken at random: keys have 31 bits.
  for (let i = 0; i < keys.length; i++) mask[i] = (least - keys[i]!) >>> 31;
  for (let i = 0, left = ties; left > 0; i++) {
    if (keys[i] !== least) continue;
    mask[i] = 1;
    left--;
  }
  return mask;
}

function assertSelectable({ length }: Float32Array, k: number): void {
  assert(
    Number.isInteger(k) && k >= 0 && k <= length,
    `expected to select 0 to ${length} of ${length} values, got ${k}`,
  );
}

/** Without the sign bit, the bits of a float32 are in the order of its magnitude. */
function magnitudeKeys(values: Float32Array): Uint32Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const keys = new Uint32Array(values.length);
  for (let i = 0; i < keys.length; i++) {
    keys[i] = Math.min(bits[i]! & 0x7fffffff, NAN_KEY);
  }
  return keys;
}

/** The k-th largest key, and how many keys equal to it are among the k largest. */
function thresholdOf(keys: Uint32Array, k: number): { readonly key: number; readonly ties: number } {
  let candidates = keys;
  let remaining = k;
  for (const { shift, bits } of DIGITS) {
    const counts = new Uint32Array(1 << bits);
    const mask = counts.length - 1;
    for (let i = 0; i < candidates.length; i++) counts[(candidates[i]! >>> shift) & mask]!++;
    let digit = mask;
    while (counts[digit]! < remaining) remaining -= counts[digit--]!;
    candidates = withDigit(candidates, { shift, mask, digit, count: counts[digit]! });
  }
  return { key: candidates[0]!, ties: remaining };
}

/** The `count` keys that have this digit. */
function withDigit(
  keys: Uint32Array,
  { shift, mask, digit, count }: { shift: number; mask: number; digit: number; count: number },
): Uint32Array {
  const found = new Uint32Array(count);
  for (let i = 0, next = 0; next < count; i++) {
    const key = keys[i]!;
    if (((key >>> shift) & mask) === digit) found[next++] = key;
  }
  return found;
}

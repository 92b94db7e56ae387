/** Longer typed arrays, for tables that double when they are full. */

/** A longer copy of a float64 array; zero behind the old content. */
export function grownFloat64(old: Float64Array, length: number): Float64Array<ArrayBuffer> {
  const grown = new Float64Array(length);
  grown.set(old);
  return grown;
}

/** A longer copy of an int32 array; `fill` behind the old content. */
export function grownInt32(old: Int32Array, length: number, fill = 0): Int32Array<ArrayBuffer> {
  const grown = new Int32Array(length).fill(fill);
  grown.set(old);
  return grown;
}

/** A copy of a uint32 array that is twice as long; zero behind the old content. */
export function grownUint32(old: Uint32Array): Uint32Array<ArrayBuffer> {
  const grown = new Uint32Array(2 * old.length);
  grown.set(old);
  return grown;
}

/**
 * Placeholders of vectors in runs that compute nothing (`timingOnly`): zeros, which all who need so many numbers share. So a
 * run knows the length of everything, and the memory and the time of a vector are spent once.
 */

const outlines = new Map<number, Float32Array>();

/** The placeholder of a vector of that length: always the same array, which nobody may change. @public */
export function outline(length: number): Float32Array {
  const known = outlines.get(length);
  if (known) return known;
  const made = new Float32Array(length);
  outlines.set(length, made);
  return made;
}

/** Whether a vector is a placeholder. */
export function isOutline(vector: Float32Array): boolean {
  return outlines.get(vector.length) === vector;
}

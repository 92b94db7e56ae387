/** Float32 numbers by their bits. */

const word = new Int32Array(1);
const number = new Float32Array(word.buffer);

/** The float32 number with these bits. */
export function floatOf(bits: number): number {
  word[0] = bits;
  return number[0]!;
}

/** The bits of a number as float32. */
export function bitsOf(value: number): number {
  number[0] = value;
  return word[0]!;
}

/**
 * Signed whole numbers in adaptive arithmetic coding. A number is told by bits, each with a model of its own: whether it is
 * 0; its magnitude m as the exponent ⌊log₂ m⌋ in unary, then the bits below the leading one from the top, of which the first
 * four know those before them; its sign, which knows the exponent. So every magnitude below 32 has a probability of
 * its own, which is learnt from the numbers before, and the size is near the numbers' empirical entropy.
 */
import { ArithmeticDecoder, ArithmeticEncoder, BitModel } from './arithmetic-coder.js';

/** The largest magnitude that can be coded: 2³⁰ − 1. */
export const INTEGER_MAX = 2 ** 30 - 1;
const EXPONENTS = 30;
/** How many bits below the leading one have models that know the bits before. */
const KNOWING = 4;

/** Encodes or decodes one bit: what encoder and decoder of a number have in common. */
type Code = (model: BitModel, bit: number) => number;

/** The models of all bits. */
class IntegerModel {
  readonly #zero = new BitModel();
  readonly #exponents = models(EXPONENTS);
  readonly #signs = models(EXPONENTS);
  /** By exponent: a tree of the first bits, numbered as a heap from 1, then one model for each bit below. */
  readonly #bits = Array.from({ length: EXPONENTS }, () => models(2 ** KNOWING + EXPONENTS));

  /** Codes `value`, which a decoder does not know, and returns what has been coded. */
  code(code: Code, value: number): number {
    if (code(this.#zero, value === 0 ? 1 : 0) === 1) return 0;
    const magnitude = Math.abs(value);
    const known = 31 - Math.clz32(magnitude);
    let exponent = 0;
    while (exponent < EXPONENTS - 1 && code(this.#exponents[exponent]!, exponent < known ? 1 : 0) === 1)
      exponent++;
    const bits = this.#bits[exponent]!;
    let prefix = 1;
    for (let place = exponent - 1; place >= 0; place--) {
      const depth = exponent - 1 - place;
      const model = bits[depth < KNOWING ? prefix : 2 ** KNOWING + depth]!;
      prefix = 2 * prefix + code(model, (magnitude >>> place) & 1);
    }
    return code(this.#signs[exponent]!, value < 0 ? 1 : 0) === 1 ? -prefix : prefix;
  }
}

function models(count: number): BitModel[] {
  return Array.from({ length: count }, () => new BitModel());
}

/** The bytes of `numbers`, whose magnitudes are at most {@link INTEGER_MAX}. */
export function compressIntegers(numbers: Int32Array): Uint8Array {
  const encoder = new ArithmeticEncoder();
  const model = new IntegerModel();
  const code: Code = (bitModel, bit) => {
    encoder.encode(bit, bitModel);
    return bit;
  };
  for (let i = 0; i < numbers.length; i++) model.code(code, numbers[i]!);
  return encoder.finish();
}

/** The `count` numbers whose bytes these are; undefined if no numbers are encoded to them (cut off, longer or damaged). */
export function decompressIntegers(bytes: Uint8Array, count: number): Int32Array | undefined {
  const decoder = new ArithmeticDecoder(bytes);
  const model = new IntegerModel();
  const code: Code = (bitModel) => decoder.decode(bitModel);
  const numbers = Int32Array.from({ length: count }, () => model.code(code, 0));
  const again = compressIntegers(numbers);
  const isSame = again.length === bytes.length && again.every((byte, k) => byte === bytes[k]);
  return isSame ? numbers : undefined;
}

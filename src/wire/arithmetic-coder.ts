/**
 * Adaptive binary arithmetic coding in whole numbers, so that encoder and decoder agree on every machine. Source:
 * I. Witten, R. Neal, J. Cleary, "Arithmetic Coding for Data Compression", CACM 1987, here with 32 bits of precision.
 */

const TOP = 2 ** 32;
const HALF = 2 ** 31;
const QUARTER = 2 ** 30;
/** Probabilities are multiples of 1/SCALE. */
const SCALE = 2 ** 16;

/**
 * Counts the bits so far, and estimates the probability that the next one is 1: (ones + ½) / (bits + 1), the estimator of
 * Krichevsky and Trofimov, in steps of 1/SCALE and never 0 or 1.
 */
export class BitModel {
  #ones = 0;
  #bits = 0;

  /** Probability of a 1, in units of 1/65,536: 1 … 65,535. All products are below 2⁵³. */
  get probability(): number {
    const scaled = Math.floor(((2 * this.#ones + 1) * SCALE) / (2 * this.#bits + 2));
    return Math.min(Math.max(scaled, 1), SCALE - 1);
  }

  update(bit: number): void {
    this.#ones += bit;
    this.#bits++;
  }
}

/** Encodes bits with the probabilities of their models. */
export class ArithmeticEncoder {
  #low = 0;
  #high = TOP - 1;
  /** Number of bits to write after the next one, each its inverse. */
  #pending = 0;
  readonly #bytes: number[] = [];
  #byte = 0;
  #filled = 0;

  encode(bit: number, model: BitModel): void {
    const split = splitOf(this.#low, this.#high, model);
    if (bit === 1) this.#high = split - 1;
    else this.#low = split;
    model.update(bit);
    for (;;) {
      if (this.#high < HALF) this.#write(0);
      else if (this.#low >= HALF) {
        this.#write(1);
        this.#low -= HALF;
        this.#high -= HALF;
      } else if (this.#low >= QUARTER && this.#high < HALF + QUARTER) {
        this.#pending++;
        this.#low -= QUARTER;
        this.#high -= QUARTER;
      } else return;
      this.#low *= 2;
      this.#high = 2 * this.#high + 1;
    }
  }

  /** Ends the encoding and returns all bytes; the last one is padded with zero bits. */
  finish(): Uint8Array {
    this.#pending++;
    this.#write(this.#low < QUARTER ? 0 : 1);
    if (this.#filled > 0) this.#bytes.push(this.#byte << (8 - this.#filled));
    return Uint8Array.from(this.#bytes);
  }

  #write(bit: number): void {
    this.#put(bit);
    for (; this.#pending > 0; this.#pending--) this.#put(1 - bit);
  }

  #put(bit: number): void {
    this.#byte = (this.#byte << 1) | bit;
    if (++this.#filled < 8) return;
    this.#bytes.push(this.#byte);
    this.#byte = 0;
    this.#filled = 0;
  }
}

/** Decodes the bytes of an {@link ArithmeticEncoder}; past their end it reads zeros. */
export class ArithmeticDecoder {
  readonly #bytes: Uint8Array;
  #place = 0;
  #low = 0;
  #high = TOP - 1;
  #code = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    for (let k = 0; k < 32; k++) this.#code = 2 * this.#code + this.#next();
  }

  decode(model: BitModel): number {
    const split = splitOf(this.#low, this.#high, model);
    const bit = this.#code < split ? 1 : 0;
    if (bit === 1) this.#high = split - 1;
    else this.#low = split;
    model.update(bit);
    for (;;) {
      let base: number;
      if (this.#high < HALF) base = 0;
      else if (this.#low >= HALF) base = HALF;
      else if (this.#low >= QUARTER && this.#high < HALF + QUARTER) base = QUARTER;
      else return bit;
      this.#low = 2 * (this.#low - base);
      this.#high = 2 * (this.#high - base) + 1;
      this.#code = 2 * (this.#code - base) + this.#next();
    }
  }

  #next(): number {
    const at = this.#place++;
    return ((this.#bytes[at >> 3] ?? 0) >> (7 - (at & 7))) & 1;
  }
}

/** Where the interval is split: codes below mean 1. No part is empty, since high − low ≥ 2³⁰ whenever a bit is coded. */
function splitOf(low: number, high: number, model: BitModel): number {
  return low + Math.floor(((high - low + 1) * model.probability) / SCALE);
}

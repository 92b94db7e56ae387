/**
 * A 64-bit fingerprint of a sequence of numbers, the same on every machine: two lanes of 32-bit integer arithmetic
 * (each a round of MurmurHash3 with its own constants). It distinguishes runs, but does not protect against deliberate
 * collisions.
 */

/** The values of the two lanes. */
export type FingerprintState = readonly [number, number];

// Reads a float64 as two words. DataView fixes the byte order, which a plain overlay would take from the machine.
const scratch = new DataView(new ArrayBuffer(8));

/** Fed with words and numbers in order; every one of them, and the order, changes the result. */
export class Fingerprint {
  #a = 0x243f6a88;
  #b = 0x05a308d3;

  /** Mixes in one 32-bit word. */
  word(value: number): void {
    let a = Math.imul(value, 0xcc9e2d51);
    a = this.#a ^ Math.imul((a << 15) | (a >>> 17), 0x1b873593);
    this.#a = (Math.imul((a << 13) | (a >>> 19), 5) + 0xe6546b64) | 0;
    let b = Math.imul(value, 0x239b961b);
    b = this.#b ^ Math.imul((b << 16) | (b >>> 16), 0x38b34ae5);
    this.#b = (Math.imul((b << 17) | (b >>> 15), 5) + 0x561ccd1b) | 0;
  }

  /** Mixes in a number by the bits of its float64; all NaN count as one, whose bits differ between engines. */
  number(value: number): void {
    scratch.setFloat64(0, value);
    const isNumber = !Number.isNaN(value);
    this.word(isNumber ? scratch.getInt32(0) : 0x7ff80000);
    this.word(isNumber ? scratch.getInt32(4) : 0);
  }

  /** Mixes in a text by its length and UTF-16 code units. */
  text(value: string): void {
    this.word(value.length);
    for (let i = 0; i < value.length; i++) this.word(value.charCodeAt(i));
  }

  /** 16 hexadecimal digits. The lanes are stirred into each other first, so that each digit depends on all input. */
  hex(): string {
    const a = avalanche(this.#a + this.#b);
    const b = avalanche(this.#b + Math.imul(a, 5));
    return [a, b].map((lane) => (lane >>> 0).toString(16).padStart(8, '0')).join('');
  }

  save(): FingerprintState {
    return [this.#a, this.#b];
  }

  load(state: FingerprintState): void {
    this.#a = state[0] | 0;
    this.#b = state[1] | 0;
  }
}

/** The fingerprint of one text, as a 32-bit word. */
export function wordOf(text: string): number {
  const fingerprint = new Fingerprint();
  fingerprint.text(text);
  return Number.parseInt(fingerprint.hex().slice(0, 8), 16) | 0;
}

/** The finaliser of MurmurHash3: each bit of the input flips about half of the output. */
function avalanche(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

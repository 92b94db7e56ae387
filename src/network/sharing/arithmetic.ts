/**
 * Exact arithmetic of bits, rates and times. A rate in bits per second times a time in nanoseconds is a whole number
 * of 10⁻⁹ bits ("nanobits"), so what is left of a transfer is kept as whole bits plus 0 … 10⁹ − 1 nanobits, and
 * nothing is ever rounded but the time at which it ends.
 */
import type { BitsPerSecond, Bytes, Nanoseconds } from '../../units.js';

/** The greatest bandwidth that a link may have; more is `unlimited`. Keeps every intermediate result below 2^53. */
export const MAX_BANDWIDTH: BitsPerSecond = 9e12;

const BILLION = 1e9;
// Below this many bits, bits · 10⁹ plus a rate is a safe integer.
const SHORT = 8.9e6;

/** The least whole number of nanoseconds in which `rate` carries the bits and nanobits; 0 on an unlimited link. */
export function timeToSend(bits: number, rate: BitsPerSecond, nanobits = 0): Nanoseconds {
  if (rate === Number.POSITIVE_INFINITY) return 0;
  if (bits < SHORT) {
    const total = bits * BILLION + nanobits;
    const quotient = Math.floor(total / rate);
    // The division may have rounded up to the next whole number; the remainder tells, as it is exact.
    return total > quotient * rate ? quotient + 1 : quotient;
  }
  // Long division, three decimal digits at a time.
  let rest = bits % rate;
  let quotient = (bits - rest) / rate;
  for (const unit of [1e6, 1e3, 1]) {
    const dividend = rest * 1000 + (Math.floor(nanobits / unit) % 1000);
    rest = dividend % rate;
    quotient = quotient * 1000 + (dividend - rest) / rate;
  }
  return rest > 0 ? quotient + 1 : quotient;
}

/** Whole bits that `rate` carries in a time, rounded down. */
export function bitsIn(rate: BitsPerSecond, time: Nanoseconds): number {
  const product = rate * time;
  if (product <= Number.MAX_SAFE_INTEGER) {
    const bits = Math.floor(product / BILLION);
    return bits * BILLION > product ? bits - 1 : bits;
  }
  // Whole seconds, and for the rest of the time the millions of the rate and what it has below a million.
  const rest = time % BILLION;
  const below = rate % 1e6;
  const millions = ((rate - below) / 1e6) * rest;
  const thousandths = millions % 1000;
  const last = thousandths * 1e6 + below * rest;
  return (
    rate * ((time - rest) / BILLION) + (millions - thousandths) / 1000 + (last - (last % BILLION)) / BILLION
  );
}

/** Takes what `rate` carries in a time off the remainder at `index`, exactly; at most all of it. */
export function carry(
  rest: { readonly bits: Float64Array; readonly nanobits: Float64Array },
  index: number,
  rate: BitsPerSecond,
  time: Nanoseconds,
): void {
  const whole = bitsIn(rate, time);
  // A number below 10⁹ is known from its last 32 bits, and `imul` keeps those of a product, however great that is.
  const fraction = (Math.imul(rate, time) - Math.imul(whole, BILLION)) >>> 0;
  let bits = rest.bits[index]! - whole;
  let nanobits = rest.nanobits[index]! - fraction;
  if (nanobits < 0) {
    nanobits += BILLION;
    bits--;
  }
  rest.bits[index] = Math.max(0, bits);
  rest.nanobits[index] = bits < 0 ? 0 : nanobits;
}

/** Whole bytes that have left of `total`, where that many bits and nanobits are still to be sent. */
export function bytesGone(total: Bytes, bits: number, nanobits: number): Bytes {
  return Math.floor((8 * total - bits - (nanobits > 0 ? 1 : 0)) / 8);
}

/**
 * Exact arithmetic of bits, rates and times. A rate in whole bits per second times a time in nanoseconds is a whole number
 * of 10⁻⁹ bits ("nanobits"), so what is left of a transfer is kept as whole bits plus 0 … 10⁹ − 1 nanobits, and
 * nothing is ever rounded but the time at which it ends. Of a rate with a fraction, a multiple of 2⁻³² bit/s, what it has
 * carried is rounded down to nanobits whenever the rate changes.
 */
import type { BitsPerSecond, Bytes, Nanoseconds } from '../../units.js';

/** The greatest bandwidth that a link may have; more is `unlimited`. Keeps every intermediate result below 2^53. */
export const MAX_BANDWIDTH: BitsPerSecond = 9e12;

const BILLION = 1e9;
const WORD = 2 ** 32;
const HALF_WORD = 2 ** 16;
// Below this many bits, bits · 10⁹ plus a rate is a safe integer.
const SHORT = 8.9e6;

/**
 * The least whole number of nanoseconds in which `rate` carries the bits and nanobits; 0 on an unlimited link, Infinity
 * where the rate is 0. Exact up to 2^53 − 1; what is longer is greater than that.
 */
export function timeToSend(bits: number, rate: BitsPerSecond, nanobits = 0): Nanoseconds {
  if (rate === Number.POSITIVE_INFINITY) return 0;
  if (rate === 0) return Number.POSITIVE_INFINITY;
  if (rate !== Math.floor(rate)) return timeAtFraction(bits, rate, nanobits);
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

/** {@link timeToSend} of a rate with a fraction: the quotient of doubles, put right by what is carried until then. */
function timeAtFraction(bits: number, rate: BitsPerSecond, nanobits: number): Nanoseconds {
  let time = Math.ceil((bits * BILLION + nanobits) / rate);
  if (time > Number.MAX_SAFE_INTEGER) return Number.POSITIVE_INFINITY;
  const suffices = (time: Nanoseconds): boolean => {
    const sent = carried(rate, time);
    return sent.bits > bits || (sent.bits === bits && sent.nanobits >= nanobits);
  };
  while (!suffices(time)) time++;
  while (time > 0 && suffices(time - 1)) time--;
  return time;
}

/** What a rate with a fraction carries in a time: whole bits and nanobits, rounded down to these. */
function carried(
  rate: BitsPerSecond,
  time: Nanoseconds,
): { readonly bits: number; readonly nanobits: number } {
  const floor = Math.floor(rate);
  const bits = bitsIn(floor, time);
  // The fraction of the rate in 2⁻³² bit/s times the time, of which the upper word is nanobits: long multiplication.
  const parts = (rate - floor) * WORD;
  const lower = time % WORD;
  const middle =
    parts * Math.floor(lower / HALF_WORD) + Math.floor((parts * (lower % HALF_WORD)) / HALF_WORD);
  const more = parts * Math.floor(time / WORD) + Math.floor(middle / HALF_WORD);
  const nanobits = nanobitsIn(floor, time, bits) + (more % BILLION);
  return {
    bits: bits + Math.floor(more / BILLION) + Math.floor(nanobits / BILLION),
    nanobits: nanobits % BILLION,
  };
}

/** What a whole rate carries in a time beside the whole bits. */
function nanobitsIn(rate: BitsPerSecond, time: Nanoseconds, bits: number): number {
  // A number below 10⁹ is known from its last 32 bits, and `imul` keeps those of a product, however great that is.
  return (Math.imul(rate, time) - Math.imul(bits, BILLION)) >>> 0;
}

/** Takes what `rate` carries in a time off the remainder at `index`; at most all of it. */
export function carry(
  rest: { readonly bits: Float64Array; readonly nanobits: Float64Array },
  index: number,
  rate: BitsPerSecond,
  time: Nanoseconds,
): void {
  let whole: number;
  let fraction: number;
  if (rate === Math.floor(rate)) {
    whole = bitsIn(rate, time);
    fraction = nanobitsIn(rate, time, whole);
  } else ({ bits: whole, nanobits: fraction } = carried(rate, time));
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

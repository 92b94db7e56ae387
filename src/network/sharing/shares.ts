/**
 * Equal shares of what is left of a capacity, rounded down to a unit: to whole bits per second, or to 2⁻³² bit/s. All sums
 * are exact, so no share depends on the order in which flows are looked at.
 */
import type { BitsPerSecond } from '../../units.js';

/** The finer unit, in bits per second. */
export const FINE_UNIT = 2 ** -32;

const PARTS = 2 ** 32;
/** From here on a rate is a double with fewer than 32 binary places, so shares are rounded down to what there are. */
const EXACT_BELOW = 2 ** 21;

/** How many units of 2⁻³² bit/s the last place of a rate with `whole` bits per second is worth, and so its rounding. */
export function fineStep(whole: BitsPerSecond): number {
  return 2 ** (32 - Math.clz32(whole / EXACT_BELOW));
}

/**
 * ⌊(whole + parts ÷ 2³²) ÷ count⌋ in units of 2⁻³² bit/s, as a rate. `whole` may be up to 2^43, `parts` is a whole number of
 * at most 2^52 on either side of 0, and there are up to 2^20 to share; together they are at least 0.
 */
export function fineShare(whole: number, parts: number, count: number): BitsPerSecond {
  const carried = Math.floor(parts / PARTS);
  const dividend = whole + carried;
  const rest = dividend % count;
  const quotient = (dividend - rest) / count;
  const step = fineStep(quotient);
  const fraction = wholeQuotient(rest * PARTS + (parts - carried * PARTS), count);
  return quotient + (fraction - (fraction % step)) * FINE_UNIT;
}

/** What of a rate is below a whole bit per second, in units of 2⁻³² bit/s. */
export function partsOf(rate: BitsPerSecond): number {
  return (rate - Math.floor(rate)) * PARTS;
}

function wholeQuotient(dividend: number, divisor: number): number {
  return (dividend - (dividend % divisor)) / divisor;
}

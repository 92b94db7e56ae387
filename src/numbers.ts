/** Small arithmetic for all floors. */

/** Comparator of numbers, ascending. */
export function byNumber(a: number, b: number): number {
  return a - b;
}

/** The numbers added up in the order of the list; 0 for an empty one. */
export function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** A quota that is less than this below a whole number counts as that number: the difference is rounding. */
const SLACK = 1e-9;

/**
 * Whole numbers that add up to `total`, each its quota rounded down or up, by the largest-remainder method; of equal
 * remainders the first is rounded up. The quotas are ≥ 0 and add up to `total`, apart from rounding.
 */
export function roundToTotal(quotas: readonly number[], total: number): number[] {
  const counts = quotas.map((quota) => Math.floor(quota + SLACK));
  const remainder = (k: number): number => quotas[k]! - counts[k]!;
  const order = quotas.map((_, k) => k).sort((a, b) => remainder(b) - remainder(a) || a - b);
  for (const k of order.slice(0, total - sum(counts))) counts[k]! += 1;
  return counts;
}

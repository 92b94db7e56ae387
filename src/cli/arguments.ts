/** Values of command-line options. */
import { UsageError } from '../errors.js';

/** Most seeds that one command runs: a slip of a digit is no plan. */
const MOST_SEEDS = 10_000;

/** `7` → [7]; `1..5` → [1, 2, 3, 4, 5]. Throws UsageError. */
export function parseSeeds(text: string): number[] {
  const match = /^(\d+)(?:\.\.(\d+))?$/.exec(text);
  const first = Number(match?.[1]);
  const last = Number(match?.[2] ?? match?.[1]);
  if (!match || !Number.isSafeInteger(last) || last < first || last - first >= MOST_SEEDS) {
    throw new UsageError('bad-seed', `expected a seed such as 1 or seeds such as 1..5, got "${text}"`);
  }
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

/** `2` → 2; 0 … 256. Throws UsageError. */
export function parseWorkers(text: string): number {
  const workers = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(workers <= 256)) {
    throw new UsageError('bad-workers', `expected a whole number of workers from 0 to 256, got "${text}"`);
  }
  return workers;
}

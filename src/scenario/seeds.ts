/** Seeds as text, on the command line and in scenarios. */
import { z } from 'zod';
import { UsageError } from '../errors.js';

/** Greatest number of seeds of one command: more are probably a mistyped digit. */
const SEEDS_MAX = 10_000;

/** `7` → [7]; `1..5` → [1, 2, 3, 4, 5]. Throws UsageError. */
export function parseSeeds(text: string): number[] {
  const match = /^(\d+)(?:\.\.(\d+))?$/.exec(text);
  const first = Number(match?.[1]);
  const last = Number(match?.[2] ?? match?.[1]);
  if (!match || !Number.isSafeInteger(last) || last < first || last - first >= SEEDS_MAX) {
    throw new UsageError(
      'bad-seed',
      `expected a seed such as 1, or at most ${SEEDS_MAX} seeds such as 1..5, got "${text}"`,
    );
  }
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

/** A seed, a list of seeds, or text such as `1..5`. */
export const seedsSchema = z
  .union([z.int().min(0), z.string(), z.array(z.int().min(0)).min(1)])
  .transform((given, context) => {
    if (Array.isArray(given)) return given;
    try {
      return parseSeeds(String(given));
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      context.addIssue(error.message);
      return z.NEVER;
    }
  });

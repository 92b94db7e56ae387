/** Parsers of the values of command-line options. */
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

/** `2` → 2; 0 … 256. Throws UsageError. */
export function parseWorkers(text: string): number {
  const workers = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(workers <= 256)) {
    throw new UsageError('bad-workers', `expected a whole number of workers from 0 to 256, got "${text}"`);
  }
  return workers;
}

/** `2` → 2; 1 … 1024. Throws UsageError. */
export function parseJobs(text: string): number {
  const jobs = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (jobs >= 1 && jobs <= 1024) return jobs;
  throw new UsageError('bad-jobs', `expected a whole number of jobs from 1 to 1024, got "${text}"`);
}

/** Bounds of the sides of a figure, in pixels. */
const SIDE = { least: 200, most: 10_000 };

/** `640` → 640 pixels. Throws UsageError. */
export function parseSide(text: string): number {
  const side = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (side >= SIDE.least && side <= SIDE.most) return side;
  throw new UsageError(
    'bad-size',
    `expected a whole number of pixels from ${SIDE.least} to ${SIDE.most}, got "${text}"`,
  );
}

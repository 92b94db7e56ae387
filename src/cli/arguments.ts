/** Parsers of the values of command-line options. */
import { InvalidArgumentError } from 'commander';
import { UsageError } from '../errors.js';

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

/** A parser whose errors the command line reports as those of the option. */
export function asArgument<T>(parse: (text: string) => T): (text: string) => T {
  return (text) => {
    try {
      return parse(text);
    } catch (error) {
      throw new InvalidArgumentError((error as Error).message);
    }
  };
}

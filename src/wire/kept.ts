/** How many coordinates a sparse codec keeps, and their values. */
import type { z } from 'zod';
import { UsageError } from '../errors.js';
import { count, share } from '../options/index.js';

/** Exactly one of `fraction` and `k`. */
export interface KeptOptions {
  /** Share of the coordinates, 0 … 1; at least one coordinate is kept. */
  readonly fraction?: number | undefined;
  /** Number of coordinates to keep. */
  readonly k?: number | undefined;
}

/** Schemas of {@link KeptOptions}. */
export const keptOptions = {
  fraction: share().optional().describe('share of the coordinates to keep; default: 10%, unless k is given'),
  k: count().optional().describe('number of coordinates to keep, instead of fraction'),
};

/** Refuses `fraction` beside `k`, and sets a fraction of 10% where neither is given. */
export function withDefaultShare<Options extends KeptOptions>(
  schema: z.ZodType<Options>,
): z.ZodType<Options> {
  return (
    schema
      .refine((options) => options.fraction === undefined || options.k === undefined, {
        message: 'expected fraction or k, got both: remove one of them',
      })
      // A default of the field itself would be in conflict with a given k.
      .overwrite((options) =>
        options.fraction === undefined && options.k === undefined ? { ...options, fraction: 0.1 } : options,
      )
  );
}

/** The number of coordinates to keep, out of `length`. Throws UsageError if `k` is greater than `length`. */
export function keptOf(codec: string, options: KeptOptions, length: number): number {
  if (options.k !== undefined) {
    if (options.k > length) {
      throw new UsageError(
        'bad-option',
        `${codec}: expected k of at most ${length}, the length of the vector, got ${options.k}: lower k, or use fraction`,
      );
    }
    return options.k;
  }
  // 29 % of 100 is 29, but the product of the two doubles is 28.999…: rounding to 12 digits removes the binary error.
  const product = Number(((options.fraction ?? 0) * length).toPrecision(12));
  return Math.min(length, Math.max(1, Math.floor(product)));
}

/** The amount as in the names of codecs: `7%`, or `20`. */
export function amountOf({ fraction, k }: KeptOptions): string {
  return k === undefined ? `${Number(((fraction ?? 0) * 100).toPrecision(12))}%` : String(k);
}

/** The values at `indices` as bits, since reading a NaN as a number may change its payload. */
export function gatherBits(values: Float32Array, indices: Uint32Array): Uint32Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const gathered = new Uint32Array(indices.length);
  for (let i = 0; i < indices.length; i++) gathered[i] = bits[indices[i]!]!;
  return gathered;
}

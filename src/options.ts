/** Zod schemas for options with units, shared by every list entry, so that `mycel list` can print units and defaults. */
import { z } from 'zod';
import { UsageError } from './errors.js';
import { parseBandwidth, parseBytes, parseDuration, parseShare, parseSpeed } from './units.js';

/** `"35ms"` → nanoseconds. A default is written as text too: `duration().prefault('30s')`. */
export const duration = () => unit('duration, such as "35ms"', parseDuration);
/** `"10Mbps"` → bits per second. */
export const bandwidth = () => unit('bandwidth, such as "10Mbps"', parseBandwidth);
/** `"1.5MB"` → bytes. */
export const size = () => unit('size, such as "1.5MB"', parseBytes);
/** `"2GFLOPS"` → floating-point operations per second. */
export const speed = () => unit('speed, such as "2GFLOPS"', parseSpeed);
/** `"1%"` → 0.01. */
export const share = () => unit('share, such as "1%"', parseShare);
/** A whole number of at least `least`. */
export const count = (least = 1) => z.int().min(least);

/** What a branch of a schema says of all that a file can hold, since it is for objects that code puts there. */
export const CODE_ONLY = 'expected an entry of the user’s own';

function unit(name: string, parse: (text: string) => number) {
  return z
    .string({ error: (issue) => `expected a ${name}, got ${JSON.stringify(issue.input)}` })
    .meta({ unit: name })
    .transform((text, context) => {
      try {
        return parse(text);
      } catch (error) {
        if (!(error instanceof UsageError)) throw error;
        context.addIssue({ code: 'custom', message: error.message });
        return z.NEVER;
      }
    });
}

/**
 * What every list (`algorithms`, `topologies`, `splits`, …) holds: a name, a line about it, and its options with
 * their defaults. A scenario names an entry by `use`, and gives the options beside it.
 */
export interface Entry<Options> {
  /** Kebab-case name, as in a scenario's `use`. */
  readonly id: string;
  /** One line for `mycel list`. */
  readonly description: string;
  /** A strict zod object: unknown keys are errors, every default lives here, `.describe()` gives unit and meaning. */
  readonly options: z.ZodType<Options>;
  /** Authors, title, venue, year, where there is a source. */
  readonly reference?: string;
}

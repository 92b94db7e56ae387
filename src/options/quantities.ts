/** Schemas of options with units, which are text in a scenario and whole numbers in code. */
import { z } from 'zod';
import { UsageError } from '../errors.js';
import { parseBandwidth, parseBytes, parseDuration, parseShare, parseSpeed, unitPatterns } from '../units.js';

/** `"35ms"` → nanoseconds. A default is written as text too: `duration().prefault('30s')`. @public */
export const duration = () => unit('duration', 'duration, such as "35ms"', parseDuration);
/** `"10Mbps"` → bits per second. @public */
export const bandwidth = () => unit('bandwidth', 'bandwidth, such as "10Mbps"', parseBandwidth);
/** `"1.5MB"` → bytes. @public */
export const size = () =>
  unit('size', 'size, such as "1.5MB"', parseBytes, (bare) => `a number needs its unit, as in "${bare}B"`);
/** `"2GFLOPS"` → floating-point operations per second. @public */
export const speed = () => unit('speed', 'speed, such as "2GFLOPS"', parseSpeed);
/** `"1%"` → 0.01. @public */
export const share = () => unit('share', 'share, such as "1%"', parseShare, asShare);
/** Most of what can be counted, where nothing else is said: more is a mistake. @public */
export const COUNT_MAX = 1e9;

/** A whole number from `least` to `most`. @public */
export const count = (least = 1, most = COUNT_MAX) => z.int().min(least).max(most);

/** @param fix what to write in place of a bare number; by default, the number with the unit of the example */
function unit<Value extends number>(
  kind: keyof typeof unitPatterns,
  name: string,
  parse: (text: string) => Value,
  fix = (bare: number) => `a number needs its unit, as in "${bare}${/[a-zA-Z]+(?="$)/.exec(name)?.[0]}"`,
) {
  const error = ({ input }: { readonly input?: unknown }) =>
    typeof input === 'number' && Number.isFinite(input)
      ? `expected a ${name}, got ${input}: ${fix(input)}`
      : `expected a ${name}`;
  return z
    .string({ error })
    .meta({ unit: name, pattern: unitPatterns[kind] })
    .transform((text, context): Value => {
      try {
        return parse(text);
      } catch (error) {
        if (!(error instanceof UsageError)) throw error;
        context.addIssue({ code: 'custom', message: error.message });
        return z.NEVER;
      }
    });
}

/** A share that somebody has given as a number: as a fraction, or in percent. */
function asShare(bare: number): string {
  if (bare === 1) return 'write "100%" for all, "1%" for one in a hundred';
  const percent = Number((bare < 1 ? 100 * bare : bare).toPrecision(12));
  return percent >= 0 && percent <= 100 ? `write "${percent}%"` : 'a share is at most "100%"';
}

/**
 * Units and their text forms. In code a unit is a type, in files and columns a suffix, in scenarios text
 * (`"35ms"`, `"10Mbps"`, `"1.5MB"`, `"2GFLOPS"`, `"1%"`); a number without its unit is an error.
 */
import { quoted, UsageError } from './errors.js';

/**
 * A number whose type names its unit. The tag exists for the compiler only, and is optional: a plain number (a literal,
 * the result of a sum) can be used where a tagged one is expected, but a number with one tag cannot be used where another
 * tag is expected.
 * @public
 */
export type Tagged<Tag extends string> = number & { readonly tag?: Tag };

/** Virtual time or a duration: a whole number of nanoseconds, at most 2^53 − 1 (104 days). @public */
export type Nanoseconds = Tagged<'nanoseconds'>;
/** A size: a whole number of bytes. @public */
export type Bytes = Tagged<'bytes'>;
/** A bandwidth: a whole number of bits per second. @public */
export type BitsPerSecond = Tagged<'bits per second'>;
/** A computing speed: floating-point operations per second. @public */
export type FlopsPerSecond = Tagged<'operations per second'>;
/** A round, by its number from 0, or a number of rounds. Every node counts its own. @public */
export type Round = Tagged<'round'>;

const DURATIONS: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  ms: 1e6,
  s: 1e9,
  min: 60e9,
  h: 3600e9,
  d: 86400e9,
};
const SIZES: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1e3,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
};
const BANDWIDTHS: Readonly<Record<string, number>> = { bps: 1, kbps: 1e3, Kbps: 1e3, Mbps: 1e6, Gbps: 1e9 };
const SPEEDS: Readonly<Record<string, number>> = { FLOPS: 1, MFLOPS: 1e6, GFLOPS: 1e9, TFLOPS: 1e12 };
const SHARES: Readonly<Record<string, number>> = { '%': 0.01 };

/** Source of a regular expression for the texts of each kind of quantity, for the schema of scenario files. */
export const unitPatterns = {
  duration: patternOf(DURATIONS),
  size: patternOf(SIZES),
  bandwidth: patternOf(BANDWIDTHS),
  speed: patternOf(SPEEDS),
  share: patternOf(SHARES),
} as const;

function patternOf(units: Readonly<Record<string, number>>): string {
  return `^\\s*\\d+(\\.\\d+)?(e[+-]?\\d+)?\\s*(${Object.keys(units).join('|')})\\s*$`;
}

/** `"35ms"` → 35,000,000. Rounded up to a whole nanosecond. Throws UsageError. @public */
export function parseDuration(text: string): Nanoseconds {
  const value = Math.ceil(parseUnit(text, DURATIONS, 'a duration such as "35ms" or "2h"'));
  return checkTime(value, text);
}

/** `"1.5MB"` → 1,500,000. Throws UsageError, also if that is not a whole number of bytes. @public */
export function parseBytes(text: string): Bytes {
  return whole(parseUnit(text, SIZES, 'a size such as "1.5MB"'), text, 'bytes');
}

/** `"10Mbps"` → 10,000,000 bits per second, at least 1. Throws UsageError. @public */
export function parseBandwidth(text: string): BitsPerSecond {
  const value = whole(parseUnit(text, BANDWIDTHS, 'a bandwidth such as "10Mbps"'), text, 'bits per second');
  if (value < 1)
    throw new UsageError('bad-unit', `expected a bandwidth of at least 1bps, got ${quoted(text)}`);
  return value;
}

/** `"2GFLOPS"` → 2e9, above zero. Throws UsageError. */
export function parseSpeed(text: string): FlopsPerSecond {
  const value = parseUnit(text, SPEEDS, 'a speed such as "2GFLOPS"');
  if (value <= 0) throw new UsageError('bad-unit', `expected a speed above zero, got ${quoted(text)}`);
  return value;
}

/** `"1%"` → 0.01; between 0 % and 100 %. Throws UsageError. */
export function parseShare(text: string): number {
  const value = parseUnit(text, SHARES, 'a share such as "1%"');
  if (value > 1) throw new UsageError('bad-unit', `expected a share of at most 100%, got ${quoted(text)}`);
  return value;
}

/** A time as text for people: three significant digits in the largest unit that fits (`1.25 s`). @public */
export function formatDuration(ns: Nanoseconds): string {
  if (ns >= 7200e9) return `${significant(ns / 3600e9)} h`;
  if (ns >= 180e9) return `${significant(ns / 60e9)} min`;
  if (ns >= 1e9) return `${significant(ns / 1e9)} s`;
  if (ns >= 1e6) return `${significant(ns / 1e6)} ms`;
  if (ns >= 1e3) return `${significant(ns / 1e3)} µs`;
  return `${ns} ns`;
}

/** A size as text for people: three significant digits in SI units (`1.25 MB`). @public */
export function formatBytes(bytes: Bytes): string {
  if (bytes >= 1e9) return `${significant(bytes / 1e9)} GB`;
  if (bytes >= 1e6) return `${significant(bytes / 1e6)} MB`;
  if (bytes >= 1e3) return `${significant(bytes / 1e3)} kB`;
  return `${bytes} B`;
}

/**
 * Returns a time in nanoseconds. Throws UsageError, with the text `what` and the place `path`, unless it is a safe integer of
 * at least 0.
 */
export function checkTime(ns: number, what: string, path = ''): Nanoseconds {
  if (!Number.isSafeInteger(ns) || ns < 0) {
    throw new UsageError('time-range', `expected a time between 0 and 104 days, got ${what}`, path);
  }
  return ns;
}

function parseUnit(text: string, units: Readonly<Record<string, number>>, expected: string): number {
  const match = /^\s*(\d+(?:\.\d+)?(?:e[+-]?\d+)?)\s*([^\d\s]+)\s*$/.exec(text);
  const value = match && Object.hasOwn(units, match[2]!) ? Number(match[1]) * units[match[2]!]! : Number.NaN;
  if (!Number.isFinite(value)) {
    throw new UsageError(
      'bad-unit',
      `expected ${expected}, got ${quoted(text)} (units: ${Object.keys(units).join(', ')})`,
    );
  }
  // Decimal text is meant exactly: rounding to 15 digits removes the binary error (1.1 s = 1,100,000,000 ns).
  return Number.isSafeInteger(value) ? value : Number(value.toPrecision(15));
}

function whole(value: number, text: string, unit: string): number {
  if (!Number.isSafeInteger(value)) {
    throw new UsageError('bad-unit', `expected a whole number of ${unit}, got ${quoted(text)}`);
  }
  return value;
}

function significant(value: number): string {
  // From 999.5 on, three digits would come out as 1.00e+3.
  return value >= 999.5 ? value.toFixed(0) : value.toPrecision(3);
}

/** When a node of a trace goes up and down. */
import type { Nanoseconds } from '../../units.js';

/** A node is up from `from` on, and no longer at `to`. */
export interface Interval {
  readonly from: Nanoseconds;
  readonly to: Nanoseconds;
}

/** How long a trace is, and what follows it: it begins again, or its nodes are up, or down, for good. */
export interface TraceEnd {
  readonly period: Nanoseconds;
  readonly after: 'repeat' | 'up' | 'down';
}

/** Stands for a change that does not come. */
export const NEVER = Number.POSITIVE_INFINITY;

/**
 * When a node goes up or down, in turn, ascending: within each period where the trace repeats, else from the start. Its intervals are
 * in order and do not touch each other.
 */
export function changesOf(own: readonly Interval[], { period, after }: TraceEnd): readonly Nanoseconds[] {
  const ends = own.flatMap(({ from, to }) => [from, to]);
  const isUpAtEnd = ends.at(-1) === period;
  if (after === 'down') return ends;
  if (after === 'up') return isUpAtEnd ? ends.slice(0, -1) : [...ends, period];
  if (!isUpAtEnd) return ends;
  // The end of a period is the beginning of the next one: a node that is up at both does not change there.
  return ends[0] === 0 ? ends.slice(1, -1) : [0, ...ends.slice(0, -1)];
}

/** The first of these changes after `now`; {@link NEVER} where there is none within the range of times. */
export function nextChange(
  changes: readonly Nanoseconds[],
  now: Nanoseconds,
  { period, after }: TraceEnd,
): Nanoseconds {
  if (changes.length === 0) return NEVER;
  const begin = after === 'repeat' ? now - (now % period) : 0;
  const within = changes[firstAfter(changes, now - begin)];
  if (within === undefined && after !== 'repeat') return NEVER;
  const next = begin + (within ?? period + changes[0]!);
  return next <= Number.MAX_SAFE_INTEGER ? next : NEVER;
}

/** Where the first of these ascending times after `time` stands; their number where there is none. */
function firstAfter(times: readonly Nanoseconds[], time: Nanoseconds): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (times[middle]! > time) high = middle;
    else low = middle + 1;
  }
  return low;
}

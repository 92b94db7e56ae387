/** What a transport is: it says how fast a sender may send, whatever the links carry. */
import { callPlugin, expectPlugin } from '../../errors.js';
import type { Chosen, Entry } from '../../options/index.js';
import type { BitsPerSecond, Bytes, Nanoseconds } from '../../units.js';
import { MAX_BANDWIDTH } from '../sharing/arithmetic.js';

/** What a transport knows of an attempt. @public */
export interface TransportAttempt {
  readonly from: number;
  readonly to: number;
  /** All that is sent. */
  readonly bytes: Bytes;
  /** One way. */
  readonly latency: Nanoseconds;
}

/**
 * How fast one attempt may be sent. After `delay` there is a round for each window, in which that many bytes may be sent,
 * and what earlier rounds have left; after them all the rest, at most at `limit`.
 * @public
 */
export interface Pace {
  /** From the start of the attempt to its first byte; at least 0. */
  readonly delay: Nanoseconds;
  /** Bytes of each round, each at least 1. */
  readonly windows: readonly Bytes[];
  /** The length of a round, at least 1. */
  readonly round: Nanoseconds;
  /** Above 0; Infinity where only the links limit. */
  readonly limit: BitsPerSecond;
}

/** A transport. @public */
export interface TransportEntry<Options> extends Entry<Options> {
  /**
   * The pace of an attempt, which follows from the arguments alone; undefined where only the links limit it. A transport without this
   * method limits none.
   */
  pace?(options: Options, attempt: TransportAttempt): Pace | undefined;
}

/** Any transport, for lists. @public */
// biome-ignore lint/suspicious/noExplicitAny: entries of one list differ in their options.
export type AnyTransport = TransportEntry<any>;

/** The pace of any attempt, checked: PluginErrors name the transport. Undefined where it limits none. */
export function paceOf({
  entry,
  options,
}: Chosen<AnyTransport>): ((attempt: TransportAttempt) => Pace | undefined) | undefined {
  if (entry.pace === undefined) return undefined;
  const what = `transport "${entry.id}"`;
  return (attempt) => {
    const pace = callPlugin(what, () => entry.pace!(options, attempt));
    if (pace === undefined) return undefined;
    const { delay, windows, round, limit } = pace;
    expectPlugin(Number.isSafeInteger(delay) && delay >= 0, what, `whole nanoseconds as delay, got ${delay}`);
    expectPlugin(Number.isSafeInteger(round) && round > 0, what, `whole nanoseconds as round, got ${round}`);
    const wrong = windows.find((bytes) => !Number.isSafeInteger(bytes) || bytes < 1);
    expectPlugin(wrong === undefined, what, `windows of at least 1 byte, got ${wrong}`);
    expectPlugin(limit > 0, what, `a limit above 0, got ${limit}`);
    return limit > MAX_BANDWIDTH ? { ...pace, limit: Number.POSITIVE_INFINITY } : pace;
  };
}

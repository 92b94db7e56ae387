/** What a model of latency is: it decides how long a byte travels between two nodes. */
import { callPlugin, PluginError } from '../../errors.js';
import type { Chosen, Entry } from '../../options/index.js';
import type { Random } from '../../random.js';
import type { Nanoseconds } from '../../units.js';

/** A model of latency. @public */
export interface LatencyEntry<Options> extends Entry<Options> {
  /**
   * The latency of one attempt: whole nanoseconds of at least 0. `random` returns the random stream of the link; a model
   * without chance does not call it.
   */
  draw(options: Options, random: () => Random): Nanoseconds;
}

/** Any model of latency, for lists. @public */
// biome-ignore lint/suspicious/noExplicitAny: entries of one list differ in their options.
export type AnyLatency = LatencyEntry<any>;

/** A model of latency with its options. */
type ChosenLatency = Chosen<AnyLatency>;

/**
 * The latency of one attempt, from the chosen model. Throws a PluginError where the model gives anything but a whole
 * number of nanoseconds of at least 0.
 */
export function drawLatency({ entry, options }: ChosenLatency, random: () => Random): Nanoseconds {
  const what = () => `latency "${entry.id}"`;
  const drawn = callPlugin(what, () => entry.draw(options, random));
  if (Number.isSafeInteger(drawn) && drawn >= 0) return drawn;
  throw new PluginError(`${what()}: expected a whole number of nanoseconds of at least 0, got ${drawn}`);
}

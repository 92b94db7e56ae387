/** Models of latency: the list that a scenario's `network.latency` names one of. */
import { z } from 'zod';
import { callPlugin, PluginError } from '../errors.js';
import { type Chosen, duration, type Entry, type List } from '../options/index.js';
import type { Random } from '../random.js';
import { checkTime, type Nanoseconds } from '../units.js';

/** A model of latency. */
export interface LatencyEntry<Options> extends Entry<Options> {
  /** Latency of one attempt. `random` gives the link's own stream; a model that needs no chance does not ask for it. */
  draw(options: Options, random: () => Random): Nanoseconds;
}

/** Any model of latency. */
// biome-ignore lint/suspicious/noExplicitAny: entries of one list differ in their options.
export type AnyLatency = LatencyEntry<any>;

const constantOptions = z.strictObject({
  value: duration().describe('latency of every message'),
});

/** The same latency for all. */
const constant: LatencyEntry<z.output<typeof constantOptions>> = {
  id: 'constant',
  description: 'the same latency for every message',
  options: constantOptions,
  draw: (options) => options.value,
};

const uniformOptions = z
  .strictObject({
    from: duration().describe('least latency'),
    to: duration().describe('greatest latency, not below `from`'),
  })
  .refine(({ from, to }) => from <= to, {
    path: ['to'],
    message: 'expected a latency that is not below `from`',
  });

/** Uniform over [from, to], drawn for each attempt, rounded up to the nanosecond. */
const uniform: LatencyEntry<z.output<typeof uniformOptions>> = {
  id: 'uniform',
  description: 'drawn for each message, all latencies between two bounds equally likely',
  options: uniformOptions,
  draw: (options, random) => Math.ceil(options.from + (options.to - options.from) * random().uniform()),
};

const logNormalOptions = z.strictObject({
  median: duration().describe('half of the messages are faster'),
  sigma: z
    .number()
    .min(0)
    .max(5)
    .describe('standard deviation of the natural logarithm; 0 … 5, without a unit'),
});

/** median · e^(sigma · normal), drawn for each attempt, rounded up to the nanosecond. Throws UsageError past 104 days. */
const logNormal: LatencyEntry<z.output<typeof logNormalOptions>> = {
  id: 'log-normal',
  description: 'drawn for each message from a log-normal distribution: a long tail of late ones',
  options: logNormalOptions,
  draw: (options, random) =>
    checkTime(
      Math.ceil(options.median * Math.exp(options.sigma * random().normal())),
      'a latency beyond it drawn by network.latency (log-normal); lower its sigma',
    ),
};

/** Every model of latency. */
export const latencies: readonly AnyLatency[] = [constant, uniform, logNormal];

/** {@link latencies} as a list to choose from. */
export const latencyList: List<AnyLatency> = { what: 'latency', entries: latencies, functions: ['draw'] };

/** A model of latency with its options. */
export type ChosenLatency = Chosen<AnyLatency>;

/**
 * Latency of one attempt, by whatever model was chosen. A network cannot go on with half a nanosecond, so that is refused
 * where it arises. Throws PluginError.
 */
export function drawLatency({ entry, options }: ChosenLatency, random: () => Random): Nanoseconds {
  const what = () => `latency "${entry.id}"`;
  const drawn = callPlugin(what, () => entry.draw(options, random));
  if (Number.isSafeInteger(drawn) && drawn >= 0) return drawn;
  throw new PluginError(`${what()}: expected a whole number of nanoseconds of at least 0, got ${drawn}`);
}

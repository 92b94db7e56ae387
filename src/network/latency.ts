/** Models of latency: the list that a scenario's `network.latency` names one of. */
import { z } from 'zod';
import { callPlugin, PluginError } from '../errors.js';
import { CODE_ONLY, duration, type Entry } from '../options.js';
import type { Random } from '../random.js';
import { checkTime, type Nanoseconds } from '../units.js';

/** A model of latency. */
export interface LatencyEntry<Options> extends Entry<Options> {
  /** Latency of one attempt. `random` gives the link's own stream; a model that needs no chance does not ask for it. */
  draw(options: Options, random: () => Random): Nanoseconds;
}

const constantOptions = z.strictObject({
  value: duration().describe('latency of every message'),
});

/** The same latency for all. */
export const constant: LatencyEntry<z.output<typeof constantOptions>> = {
  id: 'constant',
  description: 'the same latency for every message',
  options: constantOptions,
  draw: (options) => options.value,
};

const uniformOptions = z.strictObject({
  from: duration().describe('least latency'),
  to: duration().describe('greatest latency, not below `from`'),
});

/** Uniform over [from, to], drawn for each attempt, rounded up to the nanosecond. */
export const uniform: LatencyEntry<z.output<typeof uniformOptions>> = {
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
export const logNormal: LatencyEntry<z.output<typeof logNormalOptions>> = {
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
export const latencies = [constant, uniform, logNormal] as const;

/** The options of `network.latency` for a model of the list: an entry's, and its name under `use`. */
export const latencyOptions = z.discriminatedUnion('use', [
  constantOptions.extend({ use: z.literal('constant') }),
  uniformOptions.extend({ use: z.literal('uniform') }).refine((options) => options.from <= options.to, {
    path: ['to'],
    message: 'expected a latency that is not below `from`',
  }),
  logNormalOptions.extend({ use: z.literal('log-normal') }),
]);

/** A model of the user's own, with its validated options. */
export interface OwnLatency {
  // biome-ignore lint/suspicious/noExplicitAny: entries differ in their options.
  readonly use: LatencyEntry<any>;
  readonly options: unknown;
}

/** Accepts an {@link OwnLatency} as it is. */
export const ownLatency = z.custom<OwnLatency>(
  (value) => typeof (value as Partial<OwnLatency> | undefined)?.use?.draw === 'function',
  CODE_ONLY,
);

/** A model of latency with its options. */
export type LatencyOptions = z.output<typeof latencyOptions> | OwnLatency;

/** Draws from whatever model the options name. */
export function drawLatency(options: LatencyOptions, random: () => Random): Nanoseconds {
  if (isOwn(options)) return drawOwn(options, random);
  switch (options.use) {
    case 'constant':
      return constant.draw(options, random);
    case 'uniform':
      return uniform.draw(options, random);
    case 'log-normal':
      return logNormal.draw(options, random);
  }
}

function isOwn(options: LatencyOptions): options is OwnLatency {
  return typeof options.use === 'object';
}

/** A network cannot go on with half a nanosecond, so that is refused where it arises. */
function drawOwn({ use, options }: OwnLatency, random: () => Random): Nanoseconds {
  const what = `latency "${use.id}"`;
  const drawn = callPlugin(what, () => use.draw(options, random));
  if (Number.isSafeInteger(drawn) && drawn >= 0) return drawn;
  throw new PluginError(`${what}: expected a whole number of nanoseconds of at least 0, got ${drawn}`);
}

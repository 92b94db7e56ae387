/** `log-normal`: median · e^(sigma · normal), a long tail of late messages. */
import { z } from 'zod';
import { duration } from '../../options/index.js';
import { checkTime } from '../../units.js';
import type { LatencyEntry } from './latency.js';

const options = z.strictObject({
  median: duration().describe('median latency: half of the messages are faster'),
  sigma: z
    .number()
    .min(0)
    .max(5)
    .describe('standard deviation of the natural logarithm of the latency; 0 … 5, without a unit'),
});

/** Drawn for each attempt, rounded up to the nanosecond. Throws a UsageError where that is beyond 104 days. */
export const logNormal: LatencyEntry<z.output<typeof options>> = {
  id: 'log-normal',
  description: 'drawn for each message from a log-normal distribution: a long tail of late ones',
  options,
  draw: ({ median, sigma }, random) =>
    checkTime(
      Math.ceil(median * Math.exp(sigma * random().normal())),
      'a latency beyond it drawn by network.latency (log-normal); lower its sigma',
    ),
};

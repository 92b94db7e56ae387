/** `uniform`: all latencies between two bounds are equally likely. */
import { z } from 'zod';
import { duration } from '../../options/index.js';
import type { LatencyEntry } from './latency.js';

const options = z
  .strictObject({
    from: duration().describe('least latency'),
    to: duration().describe('greatest latency, not below `from`'),
  })
  .refine(({ from, to }) => from <= to, {
    path: ['to'],
    message: 'expected a latency that is not below `from`',
  });

/** Drawn for each attempt, rounded up to the nanosecond. */
export const uniform: LatencyEntry<z.output<typeof options>> = {
  id: 'uniform',
  description: 'drawn for each message, all latencies between two bounds equally likely',
  options,
  draw: ({ from, to }, random) => Math.ceil(from + (to - from) * random().uniform()),
};

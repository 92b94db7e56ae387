/** `constant`: the same latency for every message. */
import { z } from 'zod';
import { duration } from '../../options/index.js';
import type { LatencyEntry } from './latency.js';

const options = z.strictObject({
  value: duration().describe('latency of every message'),
});

/** Draws nothing. */
export const constant: LatencyEntry<z.output<typeof options>> = {
  id: 'constant',
  description: 'the same latency for every message',
  options,
  draw: ({ value }) => value,
};

/** Equal weights. */
import { z } from 'zod';
import { type MixingEntry, rowOf } from './entry.js';

/**
 * 1 / (1 + in-degree) for everything received and for the node itself. Row-stochastic; the columns sum to 1 only on regular
 * topologies, so on others the mean over the nodes moves.
 */
export const uniform: MixingEntry<Record<string, never>> = {
  id: 'uniform',
  description: 'the same weight for all neighbours and the node itself: 1 / (1 + in-degree)',
  options: z.strictObject({}),
  rows: (neighbors) =>
    neighbors.in.map((incoming) => rowOf(new Float64Array(incoming.length).fill(1 / (1 + incoming.length)))),
};

/** Equal weights. */
import { z } from 'zod';
import { type MixingEntry, rowOf } from './entry.js';

/**
 * 1 / (1 + in-degree) for the models of all neighbours and for the node's own. The rows sum to 1; the columns do so only
 * on regular topologies, so on others mixing changes the mean over the nodes.
 */
export const uniform: MixingEntry<Record<string, never>> = {
  id: 'uniform',
  description: 'the same weight for all neighbours and the node itself: 1 / (1 + in-degree)',
  options: z.strictObject({}),
  rows: (neighbors) =>
    neighbors.in.map((incoming) => rowOf(new Float64Array(incoming.length).fill(1 / (1 + incoming.length)))),
};

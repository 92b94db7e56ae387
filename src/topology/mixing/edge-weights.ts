/** The weights that the topology itself has. */
import { z } from 'zod';
import { UsageError } from '../../errors.js';
import { type MixingEntry, rowOf } from './entry.js';

/**
 * W_ij is the weight of the link from j to i, and W_ii is the rest of the row. Where both directions of each link have the same
 * weight, as in a file of undirected edges, the columns sum to 1 too.
 */
export const edgeWeights: MixingEntry<Record<string, never>> = {
  id: 'edge-weights',
  description:
    'the weights of the topology’s links, from a file or from matcha; the rest stays with the node',
  options: z.strictObject({}),
  rows: (neighbors) =>
    neighbors.in.map((incoming, to) =>
      rowOf(
        Float64Array.from(incoming, (from) => {
          const weight = neighbors.weight?.(from, to);
          if (weight !== undefined) return weight;
          throw new UsageError(
            'no-weights',
            `expected a topology whose links have weights for edge-weights mixing, got none from ${from} to ${to}: use a file ` +
              'with weights, matcha, or another mixing rule',
            'topology',
          );
        }),
      ),
    ),
};

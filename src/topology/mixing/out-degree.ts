/** Equal shares for all receivers: column-stochastic, for push-sum. */
import { z } from 'zod';
import type { MixingEntry } from './entry.js';

/**
 * w_ij = 1 / (1 + out-degree of j): what node j has goes to its out-neighbours and itself in equal shares, so the sum over the
 * nodes is preserved on any directed topology, and a node need not know more than to how many it sends. Rows sum to 1 only
 * where all nodes have the same degrees.
 */
export const outDegree: MixingEntry<Record<string, never>> = {
  id: 'out-degree',
  description: '1 / (1 + out-degree of the sender): column-stochastic, for push-sum methods',
  reference:
    'Nedić and Olshevsky, Distributed optimization over time-varying directed graphs, IEEE Transactions on Automatic Control 2015',
  options: z.strictObject({}),
  columnStochastic: true,
  rows({ in: incoming, out }) {
    const share = (node: number) => 1 / (1 + out[node]!.length);
    return incoming.map((list, node) => ({
      self: share(node),
      neighbors: Float64Array.from(list, share),
    }));
  },
};

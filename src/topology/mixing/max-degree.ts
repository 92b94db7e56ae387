/** One weight for all links, from the largest degree. */
import { z } from 'zod';
import { UsageError } from '../../errors.js';
import { type MixingEntry, rowOf } from './entry.js';

/**
 * W_ij = 1 / (1 + the largest degree of all nodes), and W_ii is the rest. The columns sum to 1 too where every node has as
 * many in- as out-neighbours, as in any undirected topology and in a directed ring. Xiao and Boyd, Systems & Control Letters
 * 53, 2004.
 */
export const maxDegree: MixingEntry<Record<string, never>> = {
  id: 'max-degree',
  description:
    '1 / (1 + the largest degree of all nodes), the same for all links: doubly stochastic; every node needs as many in- as out-neighbours',
  reference:
    'Xiao and Boyd, Fast linear iterations for distributed averaging, Systems & Control Letters 2004',
  options: z.strictObject({}),
  doublyStochastic: true,
  rows({ in: incoming, out }) {
    const unbalanced = incoming.findIndex((list, node) => list.length !== out[node]!.length);
    if (unbalanced >= 0) {
      throw new UsageError(
        'unbalanced-topology',
        `expected a topology in which every node has as many in- as out-neighbours for max-degree mixing, got node ${unbalanced} ` +
          `with ${incoming[unbalanced]!.length} in- and ${out[unbalanced]!.length} out-neighbours: use an undirected ` +
          'topology, or mixing: uniform',
        'topology',
      );
    }
    const largest = incoming.reduce((most, { length }) => Math.max(most, length), 0);
    return incoming.map(({ length }) => rowOf(new Float64Array(length).fill(1 / (1 + largest))));
  },
};

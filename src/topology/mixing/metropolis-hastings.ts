/** Metropolis–Hastings weights. */
import { z } from 'zod';
import { UsageError } from '../../errors.js';
import { isSymmetric } from '../neighbor-lists.js';
import { type MixingEntry, rowOf } from './entry.js';

/**
 * W_ij = 1 / (1 + max(degree i, degree j)), and W_ii is the rest. W is symmetric, so its columns sum to 1 as well and the
 * mean over the nodes is preserved. Xiao and Boyd, Systems & Control Letters 53, 2004.
 */
export const metropolisHastings: MixingEntry<Record<string, never>> = {
  id: 'metropolis-hastings',
  description: '1 / (1 + the larger degree of the two ends): doubly stochastic; needs an undirected topology',
  reference:
    'Xiao and Boyd, Fast linear iterations for distributed averaging, Systems & Control Letters 2004',
  options: z.strictObject({}),
  doublyStochastic: true,
  rows(neighbors) {
    if (!isSymmetric(neighbors)) {
      throw new UsageError(
        'asymmetric-topology',
        'expected an undirected topology for metropolis-hastings mixing, got links in one direction only: ' +
          'use an undirected topology, or mixing: uniform',
        'topology',
      );
    }
    return neighbors.in.map((incoming) =>
      rowOf(
        Float64Array.from(
          incoming,
          (from) => 1 / (1 + Math.max(incoming.length, neighbors.in[from]!.length)),
        ),
      ),
    );
  },
};

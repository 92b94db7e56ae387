/** Mixing weights: how a node averages its own model with what its neighbours send. */
import { UsageError } from '../errors.js';
import { isSymmetric } from './neighbor-lists.js';
import type { MixingRow, MixingRule, Neighbors } from './neighbors.js';

/**
 * One row a node. Law: the neighbours' weights added up in order, then `self`, make exactly 1.
 *
 * - `metropolis-hastings`: W_ij = 1 / (1 + max(degree i, degree j)), self the rest. Symmetric, so the columns sum to 1
 *   as well and the mean over nodes is kept; needs a topology in which every link has its opposite (Xiao and Boyd,
 *   Systems & Control Letters 53, 2004).
 * - `uniform`: 1 / (1 + in-degree) for each of those received and for the node itself. The columns sum to 1 only on
 *   regular topologies.
 *
 * Throws UsageError where the rule does not fit the topology.
 */
export function mixingRows(neighbors: Neighbors, rule: MixingRule): MixingRow[] {
  if (rule === 'metropolis-hastings' && !isSymmetric(neighbors)) {
    throw new UsageError(
      'asymmetric-topology',
      'expected an undirected topology for metropolis-hastings mixing, got links without their opposite: ' +
        'use an undirected topology, or mixing: uniform',
      'topology',
    );
  }
  return neighbors.in.map((incoming) => {
    const weights = Float64Array.from(incoming, (from) => {
      const degree =
        rule === 'uniform' ? incoming.length : Math.max(incoming.length, neighbors.in[from]!.length);
      return 1 / (1 + degree);
    });
    return { self: 1 - weights.reduce((sum, weight) => sum + weight, 0), neighbors: weights };
  });
}

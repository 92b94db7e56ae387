/** The public part of a dataset, as an algorithm sees it. */
import type { Dataset } from '../data/dataset.js';
import { UsageError } from '../errors.js';
import type { NodeContext } from './algorithm.js';

/** The rows that every node has. Throws a UsageError where the scenario's data have none. */
export function publicRows(node: Pick<NodeContext, 'constant'>): Uint32Array {
  const { id, train, test, shared = 0 } = node.constant('dataset') as Dataset;
  if (shared === 0) {
    throw new UsageError(
      'no-public-rows',
      `expected data with public rows (such as shared: 1000), got "${id}" without any`,
      'data.shared',
    );
  }
  return Uint32Array.from({ length: shared }, (_, k) => train + test + k);
}

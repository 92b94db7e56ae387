/** The public part of a dataset, as an algorithm sees it. */
import type { Dataset } from '../data/dataset.js';
import { UsageError } from '../errors.js';
import type { NodeContext } from './algorithm.js';

/** The rows that every node has. Throws a UsageError where the scenario's data have none. @public */
export function publicRows(node: Pick<NodeContext, 'constant'>): Uint32Array {
  const { id, train, test, publicRows: count = 0 } = node.constant('dataset') as Dataset;
  if (count === 0) {
    throw new UsageError(
      'no-public-rows',
      `expected data with public rows, got "${id}" without any; set data.publicRows (such as 1000)`,
      'data.publicRows',
    );
  }
  return Uint32Array.from({ length: count }, (_, k) => train + test + k);
}

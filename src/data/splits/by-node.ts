/** Row i belongs to node i: for data that are made with one row a node. */
import { z } from 'zod';
import { UsageError } from '../../errors.js';
import { rowRange, type Split, toShards } from '../split.js';

/** Node i trains on row i and is tested on row i of the test part, where there is one. */
export const byNode: Split<Record<string, never>> = {
  id: 'by-node',
  description: 'row i to node i, for data with one row a node (quadratic)',
  options: z.strictObject({}),
  split(_options, context) {
    const { dataset, nodes } = context;
    if (dataset.train !== nodes || (dataset.test !== nodes && dataset.test !== 0)) {
      throw new UsageError(
        'not-by-node',
        `expected data with one training sample for each of ${nodes} nodes and as many test samples or none, ` +
          `got ${dataset.train} and ${dataset.test} ("${dataset.id}")`,
        'data.split.use',
      );
    }
    const own = Array.from({ length: nodes }, (_, node) => rowRange(node, 1));
    const test = own.map((_, node) => rowRange(nodes + node, dataset.test === 0 ? 0 : 1));
    return toShards(own, test, context);
  },
};

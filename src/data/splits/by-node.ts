/** Block i of the rows belongs to node i: for data that are generated for each node. */
import { z } from 'zod';
import { UsageError } from '../../errors.js';
import { rowRange, type Split, toShards } from '../split.js';

/** The training part is cut into one block per node, in order, and so is the test part, if there is one. */
export const byNode: Split<Record<string, never>> = {
  id: 'by-node',
  description: 'node i has block i of the rows, for data that are generated for each node, such as quadratic',
  options: z.strictObject({}),
  split(_options, context) {
    const { dataset, nodes } = context;
    const { train, test } = dataset;
    if (train < nodes || train % nodes !== 0 || test % nodes !== 0) {
      throw new UsageError(
        'not-by-node',
        `expected data with equally many training samples, at least one, for each of ${nodes} nodes, and equally ` +
          `many test samples or none, got ${train} and ${test} from "${dataset.id}": use quadratic or ` +
          'linear-representation, or another split',
        'data.split.use',
      );
    }
    const blocks = (from: number, size: number) =>
      Array.from({ length: nodes }, (_, node) => rowRange(from + node * size, size));
    return toShards(blocks(0, train / nodes), blocks(train, test / nodes), context);
  },
};

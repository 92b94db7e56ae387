/** Equal shares of the training rows, drawn at random. */
import { z } from 'zod';
import { count } from '../../options/index.js';
import { dealRows, requireRows, rowRange, type Split, testRows, toShards } from '../split.js';

/** Options of `iid`. */
interface IidOptions {
  readonly samples?: number | undefined;
}

/** The sizes of the shards differ by at most one row, the larger ones first; every node has all test rows. */
export const iid: Split<IidOptions> = {
  id: 'iid',
  description: 'equal shares drawn at random; every node is tested on all test samples',
  options: z.strictObject({
    samples: count()
      .optional()
      .describe(
        'exact number of samples per node, validation included; default: all samples, in equal shares',
      ),
  }),
  deals: ({ samples }, { nodes }) => (samples === undefined ? 'all' : samples * nodes),
  split({ samples }, context) {
    requireRows(context);
    const { dataset, nodes, random } = context;
    const request = { nodes, samples, what: 'training samples', path: 'data.split.samples' };
    const own = dealRows(rowRange(0, dataset.train), request, random('rows'));
    const test = testRows(dataset);
    return toShards(
      own,
      own.map(() => test),
      context,
    );
  },
};

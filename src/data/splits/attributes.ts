/** One objective per node: all nodes have samples of one kind, and each learns one of their labels. */
import { z } from 'zod';
import { UsageError } from '../../errors.js';
import { count } from '../../options/index.js';
import { dealRows, rowRange, type Split, testRows, toShards } from '../split.js';

/** Options of `attributes`. */
interface AttributesOptions {
  readonly samples?: number | undefined;
}

/** Node i learns attribute i mod attributes. Training rows are distributed as by `iid`; every node has all test rows. */
export const attributes: Split<AttributesOptions> = {
  id: 'attributes',
  description: 'node i learns label i of data with several labels per sample; samples distributed at random',
  options: z.strictObject({
    samples: count()
      .optional()
      .describe(
        'exact number of samples per node, validation included; default: all samples, in equal shares',
      ),
  }),
  deals: ({ samples }, { nodes }) => (samples === undefined ? 'all' : samples * nodes),
  split({ samples }, context) {
    const { dataset, nodes, random } = context;
    const { attributes: labels = 1 } = dataset;
    if (labels < 2) {
      throw new UsageError(
        'no-attributes',
        `expected data with several labels per sample, such as gaussian-attributes, for the split "attributes", got "${dataset.id}", which has one`,
        'data.split.use',
      );
    }
    const path = samples === undefined ? 'data.train' : 'data.split.samples';
    const request = { nodes, samples, what: 'training samples', path };
    const own = dealRows(rowRange(0, dataset.train), request, random('rows'));
    const test = testRows(dataset);
    return toShards(
      own,
      own.map(() => test),
      context,
      own.map((_, node) => ({ attribute: node % labels })),
    );
  },
};

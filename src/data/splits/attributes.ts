/** One objective a node: the nodes share the kind of samples, and each learns another of their labels. */
import { z } from 'zod';
import { UsageError } from '../../errors.js';
import { count } from '../../options/index.js';
import { dealRows, rowRange, type Split, testRows, toShards } from '../split.js';

/** Options of `attributes`. */
interface AttributesOptions {
  readonly samples?: number | undefined;
}

/** Node i learns attribute i mod attributes. Training rows are dealt out as `iid` does it; test rows are all of them. */
export const attributes: Split<AttributesOptions> = {
  id: 'attributes',
  description: 'node i learns label i of data with several labels a sample; samples dealt out at random',
  options: z.strictObject({
    samples: count()
      .optional()
      .describe(
        'exact number of samples a node, validation included; where it is left out, all are dealt out',
      ),
  }),
  split({ samples }, context) {
    const { dataset, nodes, random } = context;
    const { attributes: labels = 1 } = dataset;
    if (labels < 2) {
      throw new UsageError(
        'no-attributes',
        `expected data with several labels a sample (gaussian-attributes, say) for the split "attributes", got "${dataset.id}" with one`,
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

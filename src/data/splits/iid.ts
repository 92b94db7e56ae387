/** Equal shares of the training rows, drawn at random. */
import { z } from 'zod';
import { UsageError } from '../../errors.js';
import { count } from '../../options.js';
import { requireRows, rowRange, type Split, toShards } from '../split.js';

/** Options of `iid`. */
export interface IidOptions {
  readonly samples?: number | undefined;
}

/** Sizes differ by at most one row, the larger shards first; the test rows of every node are the whole test part. */
export const iid: Split<IidOptions> = {
  id: 'iid',
  description: 'equal shares drawn at random; every node is tested on all test samples',
  options: z.strictObject({
    samples: count()
      .optional()
      .describe(
        'exact number of samples a node, validation included; where it is left out, all are dealt out',
      ),
  }),
  split({ samples }, context) {
    requireRows(context);
    const { dataset, nodes, random } = context;
    if (samples !== undefined && samples * nodes > dataset.train) {
      throw new UsageError(
        'too-few-samples',
        `expected at most ${Math.floor(dataset.train / nodes)} samples for each of ${nodes} nodes ` +
          `(there are ${dataset.train} training samples), got ${samples}`,
        'data.split.samples',
      );
    }
    const rows = random('rows').shuffle(rowRange(0, dataset.train));
    const size = samples ?? Math.floor(dataset.train / nodes);
    const larger = samples === undefined ? dataset.train % nodes : 0;
    const test = rowRange(dataset.train, dataset.test);
    let from = 0;
    const own = Array.from({ length: nodes }, (_, node) => {
      const part = rows.slice(from, from + size + (node < larger ? 1 : 0));
      from += part.length;
      return part;
    });
    return toShards(
      own,
      own.map(() => test),
      context,
    );
  },
};

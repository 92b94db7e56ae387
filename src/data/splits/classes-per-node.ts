/** Label skew by classes: each node holds a few classes only. */
import { z } from 'zod';
import { UsageError } from '../../errors.js';
import { count } from '../../options/index.js';
import { assignEvenly } from '../class-assignment.js';
import { requireClasses, requireRows, rowsByClass, type Split, toShards } from '../split.js';

/** Options of `classes-per-node`. */
interface ClassesPerNodeOptions {
  readonly classes: number;
  readonly samples?: number | undefined;
}

/**
 * Node by node, each takes the `classes` classes that the fewest nodes hold so far, ties broken at random: so the
 * numbers of holders of two classes differ by at most one, and every class is held where nodes × classes allow it.
 * The rows of a class, shuffled, are shared out equally among its holders, whose parts differ by at most one row, or
 * are `samples` rows each; rows of classes that nobody holds are left out. A node is tested on all test rows of its classes.
 */
export const classesPerNode: Split<ClassesPerNodeOptions> = {
  id: 'classes-per-node',
  description: 'each node holds a fixed number of classes; tested on all test samples of these',
  reference:
    'McMahan, Moore, Ramage, Hampson, Arcas: Communication-Efficient Learning of Deep Networks from Decentralized Data, AISTATS 2017 (pathological split)',
  options: z.strictObject({
    classes: count().describe('distinct classes that each node holds'),
    samples: count()
      .optional()
      .describe(
        'exact number of samples of each of its classes that a node gets, validation included; where it is left out, all are dealt out',
      ),
  }),
  split({ classes, samples }, context) {
    const { dataset, nodes, random } = context;
    requireClasses(dataset, 'classes-per-node');
    requireRows(context);
    if (classes > dataset.classes) {
      throw new UsageError(
        'too-many-classes',
        `expected at most ${dataset.classes} classes a node, which is what "${dataset.id}" has, got ${classes}`,
        'data.split.classes',
      );
    }
    const held = assignEvenly({ nodes, perNode: classes, classes: dataset.classes }, random('classes'));
    const trainRows = rowsByClass(dataset, 'train');
    const testRows = rowsByClass(dataset, 'test');
    const own: number[][] = held.map(() => []);
    for (const [label, rows] of trainRows.entries()) {
      const holders = held.flatMap((labels, node) => (labels.includes(label) ? [node] : []));
      const least = (samples ?? 1) * holders.length;
      if (rows.length < least) {
        throw new UsageError(
          'too-few-samples',
          `expected at least ${samples ?? 'one'} training sample${(samples ?? 1) > 1 ? 's' : ''} of class ${label} ` +
            `for each of its ${holders.length} nodes, got ${rows.length}`,
          'data.train',
        );
      }
      random(`class ${label}/rows`).shuffle(rows);
      const dealt = samples === undefined ? rows : rows.subarray(0, least);
      for (const [k, row] of dealt.entries())
        if (holders.length > 0) own[holders[k % holders.length]!]!.push(row);
    }
    return toShards(
      own.map((rows) => Uint32Array.from(rows)),
      held.map((labels) => Uint32Array.from(labels.flatMap((label) => [...testRows[label]!]))),
      context,
    );
  },
};

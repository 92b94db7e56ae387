/** Label skew by classes: each node has only a few classes. */
import { z } from 'zod';
import { UsageError } from '../../errors.js';
import { count } from '../../options/index.js';
import type { Random } from '../../random.js';
import { assignEvenly } from '../class-assignment.js';
import { alphaOption, dirichletWeights } from '../dirichlet-shares.js';
import { matchedTestRows } from '../matched-test.js';
import {
  apportion,
  countLabels,
  requireClasses,
  requireRows,
  rowsByClass,
  type Split,
  toShards,
} from '../split.js';

/** Options of `classes-per-node`. */
interface ClassesPerNodeOptions {
  readonly classes: number;
  readonly samples?: number | undefined;
  readonly alpha?: number | undefined;
}

/**
 * One node after the other is assigned the `classes` classes that the fewest nodes have so far, ties broken at random: so
 * the numbers of nodes of any two classes differ by at most one, and every class has a node if nodes × classes allow it.
 * The shuffled rows of a class are distributed over its nodes, in shares that differ by at most one row or have `samples`
 * rows each; rows of classes without a node are not used. A node is tested on all test rows of its classes.
 *
 * With `alpha`, each of the nodes of a class has one row of it, and the others are distributed in proportions that are drawn
 * from Dirichlet(alpha). A node is then tested in the proportions of its training rows, validation included.
 */
export const classesPerNode: Split<ClassesPerNodeOptions> = {
  id: 'classes-per-node',
  description: 'each node has a fixed number of classes, and is tested on all test samples of these',
  reference:
    'McMahan, Moore, Ramage, Hampson, Arcas: Communication-Efficient Learning of Deep Networks from Decentralized Data, AISTATS 2017 (pathological split)',
  options: z
    .strictObject({
      classes: count().describe('number of distinct classes of each node'),
      samples: count()
        .optional()
        .describe(
          'exact number of samples of each of its classes that a node gets, validation included; default: all samples, in equal shares',
        ),
      alpha: alphaOption().describe(
        'the shares of the nodes of a class are drawn from a Dirichlet distribution of this concentration; default: equal shares',
      ),
    })
    .refine(({ samples, alpha }) => samples === undefined || alpha === undefined, {
      error: 'expected samples or alpha, not both',
      path: ['alpha'],
    }),
  deals: ({ classes, samples }, { nodes }) =>
    samples === undefined ? 'whole-classes' : samples * classes * nodes,
  split({ classes, samples, alpha }, context) {
    const { dataset, nodes, random } = context;
    requireClasses(dataset, 'classes-per-node');
    requireRows(context);
    if (classes > dataset.classes) {
      throw new UsageError(
        'too-many-classes',
        `expected at most ${dataset.classes} classes per node, as many as "${dataset.id}" has, got ${classes}`,
        'data.split.classes',
      );
    }
    const labelsOf = assignEvenly({ nodes, perNode: classes, classes: dataset.classes }, random('classes'));
    const trainRows = rowsByClass(dataset, 'train');
    const testRows = rowsByClass(dataset, 'test');
    const own: number[][] = labelsOf.map(() => []);
    for (const [label, rows] of trainRows.entries()) {
      const holders = labelsOf.flatMap((labels, node) => (labels.includes(label) ? [node] : []));
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
      const used = samples === undefined ? rows : rows.subarray(0, least);
      if (holders.length === 0) continue;
      const shares =
        alpha === undefined
          ? undefined
          : unequalShares(rows.length, holders.length, alpha, random(`class ${label}/shares`));
      for (const [k, row] of used.entries())
        own[holders[shares ? shares[k]! : k % holders.length]!]!.push(row);
    }
    return toShards(
      own.map((rows) => Uint32Array.from(rows)),
      labelsOf.map((labels, node) =>
        alpha === undefined
          ? Uint32Array.from(labels.flatMap((label) => [...testRows[label]!]))
          : matchedTestRows(countLabels(own[node]!, dataset), testRows, {
              node,
              random: random(`node ${node}/test`),
            }),
      ),
      context,
    );
  },
};

/** The holder of each row of a class: each has one row, and the others in proportions from Dirichlet(alpha). */
function unequalShares(rows: number, holders: number, alpha: number, random: Random): number[] {
  const counts = apportion(rows - holders, dirichletWeights(alpha, holders, random));
  return counts.flatMap((more, holder) => Array<number>(1 + more).fill(holder));
}

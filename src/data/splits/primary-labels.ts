/**
 * Label skew by primary labels: each node has some primary labels, and a training row of class c goes to node i with a
 * probability proportional to 1 + s if c is primary for i, and to 1 if it is not. s = 0 is IID; s = 100 is strongly
 * skewed, though a few rows of every class may go to any node.
 */
import { z } from 'zod';
import { UsageError } from '../../errors.js';
import { count } from '../../options/index.js';
import type { Random } from '../../random.js';
import { assignAtRandom, assignEvenly } from '../class-assignment.js';
import type { Dataset } from '../dataset.js';
import { matchedTestRows } from '../matched-test.js';
import { countLabels, requireClasses, requireRows, rowsByClass, type Split, toShards } from '../split.js';

/** Options of `primary-labels`. */
interface PrimaryLabelsOptions {
  readonly primary: number;
  readonly skew: number;
  readonly assignment: 'even' | 'random';
}

const DRAWS_MAX = 1000;

/**
 * Every training row goes to exactly one node, independently of the others; all are drawn again until every node has a
 * row. Public rows are not distributed. A node has as many test rows as can have the proportions of its training rows,
 * validation included, so that its accuracy is that under its own label distribution; the accuracy on the whole test part
 * is that under the common one. A test row may belong to several nodes.
 */
export const primaryLabels: Split<PrimaryLabelsOptions> = {
  id: 'primary-labels',
  description:
    'nodes get samples of their primary labels with a higher probability; they are tested in the same proportions',
  reference:
    'Zhmoginov, Sandler, Miller, Kristiansen, Vladymyrov, Decentralized Learning with Multi-Headed Distillation, CVPR 2023',
  options: z.strictObject({
    primary: count().describe('number of primary labels of each node'),
    skew: z
      .number()
      .min(0)
      .max(1e9)
      .default(100)
      .describe(
        's: a sample goes to a node with weight 1 + s if its label is primary for the node, else with weight 1',
      ),
    assignment: z
      .enum(['even', 'random'])
      .default('even')
      .describe(
        'even: each label is primary for equally many nodes, as far as possible; random: each node draws its own labels',
      ),
  }),
  split({ primary, skew, assignment }, context) {
    const { dataset, nodes, random } = context;
    requireClasses(dataset, 'primary-labels');
    requireRows(context);
    if (primary > dataset.classes) {
      throw new UsageError(
        'too-many-classes',
        `expected at most ${dataset.classes} primary labels per node, as many as "${dataset.id}" has classes, got ${primary}`,
        'data.split.primary',
      );
    }
    const assign = assignment === 'even' ? assignEvenly : assignAtRandom;
    const primaryOf = assign({ nodes, perNode: primary, classes: dataset.classes }, random('classes'));
    const own = drawOwners(dataset, weightsOf(primaryOf, dataset.classes, skew), random('rows'));
    const testRows = rowsByClass(dataset, 'test');
    return toShards(
      own.map((rows) => Uint32Array.from(rows)),
      own.map((rows, node) =>
        matchedTestRows(countLabels(rows, dataset), testRows, { node, random: random(`node ${node}/test`) }),
      ),
      context,
    );
  },
};

/** `weights[class][node]`; `primaryOf[node]` has the primary labels of the node. */
function weightsOf(primaryOf: readonly number[][], classes: number, skew: number): number[][] {
  return Array.from({ length: classes }, (_, label) =>
    primaryOf.map((labels) => (labels.includes(label) ? 1 + skew : 1)),
  );
}

/** Training rows of each node, ascending. */
function drawOwners(dataset: Dataset, weights: readonly number[][], random: Random): number[][] {
  const nodes = weights[0]!.length;
  const { labels, attributes = 1 } = dataset;
  const totals = weights.map((list) => list.reduce((sum, weight) => sum + weight, 0));
  for (let draw = 0; draw < DRAWS_MAX; draw++) {
    const own: number[][] = Array.from({ length: nodes }, () => []);
    for (let row = 0; row < dataset.train; row++) {
      const label = labels[row * attributes]!;
      let left = random.uniform() * totals[label]!;
      let node = 0;
      // Rounding cannot carry a row beyond the last node.
      while (node < nodes - 1 && left >= weights[label]![node]!) left -= weights[label]![node++]!;
      own[node]!.push(row);
    }
    if (own.every((rows) => rows.length > 0)) return own;
  }
  throw new UsageError(
    'too-few-samples',
    `expected a training sample on each of ${nodes} nodes, but none of ${DRAWS_MAX} draws of ${dataset.train} samples gave that: ` +
      'lower the skew, or use fewer nodes or more samples',
    'data.split.skew',
  );
}

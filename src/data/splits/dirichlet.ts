/**
 * Label skew by a Dirichlet distribution: for each class, the shares of the nodes are drawn from Dirichlet(alpha) over
 * the nodes. With a small alpha a class goes to few nodes, with a large alpha the shares are nearly equal.
 */
import { z } from 'zod';
import { count } from '../../options/index.js';
import { dealByDirichlet } from '../dirichlet-shares.js';
import { matchedTestRows } from '../matched-test.js';
import { requireClasses, requireRows, rowsByClass, type Split, toShards } from '../split.js';

/** Options of `dirichlet`. */
interface DirichletOptions {
  readonly alpha: number;
  readonly minimum: number;
}

/**
 * Every training row goes to exactly one node: the shuffled rows of a class are cut in the drawn proportions, by largest
 * remainder. All proportions are drawn again until each node has at least `minimum` rows.
 *
 * A node has as many test rows as can have the proportions of its training rows, validation included. A test row may
 * belong to several nodes.
 */
export const dirichlet: Split<DirichletOptions> = {
  id: 'dirichlet',
  description:
    'the shares of each class are drawn from a Dirichlet distribution; nodes are tested in the same proportions',
  reference:
    'Hsu, Qi, Brown: Measuring the Effects of Non-Identical Data Distribution for Federated Visual Classification, 2019',
  options: z.strictObject({
    alpha: z.number().positive().max(1e6).describe('concentration: 0.1 gives a strong skew, 100 nearly none'),
    minimum: count()
      .default(1)
      .describe(
        'least number of samples per node, validation included; shares are drawn up to 1,000 times to reach it',
      ),
  }),
  split(options, context) {
    const { dataset, nodes, random } = context;
    requireClasses(dataset, 'dirichlet');
    requireRows(context);
    const trainRows = rowsByClass(dataset, 'train');
    const { own, counts } = dealByDirichlet(options, trainRows, nodes, random);
    const testRows = rowsByClass(dataset, 'test');
    return toShards(
      own,
      own.map((_, node) =>
        matchedTestRows(
          counts.map((perNode) => perNode[node]!),
          testRows,
          { node, random: random(`node ${node}/test`) },
        ),
      ),
      context,
    );
  },
};

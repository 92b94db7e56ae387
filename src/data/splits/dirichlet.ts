/**
 * Label skew by a Dirichlet distribution: for each class, the shares of the nodes are drawn from Dirichlet(alpha) over
 * the nodes. With a small alpha a class goes to few nodes, with a large alpha the shares are nearly equal.
 */
import { z } from 'zod';
import { UsageError } from '../../errors.js';
import { count } from '../../options/index.js';
import type { Random } from '../../random.js';
import { matchedTestRows } from '../matched-test.js';
import {
  apportion,
  requireClasses,
  requireRows,
  rowsByClass,
  type Split,
  type SplitContext,
  toShards,
} from '../split.js';

/** Options of `dirichlet`. */
interface DirichletOptions {
  readonly alpha: number;
  readonly minimum: number;
}

const DRAWS_MAX = 1000;

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
    const sizes = trainRows.map((rows) => rows.length);
    const counts = drawCounts(options, sizes, context);
    const own: number[][] = Array.from({ length: nodes }, () => []);
    for (const [label, rows] of trainRows.entries()) {
      random(`class ${label}/rows`).shuffle(rows);
      let from = 0;
      for (let node = 0; node < nodes; node++) {
        const end = from + counts[label]![node]!;
        for (; from < end; from++) own[node]!.push(rows[from]!);
      }
    }
    const testRows = rowsByClass(dataset, 'test');
    return toShards(
      own.map((rows) => Uint32Array.from(rows)),
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

/** `counts[class][node]`: how many rows of the class the node gets. */
function drawCounts(
  { alpha, minimum }: DirichletOptions,
  sizes: readonly number[],
  { dataset, nodes, random }: SplitContext,
): number[][] {
  if (minimum * nodes > dataset.train) {
    throw new UsageError(
      'too-few-samples',
      `expected a minimum of at most ${Math.floor(dataset.train / nodes)} samples for each of ${nodes} nodes ` +
        `(there are ${dataset.train} training samples), got ${minimum}`,
      'data.split.minimum',
    );
  }
  const stream = random('proportions');
  for (let draw = 0; draw < DRAWS_MAX; draw++) {
    const counts = sizes.map((size) => apportion(size, proportions(alpha, nodes, stream)));
    const enough = Array.from({ length: nodes }, (_, node) =>
      counts.reduce((sum, perNode) => sum + perNode[node]!, 0),
    ).every((size) => size >= minimum);
    if (enough) return counts;
  }
  throw new UsageError(
    'too-few-samples',
    `expected at least ${minimum} of ${dataset.train} samples on each of ${nodes} nodes, but none of ${DRAWS_MAX} draws with ` +
      `alpha ${alpha} gave that: raise alpha, lower minimum, or use fewer nodes or more samples`,
    'data.split.alpha',
  );
}

/** Dirichlet(alpha, …, alpha) up to a factor. */
function proportions(alpha: number, nodes: number, random: Random): number[] {
  const weights = Array.from({ length: nodes }, () => random.gamma(alpha));
  if (weights.some((weight) => weight > 0)) return weights;
  // For a tiny alpha all weights underflow to 0. In the limit of the distribution one node has everything.
  weights[random.integer(nodes)] = 1;
  return weights;
}

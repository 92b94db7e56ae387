/**
 * Label skew by a Dirichlet distribution: for each class, the shares of the nodes are drawn from Dirichlet(alpha) over
 * the nodes. Small alpha gives a class to few nodes, large alpha tends to equal shares.
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
 * Every training row goes to exactly one node: a class's rows, shuffled, are cut by largest remainder in the drawn
 * proportions. All proportions are drawn again until each node has `minimum` rows.
 *
 * Test rows of a node are as many as there are in the proportions of its own training rows, before validation is cut
 * off. Nodes may share test rows.
 */
export const dirichlet: Split<DirichletOptions> = {
  id: 'dirichlet',
  description: 'shares of each class drawn from a Dirichlet distribution; tested in the same proportions',
  reference:
    'Hsu, Qi, Brown: Measuring the Effects of Non-Identical Data Distribution for Federated Visual Classification, 2019',
  options: z.strictObject({
    alpha: z.number().positive().max(1e6).describe('concentration: 0.1 is a strong skew, 100 nearly none'),
    minimum: count()
      .default(1)
      .describe('least samples a node, validation included; drawn again (at most 1,000 times) until met'),
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
        const taken = counts[label]![node]!;
        for (let k = from; k < from + taken; k++) own[node]!.push(rows[k]!);
        from += taken;
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
  // All underflowed, as they do for tiny alpha, where the limit of the distribution is: everything to one node.
  weights[random.integer(nodes)] = 1;
  return weights;
}

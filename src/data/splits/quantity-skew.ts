/** Quantity skew: nodes have samples of one distribution, but some have many and others few. */
import { z } from 'zod';
import { UsageError } from '../../errors.js';
import { count } from '../../options/index.js';
import { alphaOption, dirichletWeights } from '../dirichlet-shares.js';
import { apportion, rowRange, type Split, type SplitContext, testRows, toShards } from '../split.js';

/** Options of `quantity-skew`. */
interface QuantitySkewOptions {
  readonly exponent?: number | undefined;
  readonly alpha?: number | undefined;
  readonly minimum: number;
}

/**
 * Each node has `minimum` rows, and the others are distributed in proportion to weights: k^−exponent for the node of rank k,
 * where the ranks are a random order of the nodes, or a draw from Dirichlet(alpha). Shares are rounded by largest remainder.
 * Which rows a node has is random; every node is tested on all test rows.
 */
export const quantitySkew: Split<QuantitySkewOptions> = {
  id: 'quantity-skew',
  description:
    'numbers of samples by a power law or a Dirichlet distribution; every node is tested on all test samples',
  reference:
    'Li, Diao, Chen, He: Federated Learning on Non-IID Data Silos: An Experimental Study, ICDE 2022 (quantity skew)',
  options: z
    .strictObject({
      exponent: z
        .number()
        .min(0)
        .max(10)
        .optional()
        .describe(
          'power law: the k-th largest node has a share proportional to k^−exponent; 0: equal shares',
        ),
      alpha: alphaOption().describe(
        'instead of exponent: the shares are a draw from a Dirichlet distribution of this concentration; 0.5 is a strong skew',
      ),
      minimum: count()
        .default(1)
        .describe(
          'number of samples that each node has before the others are distributed, validation included',
        ),
    })
    .refine(({ exponent, alpha }) => (exponent === undefined) !== (alpha === undefined), {
      error: 'expected either exponent or alpha',
      path: ['exponent'],
    }),
  split(options, context) {
    const { dataset, nodes, random } = context;
    const left = dataset.train - options.minimum * nodes;
    if (left < 0) {
      throw new UsageError(
        'too-few-samples',
        `expected a minimum of at most ${Math.floor(dataset.train / nodes)} samples for each of ${nodes} nodes ` +
          `(there are ${dataset.train} training samples), got ${options.minimum}`,
        'data.split.minimum',
      );
    }
    const rows = random('rows').shuffle(rowRange(0, dataset.train));
    let from = 0;
    const own = apportion(left, weightsOf(options, context)).map((more) => {
      const part = rows.slice(from, from + options.minimum + more);
      from += part.length;
      return part;
    });
    const test = testRows(dataset);
    return toShards(
      own,
      own.map(() => test),
      context,
    );
  },
};

function weightsOf({ exponent, alpha }: QuantitySkewOptions, { nodes, random }: SplitContext): number[] {
  const stream = random('sizes');
  if (alpha !== undefined) return dirichletWeights(alpha, nodes, stream);
  return stream.shuffle(Array.from({ length: nodes }, (_, k) => (k + 1) ** -exponent!));
}

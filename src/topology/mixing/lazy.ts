/** Half way between another rule and no mixing at all. */
import { z } from 'zod';
import { type Chosen, choice, type List, share } from '../../options/index.js';
import { isDoublyStochastic, type MixingEntry, rowOf } from './entry.js';

/** Options of `lazy`. */
interface LazyOptions {
  readonly of: Chosen<MixingEntry>;
  readonly stay: number;
}

/** W′ = s·I + (1 − s)·W, which is doubly stochastic where W is. With s = 50 % no eigenvalue is negative. */
export function lazyAmong(rules: List<MixingEntry>): MixingEntry<LazyOptions> {
  const accepts = ({ columnStochastic }: MixingEntry) => !columnStochastic;
  return {
    id: 'lazy',
    description: 'another rule, with a share of the weight kept by the node itself in addition',
    options: z.strictObject({
      of: choice(rules, { only: { accepts, expected: 'a rule whose rows sum to 1' } })
        .prefault('metropolis-hastings')
        .describe('the rule that gives the rest of the weights'),
      stay: share().prefault('50%').describe('share of the weight that stays with the node in addition'),
    }),
    doublyStochastic: ({ of }) => isDoublyStochastic(of),
    rows: (neighbors, { of: { entry, options }, stay }) =>
      entry.rows(neighbors, options).map((row) => rowOf(row.neighbors.map((weight) => (1 - stay) * weight))),
  };
}

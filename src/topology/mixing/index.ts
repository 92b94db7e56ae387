/** The list of mixing rules: the weights of a node's own model and of those that its neighbours send. */
import { assert } from '../../errors.js';
import { type Chosen, choice, type List } from '../../options/index.js';
import type { Neighbors } from '../neighbors.js';
import type { MixingEntry, MixingRow } from './entry.js';
import { metropolisHastings } from './metropolis-hastings.js';
import { uniform } from './uniform.js';

export type { MixingEntry, MixingRow } from './entry.js';

/** Every built-in mixing rule, in the order in which `mycel list` shows them. @public */
export const mixingRules: readonly MixingEntry[] = [metropolisHastings, uniform];

/** {@link mixingRules} as a list to choose from. */
export const mixingList: List<MixingEntry> = {
  what: 'mixing rule',
  entries: mixingRules,
  functions: ['rows'],
};

/** A mixing rule: the id of a built-in one, or one that was chosen by an option. @public */
export type MixingRule = string | Chosen<MixingEntry>;

/**
 * Schema of an algorithm's `mixing` option.
 * @defaultValue `metropolis-hastings`
 * @public
 */
export function mixingOption() {
  return choice(mixingList)
    .prefault('metropolis-hastings')
    .describe('how a node weights its own model and those of its neighbours');
}

/**
 * The rows of a rule on a topology, one for each node. Throws UsageError if the topology does not allow the rule.
 * @public
 */
export function mixingRows(neighbors: Neighbors, rule: MixingRule): MixingRow[] {
  if (typeof rule !== 'string') return rule.entry.rows(neighbors, rule.options);
  const entry = mixingRules.find(({ id }) => id === rule);
  assert(entry, `mixing rule "${rule}" is not in the list`);
  return entry.rows(neighbors, {});
}

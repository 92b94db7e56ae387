/** The list of mixing rules: the weights of a node's own model and of those that its neighbours send. */
import { assert, callPlugin, expectPlugin } from '../../errors.js';
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
  if (typeof rule !== 'string') return checkedRows(neighbors, rule);
  const entry = mixingRules.find(({ id }) => id === rule);
  assert(entry, `mixing rule "${rule}" is not in the list`);
  return entry.rows(neighbors, {});
}

/** How far from 1 the sum of a row may be by rounding. */
const SUM_TOLERANCE = 1e-9;

/** The rows of a rule that may be the user's own. */
function checkedRows(neighbors: Neighbors, { entry, options }: Chosen<MixingEntry>): MixingRow[] {
  const place = `mixing rule "${entry.id}"`;
  const rows = callPlugin(place, () => entry.rows(neighbors, options));
  const hasRows = Array.isArray(rows) && rows.length === neighbors.nodes;
  expectPlugin(hasRows, place, `${neighbors.nodes} rows, one for each node, got ${String(rows?.length)}`);
  for (const [node, row] of rows.entries()) {
    const of = `${place}, row of node ${node}`;
    const { length } = neighbors.in[node]!;
    const fits = row?.neighbors instanceof Float64Array && row.neighbors.length === length;
    expectPlugin(fits, of, `the weights of ${length} neighbours as a Float64Array`);
    let total = row.self;
    for (const weight of row.neighbors) total += weight;
    const isWhole = Math.abs(total - 1) <= SUM_TOLERANCE;
    expectPlugin(
      isWhole,
      of,
      `finite weights that add up to 1, got ${row.self} and [${String(row.neighbors)}]`,
    );
  }
  return rows;
}

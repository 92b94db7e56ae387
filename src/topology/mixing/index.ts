/** The list of mixing rules: the weights of a node's own model and of those that its neighbours send. */
import { assert, callPlugin, expectPlugin } from '../../errors.js';
import { type Chosen, choice, type List } from '../../options/index.js';
import type { Neighbors } from '../neighbors.js';
import { edgeWeights } from './edge-weights.js';
import type { MixingEntry, MixingRow } from './entry.js';
import { bestConstant, fastest } from './fastest.js';
import { lazyAmong } from './lazy.js';
import { maxDegree } from './max-degree.js';
import { metropolisHastings } from './metropolis-hastings.js';
import { outDegree } from './out-degree.js';
import { uniform } from './uniform.js';

export { isDoublyStochastic, type MixingEntry, type MixingRow } from './entry.js';

/** What rules have in common, and those that are not made from others. */
const simple: List<MixingEntry> = {
  what: 'mixing rule',
  entries: [metropolisHastings, maxDegree, bestConstant, fastest, uniform, outDegree, edgeWeights],
  functions: ['rows'],
};

/** Every built-in mixing rule, in the order in which `mycel list` shows them. @public */
export const mixingRules: readonly MixingEntry[] = [...simple.entries, lazyAmong(simple)];

/** {@link mixingRules} as a list to choose from. */
export const mixingList: List<MixingEntry> = { ...simple, entries: mixingRules };

/** A mixing rule: the id of a built-in one, or one that was chosen by an option. @public */
export type MixingRule = string | Chosen<MixingEntry>;

/**
 * Schema of an algorithm's `mixing` option: a rule whose rows sum to 1.
 * @defaultValue `metropolis-hastings`
 * @public
 */
export function mixingOption() {
  const accepts = ({ columnStochastic }: MixingEntry) => !columnStochastic;
  return choice(mixingList, {
    only: { accepts, expected: 'a rule whose rows sum to 1, since models are averaged' },
  })
    .prefault('metropolis-hastings')
    .describe('how a node weights its own model and those of its neighbours');
}

/**
 * Schema of the `mixing` option of a push-sum algorithm: a rule whose columns sum to 1.
 * @defaultValue `out-degree`
 * @public
 */
export function pushMixingOption() {
  const accepts = ({ columnStochastic, doublyStochastic }: MixingEntry) =>
    Boolean(columnStochastic || doublyStochastic);
  return choice(mixingList, { only: { accepts, expected: 'a rule whose columns sum to 1' } })
    .prefault('out-degree')
    .describe('how a node divides what it has among its out-neighbours and itself');
}

/**
 * The rows of a rule on a topology, one for each node. Throws UsageError if the topology does not allow the rule.
 * @public
 */
export function mixingRows(neighbors: Neighbors, rule: MixingRule): MixingRow[] {
  if (typeof rule !== 'string') return checkedRows(neighbors, rule);
  return ruleOf(rule).rows(neighbors, {});
}

/** The built-in rule of that id. */
export function ruleOf(id: string): MixingEntry {
  const entry = mixingRules.find((candidate) => candidate.id === id);
  assert(entry, `mixing rule "${id}" is not in the list`);
  return entry;
}

/** How far from 1 the sum of a row or of a column may be by rounding. */
export const SUM_TOLERANCE = 1e-9;

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
    if (entry.columnStochastic) continue;
    const total = row.neighbors.reduce((sum, weight) => sum + weight, row.self);
    const isWhole = Math.abs(total - 1) <= SUM_TOLERANCE;
    expectPlugin(
      isWhole,
      of,
      `finite weights that add up to 1, got ${row.self} and [${String(row.neighbors)}]`,
    );
  }
  if (entry.columnStochastic) checkColumns(rows, neighbors, place);
  return rows;
}

function checkColumns(rows: readonly MixingRow[], neighbors: Neighbors, place: string): void {
  for (const [node, total] of columnSums(rows, neighbors).entries()) {
    const isWhole = Math.abs(total - 1) <= SUM_TOLERANCE;
    expectPlugin(
      isWhole,
      place,
      `finite weights that add up to 1 in the column of node ${node}, got ${total}`,
    );
  }
}

/** By node, the sum of the weights that all nodes give to what it has, float64 [nodes]. */
export function columnSums(rows: readonly MixingRow[], neighbors: Neighbors): Float64Array {
  const sums = Float64Array.from(rows, ({ self }) => self);
  for (const [node, row] of rows.entries()) {
    for (const [k, from] of neighbors.in[node]!.entries()) sums[from]! += row.neighbors[k]!;
  }
  return sums;
}

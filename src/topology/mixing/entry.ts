/** The type of the entries of the list of mixing rules. */
import type { Chosen, Entry } from '../../options/index.js';
import type { Neighbors } from '../neighbors.js';

/**
 * Row i of a mixing matrix, float64: `neighbors[k]` is the weight of what `in[i][k]` sends. `self + Σ neighbors = 1`, unless
 * the rule is column-stochastic.
 * @public
 */
export interface MixingRow {
  readonly self: number;
  readonly neighbors: Float64Array;
}

/**
 * A mixing rule: the weights with which every node averages its own model and those of its neighbours. Law: in every row
 * the neighbours' weights, added in order, plus `self` are exactly 1; of a column-stochastic rule, every column sums to 1 up
 * to rounding.
 * @public
 */
// biome-ignore lint/suspicious/noExplicitAny: entries of one list differ in their options.
export interface MixingEntry<Options = any> extends Entry<Options> {
  /**
   * Whether the columns sum to 1 too, on every topology that the rule allows: then mixing preserves the mean.
   * @defaultValue false
   */
  readonly doublyStochastic?: boolean | ((options: Options) => boolean);
  /**
   * Whether it is the columns that sum to 1, and not the rows: a node divides what it has among its out-neighbours and itself.
   * Only methods that correct for that, by push-sum, can be given such a rule.
   * @defaultValue false
   */
  readonly columnStochastic?: boolean;
  /** One row for each node. Throws UsageError if the topology does not allow the rule. */
  rows(neighbors: Neighbors, options: Options): MixingRow[];
}

/** A row from the weights of the neighbours; the weight of the node itself is the rest. */
export function rowOf(neighbors: Float64Array): MixingRow {
  return { self: 1 - neighbors.reduce((sum, weight) => sum + weight, 0), neighbors };
}

/** Whether a rule says that it is doubly stochastic with these options. */
export function isDoublyStochastic({ entry, options }: Chosen<MixingEntry>): boolean {
  const { doublyStochastic = false } = entry;
  return typeof doublyStochastic === 'function' ? doublyStochastic(options) : doublyStochastic;
}

/** What an entry of the list of mixing rules is. */
import type { Entry } from '../../options/index.js';
import type { Neighbors } from '../neighbors.js';

/** Row i of a mixing matrix: `self + Σ neighbors = 1`; `neighbors[k]` weighs what comes from `in[i][k]`. float64. */
export interface MixingRow {
  readonly self: number;
  readonly neighbors: Float64Array;
}

/**
 * A mixing rule: with which weights every node averages its own model and those that its neighbours send. Law: of every
 * row the neighbours' weights, added in order, and then `self` make exactly 1.
 */
// biome-ignore lint/suspicious/noExplicitAny: entries of one list differ in their options.
export interface MixingEntry<Options = any> extends Entry<Options> {
  /** One row for each node. Throws UsageError where the rule does not fit the topology. */
  rows(neighbors: Neighbors, options: Options): MixingRow[];
}

/** A row from the weights of the neighbours; the node itself keeps the rest. */
export function rowOf(neighbors: Float64Array): MixingRow {
  return { self: 1 - neighbors.reduce((sum, weight) => sum + weight, 0), neighbors };
}

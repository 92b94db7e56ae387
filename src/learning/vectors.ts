/** Sums of flat vectors, always in the order of the list, accumulated in float64 and rounded once. */
import { assert } from '../errors.js';
import type { MixingRow } from '../topology/mixing/index.js';
import type { VectorView } from '../wire/codec.js';
import { type Params, valuesOf, type WeightedSum } from './params.js';

/** Σ weights[k] · vectors[k], float32 [length]. @public */
export function weightedSum(vectors: readonly Float32Array[], weights: ArrayLike<number>): Float32Array {
  return valuesOf(sumOf(vectors, weights));
}

function sumOf(vectors: readonly Float32Array[], weights: ArrayLike<number>): WeightedSum {
  const length = vectors[0]!.length;
  for (const vector of vectors) {
    assert(vector.length === length, `expected vectors of ${length} numbers, got one of ${vector.length}`);
  }
  return { vectors, weights: Array.from(weights) };
}

/** What a node received from one neighbour, and the place of that neighbour in `neighbors.in`. @public */
export interface Received {
  readonly neighbor: number;
  readonly view: VectorView;
}

/**
 * One row of X ← W X over the vectors that have arrived. The weight of a neighbour that is missing, or of a coordinate
 * that a sparse codec left out, goes to the node's own value. So rows always sum to 1, and columns do where two nodes
 * lose each other's messages.
 * @public
 */
export function mix(own: Float32Array, row: MixingRow, received: readonly Received[]): Float32Array {
  return valuesOf(mixture(own, row, received));
}

/**
 * What {@link mix} returns, for `params` of tasks and of `evaluate`: where all vectors are dense it is a sum, which the
 * tasks compute.
 * @public
 */
export function mixture(own: Float32Array, row: MixingRow, received: readonly Received[]): Params {
  const dense = received.every(({ view }) => view.indices === undefined);
  if (dense) {
    let self = 1;
    for (const { neighbor } of received) self -= row.neighbors[neighbor]!;
    return sumOf(
      [own, ...received.map(({ view }) => view.values)],
      [self, ...received.map(({ neighbor }) => row.neighbors[neighbor]!)],
    );
  }
  const sum = Float64Array.from(own);
  for (const { neighbor, view } of received) {
    const weight = row.neighbors[neighbor]!;
    for (let k = 0; k < view.values.length; k++) {
      const i = view.indices ? view.indices[k]! : k;
      sum[i]! += weight * (view.values[k]! - own[i]!);
    }
  }
  return Float32Array.from(sum);
}

/** ⟨a, b⟩, in float64. @public */
export function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

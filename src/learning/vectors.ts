/** Sums of flat vectors, always in the order of the list, accumulated in float64 and rounded once. */
import { assert } from '../errors.js';
import type { MixingRow } from '../topology/neighbors.js';
import type { VectorView } from '../wire/codec.js';

/** Comparator of numbers, ascending. */
export function byNumber(a: number, b: number): number {
  return a - b;
}

/** Σ weights[k] · vectors[k], float32 [length]. */
export function weightedSum(vectors: readonly Float32Array[], weights: ArrayLike<number>): Float32Array {
  const length = vectors[0]!.length;
  const sum = new Float64Array(length);
  for (const [k, vector] of vectors.entries()) {
    assert(vector.length === length, `expected ${length} numbers, got ${vector.length}`);
    const weight = weights[k]!;
    for (let i = 0; i < length; i++) sum[i]! += weight * vector[i]!;
  }
  return Float32Array.from(sum);
}

/** What a node received from one neighbour, and the place of that neighbour in `neighbors.in`. */
export interface Received {
  readonly neighbor: number;
  readonly view: VectorView;
}

/**
 * One row of X ← W X with what has arrived: a neighbour that is missing, or a coordinate that a sparse codec left
 * out, leaves its weight with the node's own value. So rows always sum to 1, and columns do where a loss is mutual.
 */
export function mix(own: Float32Array, row: MixingRow, received: readonly Received[]): Float32Array {
  const dense = received.every(({ view }) => view.indices === undefined);
  if (dense) {
    let self = 1;
    for (const { neighbor } of received) self -= row.neighbors[neighbor]!;
    return weightedSum(
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

/** Sums of flat vectors, always in the order of the list, accumulated in float64 and rounded once. */
import { assert } from '../errors.js';
import type { MixingRow } from '../topology/mixing/index.js';
import type { VectorView } from '../wire/codec.js';

/** Coordinates that are summed at a time: their float64 sums stay in the first-level cache. */
const BLOCK = 1024;

/** Σ weights[k] · vectors[k], float32 [length]. @public */
export function weightedSum(vectors: readonly Float32Array[], weights: ArrayLike<number>): Float32Array {
  const length = vectors[0]!.length;
  for (const vector of vectors) {
    assert(vector.length === length, `expected vectors of ${length} numbers, got one of ${vector.length}`);
  }
  const result = new Float32Array(length);
  const sums = new Float64Array(Math.min(BLOCK, length));
  for (let from = 0; from < length; from += BLOCK) {
    const size = Math.min(BLOCK, length - from);
    sums.fill(0);
    let k = 0;
    for (; k + 1 < vectors.length; k += 2) addPair(sums, vectors, weights, { k, from, size });
    if (k < vectors.length) addOne(sums, vectors[k]!, weights[k]!, { from, size });
    for (let i = 0; i < size; i++) result[from + i] = sums[i]!;
  }
  return result;
}

/** Two vectors in one pass, one after the other in each sum: half the loads, the same bits. */
function addPair(
  sums: Float64Array,
  vectors: readonly Float32Array[],
  weights: ArrayLike<number>,
  at: { k: number; from: number; size: number },
): void {
  const { k, from, size } = at;
  const first = vectors[k]!;
  const second = vectors[k + 1]!;
  const firstWeight = weights[k]!;
  const secondWeight = weights[k + 1]!;
  for (let i = 0; i < size; i++) {
    sums[i] = sums[i]! + firstWeight * first[from + i]! + secondWeight * second[from + i]!;
  }
}

function addOne(
  sums: Float64Array,
  vector: Float32Array,
  weight: number,
  at: { from: number; size: number },
): void {
  for (let i = 0; i < at.size; i++) sums[i]! += weight * vector[at.from + i]!;
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

/** ⟨a, b⟩, in float64. @public */
export function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** Sums of flat vectors, always in the order of the list, accumulated in float64 and rounded once. */
import { assert } from '../errors.js';
import { type Place, type Program, ProgramBuilder, type Register } from '../numeric/program.js';
import { vectorMachine } from '../numeric/thread.js';
import type { MixingRow } from '../topology/mixing/index.js';
import type { VectorView } from '../wire/codec.js';

/** Σ weights[k] · vectors[k], float32 [length]. @public */
export function weightedSum(vectors: readonly Float32Array[], weights: ArrayLike<number>): Float32Array {
  const length = vectors[0]!.length;
  for (const vector of vectors) {
    assert(vector.length === length, `expected vectors of ${length} numbers, got one of ${vector.length}`);
  }
  const machine = vectorMachine();
  return machine.frame((frame) => {
    const sum = frame.floats(length);
    const factors = frame.doubles(vectors.length);
    factors.numbers.set(weights);
    const addresses = frame.readOnce(Uint32Array.from(vectors, (vector) => frame.readOnce(vector)));
    const program = mixProgram(vectors.length, length);
    machine.run(program, { results: sum.address, state: factors.address, data: addresses });
    return frame.keep(sum);
  });
}

const programs = new Map<string, Program>();

/** The sum of so many vectors of one length. */
function mixProgram(count: number, length: number): Program {
  const key = `${count} ${length}`;
  let program = programs.get(key);
  if (!program) {
    const builder = new ProgramBuilder();
    const at = (base: Register): Place => ({ base, offset: 0 });
    builder.emit('mix', [at('results'), at('data'), at('state')], [count, length]);
    program = builder.finish();
    programs.set(key, program);
  }
  return program;
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

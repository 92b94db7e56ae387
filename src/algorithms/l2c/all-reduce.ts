/**
 * All-reduce among all learners: everybody gets the mean of everybody's vector, in two phases. Node j is in charge of
 * chunk j: it receives that chunk from all (reduce-scatter), and sends the mean to all (all-gather).
 *
 * Messages   | content                        | payload bytes, L numbers, N nodes
 * `reduce`   | chunk j of a node's vector      | 4·⌈L/N⌉ to each other node j
 * `gather`   | mean of the sender's chunk      | 4·⌈L/N⌉ to each other node
 *
 * A node sends (and receives) 2(N−1) messages and 2(N−1)·4·⌈L/N⌉ payload bytes, as in a ring; but in two latencies
 * instead of 2(N−1), and a lost message costs one chunk of one node, not everybody's sum.
 */

import type { NodeContext } from '../../learning/algorithm.js';
import type { Phase } from '../../learning/rounds.js';
import { byNumber, weightedSum } from '../../learning/vectors.js';
import type { VectorView } from '../../wire/codec.js';
import { float32 } from '../../wire/float32.js';

/** What the phases need of an algorithm's state. */
export interface AllReduceState {
  /** The mean of the own chunk between the two phases: float32 [⌈L/N⌉]. */
  reduced: Float32Array | null;
}

/** How the phases get at the vector. */
export interface AllReduce<State, Options> {
  /** Whether it takes place in this round; the same on all nodes. */
  when(node: NodeContext<Options>, state: State): boolean;
  vector(state: State): Float32Array;
  keep(state: State, mean: Float32Array): void;
}

/** The message types for vectors of `length` numbers; an algorithm merges them into its own. */
export function allReduceMessages(length: number, nodes: number) {
  const chunk = float32(chunkLength(length, nodes));
  return { reduce: chunk, gather: chunk };
}

/**
 * The two phases. Means are over the chunks that arrived by the deadline, in float64 and in order of nodes; of a chunk
 * whose mean does not arrive a node keeps its own numbers. When nothing is missing all copies are equal bit for bit.
 */
export function allReducePhases<State extends AllReduceState, Options>(
  work: AllReduce<State, Options>,
): [Phase<State, Options>, Phase<State, Options>] {
  return [
    {
      message: 'reduce',
      when: work.when,
      expect: others,
      send: (node, state) =>
        others(node).map((to) => ({
          body: { values: chunkOf(work.vector(state), to, node.nodes) },
          to: [to],
        })),
      combine(node, state, received) {
        const own = { from: node.id, values: chunkOf(work.vector(state), node.id, node.nodes) };
        const chunks = [own, ...received.map(({ from, body }) => ({ from, values: valuesOf(body) }))]
          .sort((a, b) => byNumber(a.from, b.from))
          .map(({ values }) => values);
        state.reduced = weightedSum(
          chunks,
          chunks.map(() => 1 / chunks.length),
        );
      },
    },
    {
      message: 'gather',
      when: work.when,
      expect: others,
      send: (node, state) => ({ body: { values: state.reduced! }, to: others(node) }),
      combine(node, state, received) {
        const whole = Float32Array.from(work.vector(state));
        const own = { from: node.id, values: state.reduced! };
        for (const { from, values } of [
          own,
          ...received.map(({ from, body }) => ({ from, values: valuesOf(body) })),
        ]) {
          // The last chunks reach beyond the vector.
          const start = Math.min(from * values.length, whole.length);
          whole.set(values.subarray(0, whole.length - start), start);
        }
        state.reduced = null;
        work.keep(state, whole);
      },
    },
  ];
}

function chunkLength(length: number, nodes: number): number {
  return Math.ceil(length / nodes);
}

/** Numbers of chunk k; the last ones are filled up with zeros. */
function chunkOf(vector: Float32Array, k: number, nodes: number): Float32Array {
  const size = chunkLength(vector.length, nodes);
  const chunk = new Float32Array(size);
  chunk.set(vector.subarray(k * size, (k + 1) * size));
  return chunk;
}

function valuesOf(body: unknown): Float32Array {
  return (body as VectorView).values;
}

function others(node: NodeContext): number[] {
  return Array.from({ length: node.nodes }, (_, id) => id).filter((id) => id !== node.id);
}

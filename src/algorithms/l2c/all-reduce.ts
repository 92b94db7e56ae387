/**
 * All-reduce among all learners: every node gets the mean of all nodes' vectors, in two phases. Node j is responsible for
 * chunk j: it receives that chunk from all (reduce-scatter), and sends its mean to all (all-gather).
 *
 * Messages   | content                        | payload bytes, L numbers, N nodes
 * `reduce`   | chunk j of a node's vector      | 4·⌈L/N⌉ to each other node j
 * `gather`   | mean of the sender's chunk      | 4·⌈L/N⌉ to each other node
 *
 * A node sends (and receives) 2(N−1) messages and 2(N−1)·4·⌈L/N⌉ payload bytes, as in a ring; but in two latencies
 * instead of 2(N−1), and a lost message affects one chunk of one node, not the sums of all.
 */
import type { CodecContext, NodeContext } from '../../learning/algorithm.js';
import { messageType } from '../../learning/messages.js';
import { otherNodes, type Phase, phase } from '../../learning/phases.js';
import { weightedSum } from '../../learning/vectors.js';
import { byNumber } from '../../numbers.js';
import { float32 } from '../../wire/float32.js';

/** What the phases need of an algorithm's state. */
export interface AllReduceState {
  /** The mean of this node's chunk, between the two phases: float32 [⌈L/N⌉]. */
  chunkMean: Float32Array | null;
}

/** How the phases access the vector. */
interface AllReduce<State, Options> {
  /** Whether it takes place in this round; the same on all nodes. */
  when(node: NodeContext<Options>, state: State): boolean;
  /** L, the length of every node's vector. */
  length(context: CodecContext<Options>): number;
  vector(state: State): Float32Array;
  keep(state: State, mean: Float32Array): void;
}

/**
 * The two phases. Means are over the chunks that arrived by the deadline, in float64 and in order of nodes; where the
 * mean of a chunk does not arrive, a node keeps its own numbers. If no message is missing, all nodes end with equal bits.
 */
export function allReducePhases<State extends AllReduceState, Options>({
  when,
  length,
  vector,
  keep,
}: AllReduce<State, Options>): Phase<State, Options>[] {
  const chunk = (context: CodecContext<Options>) => float32(chunkLength(length(context), context.nodes));
  return [
    phase({
      message: messageType('reduce', chunk),
      when,
      expect: otherNodes,
      send: (node, state) =>
        otherNodes(node).map((to) => ({
          body: { values: chunkOf(vector(state), to, node.nodes) },
          to: [to],
        })),
      combine(node, state, received) {
        const own = { from: node.id, body: { values: chunkOf(vector(state), node.id, node.nodes) } };
        const chunks = [own, ...received]
          .sort((a, b) => byNumber(a.from, b.from))
          .map(({ body }) => body.values);
        state.chunkMean = weightedSum(
          chunks,
          chunks.map(() => 1 / chunks.length),
        );
      },
    }),
    phase({
      message: messageType('gather', chunk),
      when,
      expect: otherNodes,
      send: (node, state) => ({ body: { values: state.chunkMean! }, to: otherNodes(node) }),
      combine(node, state, received) {
        const whole = Float32Array.from(vector(state));
        const own = { from: node.id, body: { values: state.chunkMean! } };
        for (const { from, body } of [own, ...received]) {
          // The last chunks reach beyond the vector.
          const start = Math.min(from * body.values.length, whole.length);
          whole.set(body.values.subarray(0, whole.length - start), start);
        }
        state.chunkMean = null;
        keep(state, whole);
      },
    }),
  ];
}

function chunkLength(length: number, nodes: number): number {
  return Math.ceil(length / nodes);
}

/** Chunk k of a vector; the last chunks are filled up with zeros. */
function chunkOf(vector: Float32Array, k: number, nodes: number): Float32Array {
  const size = chunkLength(vector.length, nodes);
  const chunk = new Float32Array(size);
  chunk.set(vector.subarray(k * size, (k + 1) * size));
  return chunk;
}

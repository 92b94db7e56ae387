/**
 * CGA, cross-gradient aggregation: nodes compute the gradients of their own loss at the models of their neighbours and send them
 * back; each then steps in a direction that is turned away from none of the gradients at its model.
 *
 * Reference: Y. Esfandiari, S. Y. Tan, Z. Jiang, A. Balu, E. Herron, C. Hegde, S. Sarkar, "Cross-Gradient Aggregation for
 * Decentralized Learning from Non-IID Data", ICML 2021, Algorithm 1.
 *
 * x_i: params of node i; g_ij = ∇f_j(x_i) on a batch of node j; w_ij: mixing weights; M: the rows w_ij g_ij, j ≠ i. A round:
 *   (1) x_i to the neighbours
 *   (2) g_ji = ∇f_i(x_j) for itself and all neighbours j, each sent to its j
 *   (3) u* = argmin over u ≥ margin of ½ uᵀ M Mᵀ u + (M w_ii g_ii)ᵀ u,  g̃_i = w_ii g_ii + Mᵀ u*
 *   (4) m_i ← β m_i + g̃_i,  x_i ← Σ_j w_ij x_j − η m_i
 * Law: with a margin of 0, g̃_i has no negative product with any row of M, and is w_ii g_ii where that has none.
 *
 * Messages           | content         | payload bytes, params = d
 * `model`            | x_i             | float32 4·d to each neighbour
 * `cross-gradient`   | ∇f_i(x_j) to j  | float32 4·d: one after the other, so a round takes two latencies
 *
 * Differences from the paper: (3) is that of the released code, with the factors w_ij, a margin of 0.5 and one programme for each array
 * of params; `scope: model` has one for all. (4) is the paper's; the released code steps along g̃_i + β m_i (Nesterov). A
 * cross-gradient that is missing is left out. One step a round. Nodes answer their neighbours, so links in one direction are refused.
 * The analysis is for doubly stochastic weights.
 */
import { z } from 'zod';
import type { CodecContext, NodeContext } from '../../learning/algorithm.js';
import { messageType } from '../../learning/messages.js';
import { fromNeighbors, type PhaseMessage, phase } from '../../learning/phases.js';
import { rounds } from '../../learning/rounds.js';
import { dot, mix, weightedSum } from '../../learning/vectors.js';
import type { VectorView } from '../../wire/codec.js';
import { createCodec, denseCodecOption } from '../../wire/index.js';
import {
  type GradientState,
  gradientInput,
  gradientOptions,
  startGradients,
  stepped,
  stepSize,
} from './batch-gradient.js';
import { crossGradients } from './cross-gradients.js';
import { minimizeAbove } from './projection.js';

interface State extends GradientState {
  /** x_i. */
  params: Float32Array;
  /** x_i after the last step; that is mixed already. */
  adapted: Float32Array;
  momentum: Float32Array;
  /** Models of this round's neighbours with their senders: the neighbours may be others by the end of the round. */
  models: PhaseMessage<VectorView>[];
  /** The node's own gradients: at its own model, then at those of the senders. */
  gradients: Float32Array[];
}

const options = z.strictObject({
  ...gradientOptions,
  momentum: z.number().min(0).lt(1).default(0.95).describe('β (released code: 0.95)'),
  margin: z.number().min(0).default(0.5).describe('least weight of each cross-gradient (released code: 0.5)'),
  scope: z
    .enum(['array', 'model'])
    .default('array')
    .describe(
      'whether every array of params has a programme (3) of its own (released code), or the model has one',
    ),
  codec: denseCodecOption().describe('how models and cross-gradients are encoded'),
});

type Options = z.output<typeof options>;
type Node = NodeContext<Options>;

const vectors = ({ options: { codec }, model }: CodecContext<Options>) => createCodec(codec, model);
const MODEL = messageType('model', vectors);
const CROSS_GRADIENT = messageType('cross-gradient', vectors);

export const cga = rounds<State, Options>({
  id: 'cga',
  description: 'neighbours send gradients at each other’s models; a step goes against none of them',
  reference:
    'Esfandiari et al., Cross-Gradient Aggregation for Decentralized Learning from Non-IID Data, ICML 2021',
  options,
  contentFree: true,
  undirected: true,
  mixing: ({ mixing }) => mixing,
  init: ({ initialParams, model }) => ({
    ...startGradients(),
    params: initialParams,
    adapted: initialParams,
    momentum: new Float32Array(model.length),
    models: [],
    gradients: [],
  }),
  phases: () => [
    // (1).
    phase({
      message: MODEL,
      send: (_node, { params }) => ({ body: { values: params } }),
      combine(_node, state, received) {
        state.models = [...received];
      },
    }),
    // (2).
    phase({
      message: CROSS_GRADIENT,
      task: crossGradients,
      input(node, state) {
        const { params, ...batch } = gradientInput(node, state, state.params);
        return { ...batch, points: [params, ...state.models.map(({ body }) => body.values)] };
      },
      computed(_node, state, { results }) {
        state.gradients = results.map(({ gradient }) => gradient);
        state.loss = results[0]!.loss;
      },
      send: (_node, { models, gradients }) =>
        models.map(({ from }, k) => ({ body: { values: gradients[k + 1]! }, to: [from] })),
      combine: step,
    }),
  ],
  evaluate: ({ params, adapted }) => ({ adapted: { params: adapted }, mixed: { params } }),
  series: ({ loss }) => ({ 'train-loss': loss }),
});

/** (3) and (4). */
function step(node: Node, state: State, received: readonly PhaseMessage<VectorView>[]): void {
  const { mixing, options, model } = node;
  const own = weightedSum([state.gradients[0]!], [mixing.self]);
  const rows = fromNeighbors(node, received).map(({ neighbor, view }) =>
    weightedSum([view.values], [mixing.neighbors[neighbor]!]),
  );
  const parts = options.scope === 'model' ? [{ offset: 0, length: model.length }] : model.slices;
  const direction = Float32Array.from(own);
  for (const { offset, length } of parts) {
    const part = (vector: Float32Array) => vector.subarray(offset, offset + length);
    direction.set(projected(part(own), rows.map(part), options.margin), offset);
  }
  state.momentum = weightedSum([state.momentum, direction], [options.momentum, 1]);
  state.params = stepped(
    mix(state.params, mixing, fromNeighbors(node, state.models)),
    state.momentum,
    stepSize(node),
  );
  state.adapted = state.params;
}

/** g̃: g + Mᵀu*. */
export function projected(g: Float32Array, rows: readonly Float32Array[], margin: number): Float32Array {
  const products = rows.map((): number[] => []);
  for (const [i, a] of rows.entries())
    for (let j = i; j < rows.length; j++) products[i]![j] = products[j]![i] = dot(a, rows[j]!);
  const u = minimizeAbove(
    products,
    rows.map((row) => dot(row, g)),
    margin,
  );
  const sum = new Float64Array(g);
  for (const [k, row] of rows.entries()) {
    const weight = u[k]!;
    for (let i = 0; i < sum.length; i++) sum[i]! += weight * row[i]!;
  }
  return new Float32Array(sum);
}

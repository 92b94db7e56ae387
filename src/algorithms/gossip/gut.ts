/**
 * GUT, global update tracking: a node tracks the mean update of all nodes from the models that it receives anyway, and so
 * counters their differences at no cost in messages.
 *
 * Reference: S. A. Aketi, A. Hashemi, K. Roy, "Global Update Tracking: A Decentralized Learning Algorithm for Heterogeneous
 * Data", NeurIPS 2023, Algorithm 2.
 *
 * x_i: params of node i; S_i = Σ_j w_ij (x_j − x_i); μ: weight of the tracking. A round:
 *   (1) δ_i = g_i(x_i + S_i) − S_i / η
 *   (2) y_i = δ_i + μ [ Σ_j w_ij y_j⁻ − 1/η Σ_j w_ij (x_j⁻ − x_i⁻) − δ_i⁻ ]          ⁻: of the round before
 *   (3) x_i ← x_i − η y_i
 * A neighbour's y_j⁻ is (x_j⁻ − x_j)/η, so with weights and η that stay the same the bracket of (2) is
 * (x_i⁻ − Σ_j w_ij x_j)/η − δ_i⁻: nothing of the neighbours has to be kept, and none is (0 in the first round).
 *
 * Messages   | content | payload bytes, params = d
 * `model`    | x_i     | float32 4·d, or what the codec takes
 *
 * Differences from the paper: the gradient is taken at x_i + S_i, as the released code does. The bracket is computed in its short
 * form; with `decay` the last round's η is in it. A round ends with the exchange, so `mixed` is x_i + S_i, where the next
 * gradient is taken, and nothing is mixed before the first. The
 * analysis is for doubly stochastic weights.
 */
import { z } from 'zod';
import type { CodecContext } from '../../learning/algorithm.js';
import { gradientOf } from '../../learning/gradient.js';
import { messageType } from '../../learning/messages.js';
import { fromNeighbors, phase } from '../../learning/phases.js';
import { rounds } from '../../learning/rounds.js';
import { mix, weightedSum } from '../../learning/vectors.js';
import { createCodec, denseCodecOption } from '../../wire/index.js';
import {
  type GradientState,
  gradientInput,
  gradientOptions,
  startGradients,
  stepSize,
} from './batch-gradient.js';

interface State extends GradientState {
  /** x_i + S_i. */
  params: Float32Array;
  /** x_i, the params that are sent. */
  adapted: Float32Array;
  /** The bracket of (2) without its mixture: x_i⁻/η − δ_i⁻, and 1/η; null before the first round. */
  last: { readonly sum: Float32Array; readonly rate: number } | null;
}

const options = z.strictObject({
  ...gradientOptions,
  tracking: z
    .number()
    .min(0)
    .lt(1)
    .default(0.9)
    .describe('μ, the weight of the tracked update; 0 is D-PSGD (paper: 0.9 without momentum)'),
  codec: denseCodecOption().describe('how models are encoded'),
});

type Options = z.output<typeof options>;

const MODEL = messageType('model', ({ options: { codec }, model }: CodecContext<Options>) =>
  createCodec(codec, model),
);

export const gut = rounds<State, Options>({
  id: 'gut',
  description: 'tracks the mean update of all nodes from the models that are sent anyway',
  reference:
    'Aketi et al., Global Update Tracking: A Decentralized Learning Algorithm for Heterogeneous Data, NeurIPS 2023',
  options,
  contentFree: true,
  fixedPoints: [{ order: 'adapt-then-combine', options: { batch: 1, tracking: 0 } }],
  mixing: ({ mixing }) => mixing,
  init: ({ initialParams }) => ({
    ...startGradients(),
    params: initialParams,
    adapted: initialParams,
    last: null,
  }),
  phases: ({ tracking }) => [
    phase({
      message: MODEL,
      task: gradientOf,
      input: (node, state) => gradientInput(node, state, state.params),
      computed(node, state, { gradient, loss }) {
        const eta = stepSize(node);
        const { params: mixed, adapted: own, last } = state;
        // (1).
        const delta = weightedSum([gradient, mixed, own], [1, -1 / eta, 1 / eta]);
        // (2).
        const update =
          last === null ? delta : weightedSum([delta, last.sum, mixed], [1, tracking, -tracking * last.rate]);
        // (3).
        state.adapted = weightedSum([own, update], [1, -eta]);
        state.last = { sum: weightedSum([own, delta], [1 / eta, -1]), rate: 1 / eta };
        state.loss = loss;
      },
      send: (_node, { adapted }) => ({ body: { values: adapted } }),
      combine(node, state, received) {
        state.params = mix(state.adapted, node.mixing, fromNeighbors(node, received));
      },
    }),
  ],
  evaluate: ({ params, adapted }) => ({ adapted: { params: adapted }, mixed: { params } }),
  series: ({ loss }) => ({ 'train-loss': loss }),
});

/**
 * QG-DSGDm, quasi-global momentum: a node's momentum is not that of its own gradients, but of how its params really move from
 * round to round, mixing included, which is near the movement of all.
 *
 * Reference: T. Lin, S. P. Karimireddy, S. U. Stich, M. Jaggi, "Quasi-Global Momentum: Accelerating Decentralized Deep Learning
 * on Heterogeneous Data", ICML 2021, Algorithm 1.
 *
 * x_i: params of node i; g_i: gradient of its next batch; m̂_i: its momentum, 0 at first; w_ij: mixing weights.
 *   (1) x_i^½ = x_i − η (β m̂_i + g_i(x_i))
 *   (2) x_i⁺  = Σ_j w_ij x_j^½
 *   (3) m̂_i  ← μ m̂_i + (1 − μ) (x_i − x_i⁺) / η
 *
 * Messages   | content  | payload bytes, params = d
 * `model`    | x_i^½    | float32 4·d, or what the codec takes
 *
 * Differences from the paper: none. No weight decay, and no Nesterov variant. The analysis is for doubly stochastic weights.
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
  stepped,
  stepSize,
} from './batch-gradient.js';

interface State extends GradientState {
  /** x_i. */
  params: Float32Array;
  /** x_i^½. */
  adapted: Float32Array;
  /** m̂_i. */
  momentum: Float32Array;
}

const options = z.strictObject({
  ...gradientOptions,
  momentum: z
    .number()
    .min(0)
    .lt(1)
    .default(0.9)
    .describe('β, the weight of the momentum in a step (paper: 0.9)'),
  memory: z
    .number()
    .min(0)
    .lt(1)
    .default(0.9)
    .describe('μ, how much of the momentum stays when it is renewed (paper: as the momentum, 0.9)'),
  codec: denseCodecOption().describe('how models are encoded'),
});

type Options = z.output<typeof options>;

const MODEL = messageType('model', ({ options: { codec }, model }: CodecContext<Options>) =>
  createCodec(codec, model),
);

export const qgDsgdm = rounds<State, Options>({
  id: 'qg-dsgdm',
  description:
    'D-PSGD with quasi-global momentum: that of how the params move from round to round, mixing included',
  reference:
    'Lin et al., Quasi-Global Momentum: Accelerating Decentralized Deep Learning on Heterogeneous Data, ICML 2021',
  options,
  contentFree: true,
  // Where x_i rests its momentum is 0, whatever β and μ are.
  fixedPoints: [{ order: 'adapt-then-combine', options: { batch: 1, momentum: 0.5 } }],
  mixing: ({ mixing }) => mixing,
  init: ({ initialParams, model }) => ({
    ...startGradients(),
    params: initialParams,
    adapted: initialParams,
    momentum: new Float32Array(model.length),
  }),
  phases: ({ momentum: beta, memory }) => [
    phase({
      message: MODEL,
      task: gradientOf,
      input: (node, state) => gradientInput(node, state, state.params),
      // (1).
      computed(node, state, { gradient, loss }) {
        const direction = weightedSum([state.momentum, gradient], [beta, 1]);
        state.adapted = stepped(state.params, direction, stepSize(node));
        state.loss = loss;
      },
      send: (_node, { adapted }) => ({ body: { values: adapted } }),
      // (2) and (3).
      combine(node, state, received) {
        const before = state.params;
        state.params = mix(state.adapted, node.mixing, fromNeighbors(node, received));
        const rate = (1 - memory) / stepSize(node);
        state.momentum = weightedSum([state.momentum, before, state.params], [memory, rate, -rate]);
      },
    }),
  ],
  evaluate: ({ params, adapted }) => ({ adapted: { params: adapted }, mixed: { params } }),
  series: ({ loss }) => ({ 'train-loss': loss }),
});

/**
 * DePRL: nodes share a representation through gossip and keep their heads, without a server.
 *
 * Reference: G. Xiong, G. Yan, S. Wang, J. Li, "DePRL: Achieving Linear Convergence Speedup in Personalized
 * Decentralized Learning with Shared Representations", AAAI 2024, Algorithm 1.
 *
 * φ_i: representation (the model's body), h_i: head, P: doubly stochastic mixing. Round k on node i:
 *   (1) h_i(k+1)   ← τ SGD steps on h at φ_i(k)
 *   (2) φ_i(k+½)   = φ_i(k) − η ∇_φ f_i(φ_i(k), h_i(k+1))            one SGD step, at the new head
 *   (3) φ_i(k+1)   = Σ_j P_ij φ_j(k+½)
 *
 * Messages   | content     | payload bytes, d_φ params in the body
 * `body`     | φ_i(k+½)    | 4·d_φ to each neighbour a round; the head never leaves its node
 *
 * Differences from the paper: with `preset: paper-code` the released code's variant (3 head epochs, 1 body epoch,
 * batch 16, momentum 0.9 that is reset in each phase, weight decay 1e-5, gradients clipped at 10, learning rate
 * × 0.96 a round, uniform mixing, which is only row-stochastic on irregular graphs). A neighbour whose body is missing
 * leaves its weight with the node's own.
 */
import { z } from 'zod';
import type { NodeContext } from '../learning/algorithm.js';
import { bodyLength, bodyOf, withBody } from '../learning/body.js';
import {
  startTraining,
  type TrainingOptions,
  type TrainingState,
  trained,
  trainingJob,
  trainingOptions,
} from '../learning/local-training.js';
import { fromNeighbors, type RoundOptions, roundOptions, rounds } from '../learning/rounds.js';
import { mix } from '../learning/vectors.js';
import type { Trainable } from '../models/model.js';
import { powerByProducts } from '../models/powers.js';
import type { MixingRule } from '../topology/mixing/index.js';
import type { VectorView } from '../wire/codec.js';
import { float32 } from '../wire/float32.js';

interface State {
  params: Float32Array;
  training: TrainingState;
}

interface OwnOptions {
  headSteps: number;
  headEpochs?: number | undefined;
  bodySteps: number;
  bodyEpochs?: number | undefined;
  headLearningRate?: number | undefined;
  decay: number;
  clipNorm?: number | undefined;
  mixing: MixingRule;
}

type Options = TrainingOptions & RoundOptions & OwnOptions;

/** What the released code trains with. */
const PAPER_CODE = {
  headEpochs: 3,
  bodyEpochs: 1,
  batch: 16,
  learningRate: 0.01,
  optimizer: { use: 'sgd', momentum: 0.9, weightDecay: 1e-5 },
  clipNorm: 10,
  decay: 0.96,
  mixing: 'uniform',
} as const;

const { localSteps: _steps, localEpochs: _epochs, ...training } = trainingOptions;

const options = z.strictObject({
  ...training,
  ...roundOptions,
  headSteps: z.int().min(1).default(2).describe('SGD steps on the head a round (τ)'),
  headEpochs: z.number().positive().optional().describe('epochs on the head a round, instead of headSteps'),
  bodySteps: z.int().min(1).default(1).describe('SGD steps on the representation a round (the theory: 1)'),
  bodyEpochs: z.number().positive().optional().describe('epochs on the representation, instead of bodySteps'),
  headLearningRate: z.number().positive().optional().describe('step size of the head; default: learningRate'),
  decay: z.number().gt(0).max(1).default(1).describe('factor on the learning rates from round to round'),
  clipNorm: z.number().positive().optional().describe('gradients longer than this are scaled down to it'),
  mixing: z
    .enum(['metropolis-hastings', 'uniform'])
    .default('metropolis-hastings')
    .describe('how a node weighs its neighbours'),
  preset: z
    .enum(['theory', 'paper-code'])
    .default('theory')
    .describe("paper-code: the released code's values for whatever is not given"),
});

export const deprl = rounds<State, Options>({
  id: 'deprl',
  description:
    'shared representation by gossip, personal heads: head steps, one body step, mixing of the body',
  reference: 'Xiong et al., DePRL: Linear Convergence Speedup with Shared Representations, AAAI 2024',
  options: z
    .preprocess((given) => {
      const isPreset = typeof given === 'object' && given !== null && 'preset' in given;
      return isPreset && given.preset === 'paper-code' ? { ...PAPER_CODE, ...given } : given;
    }, options)
    .transform((parsed) => ({ ...parsed, localSteps: 1 })),
  mixing: ({ mixing }) => mixing,
  messages: ({ model }) => ({ body: float32(bodyLength(model)) }),
  init: (node) => ({ params: node.initialParams, training: startTraining() }),
  phases: () => [
    {
      // (1): the body stays bit for bit.
      compute: (node, state) => step(node, state, 'head'),
      computed: keep,
    },
    {
      message: 'body',
      // (2): the head stays bit for bit.
      compute: (node, state) => step(node, state, 'body'),
      computed: keep,
      send: (node, state) => ({ body: { values: bodyOf(node.model, state.params) } }),
      // (3)
      combine(node, state, received) {
        const own = bodyOf(node.model, state.params);
        const mixed = mix(own, node.mixing, fromNeighbors<VectorView>(node, received));
        state.params = withBody(node.model, state.params, mixed);
      },
    },
  ],
  evaluate: (state) => ({ personal: { params: state.params } }),
  measure: (state) => ({ 'train-loss': state.training.loss }),
});

function step(node: NodeContext<Options>, state: State, group: Trainable & ('head' | 'body')) {
  const { decay, headLearningRate, learningRate, clipNorm } = node.options;
  const isHead = group === 'head';
  // The optimiser is made anew in each phase.
  state.training.optimizerState = null;
  state.training.stepsTaken = 0;
  return trainingJob(node, state.training, state.params, {
    trainable: group,
    steps: isHead ? node.options.headSteps : node.options.bodySteps,
    epochs: isHead ? node.options.headEpochs : node.options.bodyEpochs,
    rateFactor:
      powerByProducts(decay, node.round) * (isHead ? (headLearningRate ?? learningRate) / learningRate : 1),
    clipNorm,
  });
}

function keep(_node: NodeContext<Options>, state: State, output: unknown): void {
  state.params = trained(state.training, output);
}

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
 * `body`     | φ_i(k+½)    | 4·d_φ to each neighbour per round; the head never leaves its node
 *
 * Differences from the paper: `preset: paper-code` has the values of the released code (3 head epochs, 1 body epoch,
 * batch 16, momentum 0.9, weight decay 1e-5, one optimiser a round for the whole model, whose gradient is clipped at 10,
 * while the group that is not trained keeps its params: so the body inherits a velocity; learning rate × 0.96 from round
 * to round; uniform mixing, which is only row-stochastic on irregular graphs). If a neighbour's body is missing, its
 * weight goes to the node's own.
 */
import { z } from 'zod';
import type { CodecContext, NodeContext } from '../learning/algorithm.js';
import { bodyLayout, bodyOf, headOf, withBody } from '../learning/body.js';
import {
  finalTraining,
  finalTrainingOption,
  forgetOptimizer,
  startTraining,
  type TrainingState,
  trained,
  trainingInput,
  trainingOptions,
} from '../learning/local-training.js';
import { messageType } from '../learning/messages.js';
import { fromNeighbors, phase } from '../learning/phases.js';
import { roundOptions, rounds } from '../learning/rounds.js';
import { type TrainOutput, train } from '../learning/train.js';
import { mix } from '../learning/vectors.js';
import { mixingOption } from '../topology/mixing/index.js';
import { createParamsCodec, paramsCodecOption } from '../wire/index.js';

interface State {
  /** φ_i and h_i. */
  params: Float32Array;
  /** Both after (2), and after (3). */
  adapted: Float32Array;
  mixed: Float32Array;
  training: TrainingState;
}

/** What the released code trains with. */
const PAPER_CODE = {
  headEpochs: 3,
  bodyEpochs: 1,
  batch: 16,
  learningRate: 0.01,
  optimizer: { use: 'sgd', momentum: 0.9, weightDecay: 1e-5 },
  clipNorm: 10,
  decay: 0.96,
  newOptimizer: 'each-round',
  mixing: 'uniform',
} as const;

const { localSteps: _steps, localEpochs: _epochs, restartOptimizer: _restart, ...training } = trainingOptions;

const ownOptions = z.strictObject({
  ...training,
  ...roundOptions,
  ...finalTrainingOption,
  codec: paramsCodecOption(),
  headSteps: z.int().min(1).default(2).describe('SGD steps on the head per round (τ)'),
  headEpochs: z.number().positive().optional().describe('epochs on the head per round, instead of headSteps'),
  bodySteps: z.int().min(1).default(1).describe('SGD steps on the body per round (the theory: 1)'),
  bodyEpochs: z.number().positive().optional().describe('epochs on the body per round, instead of bodySteps'),
  headLearningRate: z.number().positive().optional().describe('step size of the head; default: learningRate'),
  newOptimizer: z
    .enum(['each-phase', 'each-round'])
    .default('each-phase')
    .describe(
      'whether head and body steps start with a new optimiser each, or share one in a round (released code)',
    ),
  mixing: mixingOption(),
  preset: z
    .enum(['theory', 'paper-code'])
    .default('theory')
    .describe('paper-code: options that are not given have the values of the released code'),
});

const options = z
  .preprocess((given) => {
    const isPreset = typeof given === 'object' && given !== null && 'preset' in given;
    return isPreset && given.preset === 'paper-code' ? { ...PAPER_CODE, ...given } : given;
  }, ownOptions)
  .transform((given) => ({ ...given, localSteps: 1, restartOptimizer: false }));

type Options = z.output<typeof options>;
type Node = NodeContext<Options>;

const BODY = messageType('body', ({ options: { codec }, model }: CodecContext<Options>) =>
  createParamsCodec(codec, bodyLayout(model)),
);

export const deprl = rounds<State, Options>({
  id: 'deprl',
  description:
    'shared representation by gossip, personal heads: head steps, one body step, mixing of the body',
  reference: 'Xiong et al., DePRL: Linear Convergence Speedup with Shared Representations, AAAI 2024',
  options,
  contentFree: true,
  mixing: ({ mixing }) => mixing,
  init: ({ initialParams }) => ({
    params: initialParams,
    adapted: initialParams,
    mixed: initialParams,
    training: startTraining(),
  }),
  phases: () => [
    // (1): the body stays bit for bit.
    phase({ task: train, input: headTraining, computed: keepParams }),
    phase({
      message: BODY,
      // (2): the head stays bit for bit.
      task: train,
      input: bodyTraining,
      computed(node, state, output) {
        keepParams(node, state, output);
        state.adapted = state.params;
      },
      send: (node, state) => ({ body: { values: bodyOf(node.model, state.params) } }),
      // (3)
      combine(node, state, received) {
        const own = bodyOf(node.model, state.params);
        const average = mix(own, node.mixing, fromNeighbors(node, received));
        state.params = withBody(node.model, state.params, average);
        state.mixed = state.params;
      },
    }),
    finalTraining(),
  ],
  personal: ({ params, adapted, mixed }, { model }) =>
    [params, adapted, mixed].flatMap((vector) => headOf(model, vector)),
  evaluate: ({ adapted, mixed }) => ({ adapted: { params: adapted }, mixed: { params: mixed } }),
  series: (state) => ({ 'train-loss': state.training.loss }),
});

// (1) always starts with a new optimiser.

function headTraining(node: Node, { training, params }: State) {
  const { headSteps, headEpochs, headLearningRate, learningRate } = node.options;
  forgetOptimizer(training);
  return trainingInput(node, training, params, {
    ...trainedGroup(node, 'head'),
    steps: headSteps,
    epochs: headEpochs,
    rateFactor: (headLearningRate ?? learningRate) / learningRate,
  });
}

function bodyTraining(node: Node, { training, params }: State) {
  const { bodySteps, bodyEpochs, newOptimizer } = node.options;
  if (newOptimizer === 'each-phase') forgetOptimizer(training);
  return trainingInput(node, training, params, {
    ...trainedGroup(node, 'body'),
    steps: bodySteps,
    epochs: bodyEpochs,
  });
}

/** With one optimiser in a round, the other group takes part in gradient, clipping and velocity, and keeps its params. */
function trainedGroup({ options }: Node, group: 'head' | 'body') {
  if (options.newOptimizer === 'each-phase') return { trainable: group };
  return { trainable: 'all', held: group === 'head' ? 'body' : 'head' } as const;
}

function keepParams(_node: Node, state: State, output: TrainOutput): void {
  state.params = trained(state.training, output);
}

/**
 * DFedPGP: nodes share a body by push-sum on a directed graph, and keep their heads.
 *
 * Reference: Y. Liu, Y. Shi, Q. Li, B. Wu, X. Wang, L. Shen, "Decentralized Directed Collaboration for Personalized Federated
 * Learning", CVPR 2024, Algorithm 1.
 *
 * u_i: biased body, μ_i: push-sum weight, 1 at first; z_i = u_i/μ_i: the body; v_i: head; P: column-stochastic mixing.
 *   (1) v_i ← K_v steps on v at z_i
 *   (2) u_i ← u_i − η ∇_z f_i(z_i, v_i), z_i = u_i/μ_i;  K_u times, at the new head
 *   (3) u_i ← Σ_j P_ij u_j,   μ_i ← Σ_j P_ij μ_j,   z_i = u_i/μ_i
 *
 * Messages   | content         | payload bytes, d_φ params in the body
 * `body`     | u_i and μ_i     | float32 4·d_φ, float16 2·d_φ, …; and 8 for μ as float64, to each out-neighbour per round;
 *            |                 | the head never leaves its node
 *
 * (1) takes steps of `headLearningRate` (η_v), (2) of η on u_i: it is computed on z_i with η/μ_i, which is the same. Σ μ_i = nodes and, without (2), Σ u_i stay as they are;
 * where P is doubly stochastic μ_i is 1.
 *
 * Differences from the paper: P_ij is known to the receiver, who multiplies by it. What a lost message carried would be gone
 * from u and from μ alike: z_i would still be a weighted mean, but μ_i would shrink and the steps on z_i grow. So a network that may
 * lose messages for good is refused. A node that leaves
 * takes its share of u and μ with it. (1) and (2) start with a new optimiser each. The numbers of epochs are ours. With a `codec` that rounds, Σ u_i changes by
 * what it rounds away; μ_i is always exact.
 */
import { z } from 'zod';
import type { CodecContext, NodeContext } from '../learning/algorithm.js';
import { bodyLayout, bodyOf, headOf, withBody } from '../learning/body.js';
import {
  forgetOptimizer,
  startTraining,
  type TrainingState,
  trained,
  trainingInput,
  trainingOptions,
} from '../learning/local-training.js';
import { losslessOptions, noDeadline, refuseLostMass } from '../learning/losses.js';
import { messageType } from '../learning/messages.js';
import { fromNeighbors, type Phase, phase } from '../learning/phases.js';
import { rounds } from '../learning/rounds.js';
import { train } from '../learning/train.js';
import { weightedSum } from '../learning/vectors.js';
import { pushMixingOption } from '../topology/mixing/index.js';
import { number } from '../wire/control.js';
import { createParamsCodec, paramsCodecOption } from '../wire/index.js';
import { record } from '../wire/record.js';

interface State {
  /** z_i and v_i. */
  params: Float32Array;
  /** Both after (2), and after (3). */
  adapted: Float32Array;
  mixed: Float32Array;
  /** u_i. */
  biased: Float32Array;
  /** μ_i. */
  weight: number;
  training: TrainingState;
}

const { localSteps: _steps, localEpochs: _epochs, restartOptimizer: _restart, ...training } = trainingOptions;

const options = z
  .strictObject({
    ...training,
    ...losslessOptions,
    headEpochs: z
      .number()
      .positive()
      .default(1)
      .describe('epochs on the head per round, before the body (K_v)'),
    bodyEpochs: z.number().positive().default(5).describe('epochs on the body per round (K_u)'),
    headLearningRate: z
      .number()
      .positive()
      .optional()
      .describe('η_v, step size of the head; default: learningRate'),
    mixing: pushMixingOption(),
    codec: paramsCodecOption(),
  })
  .transform((given) => ({ ...given, ...noDeadline, localSteps: 1, restartOptimizer: false }));

type Options = z.output<typeof options>;
type Node = NodeContext<Options>;

const BODY = messageType('body', ({ options: { codec }, model }: CodecContext<Options>) =>
  record({ values: createParamsCodec(codec, bodyLayout(model)), weight: number('float64') }),
);

/** (1): the body stays bit for bit. */
const headPhase: Phase<State, Options> = phase({
  task: train,
  input: (node, state) => inputOf(node, state, 'head'),
  computed(_node, state, output) {
    state.params = trained(state.training, output);
  },
});

const bodyPhase: Phase<State, Options> = phase({
  message: BODY,
  // (2): the head stays bit for bit.
  task: train,
  input: (node, state) => inputOf(node, state, 'body'),
  computed({ model }, state, output) {
    const before = bodyOf(model, state.params);
    state.params = trained(state.training, output);
    state.adapted = state.params;
    const after = bodyOf(model, state.params);
    const { weight } = state;
    state.biased = weightedSum([state.biased, after, before], [1, weight, -weight]);
  },
  send: (_node, { biased, weight }) => ({ body: { values: { values: biased }, weight } }),
  // (3)
  combine(node, state, received) {
    const { self, neighbors } = node.mixing;
    const shares = fromNeighbors(node, received).map(({ neighbor, view }) => ({
      ...view,
      share: neighbors[neighbor]!,
    }));
    state.biased = weightedSum(
      [state.biased, ...shares.map(({ values }) => values.values)],
      [self, ...shares.map(({ share }) => share)],
    );
    state.weight = shares.reduce((sum, { share, weight }) => sum + share * weight, self * state.weight);
    state.params = withBody(node.model, state.params, weightedSum([state.biased], [1 / state.weight]));
    state.mixed = state.params;
  },
});

export const dfedpgp = rounds<State, Options>({
  id: 'dfedpgp',
  description: 'shared body by push-sum over directed links, personal heads',
  reference:
    'Liu et al., Decentralized Directed Collaboration for Personalized Federated Learning (DFedPGP), CVPR 2024',
  options,
  contentFree: true,
  mixing: ({ mixing }) => mixing,
  validate: refuseLostMass,
  init: ({ initialParams, model }) => ({
    params: initialParams,
    adapted: initialParams,
    mixed: initialParams,
    biased: bodyOf(model, initialParams),
    weight: 1,
    training: startTraining(),
  }),
  phases: () => [headPhase, bodyPhase],
  personal: ({ params, adapted, mixed }, { model }) =>
    [params, adapted, mixed].flatMap((vector) => headOf(model, vector)),
  evaluate: ({ adapted, mixed }) => ({ adapted: { params: adapted }, mixed: { params: mixed } }),
  series: ({ training, weight }) => ({ 'train-loss': training.loss, 'push-weight': weight }),
});

function inputOf(node: Node, state: State, trainable: 'head' | 'body') {
  const { headEpochs, bodyEpochs, learningRate, headLearningRate = learningRate } = node.options;
  forgetOptimizer(state.training);
  return trainingInput(node, state.training, state.params, {
    trainable,
    epochs: trainable === 'head' ? headEpochs : bodyEpochs,
    rateFactor: trainable === 'head' ? headLearningRate / learningRate : 1 / state.weight,
  });
}

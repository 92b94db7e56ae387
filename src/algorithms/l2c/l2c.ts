/**
 * L2C: each node learns the weights with which it mixes the others' updates, from the validation loss of the mixed model;
 * after some rounds it keeps the few neighbours that help most.
 *
 * Reference: S. Li, T. Zhou, X. Tian, D. Tao, "Learning to Collaborate in Decentralized Learning of Personalized
 * Models", CVPR 2022. A_i: active neighbours and the node itself; α_i: logits, 0 at first. Round t on node i:
 *   (1) θ_i^S ← local SGD steps from θ_i on training rows;  Δ_i = θ_i − θ_i^S, sent to all j with i in A_j
 *   (2) w_i = softmax(α_i over A_i);  θ_i ← θ_i − Σ_{j ∈ A_i} w_ij Δ_j        `aggregate: update`
 *                                     θ_i ← Σ_{j ∈ A_i} w_ij θ_j^S            `aggregate: model`
 *   (3) g = ∇L_val(θ_i);  ∂L/∂w_ij = −⟨g, Δ_j⟩;  ∂L/∂α_ij = w_ij (∂L/∂w_ij − Σ_m w_im ∂L/∂w_im);  Adam step on α_i
 *   (4) at the end of round T0 = pruneAfter: A_i ← i and the `keep` largest w_ij
 *
 * Messages   | content                  | payload bytes, d params
 * `update`   | Δ_i, or θ_i^S            | 4·d with float32, to each j with i in A_j, per round
 * `prune`    | none                     | 0 (a header), to each neighbour that is left out; again for each update it still sends
 * `keep`     | none                     | 0 (a header), once to each neighbour that is kept
 *
 * Differences from the paper: the receiver chooses its neighbours, but the sender must stop sending: hence the messages
 * `prune` and `keep`, for which a node waits before its next round. Both are charged. Constants of related
 * code: 5 epochs of batch 10, SGD with 0.01, weight decay 5e-4, 90 of 100 nodes left out after 10
 * rounds. `alphaMode: lookahead` takes step (3) at a trial mix, and then mixes with the new weights. Of more than 512
 * validation rows, each round takes 100. A neighbour whose message is missing is left out of that round's softmax, and
 * its logit stays. With a `codec`, a node mixes its own vector as it is, and the others' as they arrive.
 */
import { z } from 'zod';
import type { CodecContext, NodeContext } from '../../learning/algorithm.js';
import { gradientOf } from '../../learning/gradient.js';
import { finalTraining, trained, trainingInput } from '../../learning/local-training.js';
import { messageType } from '../../learning/messages.js';
import { type Phase, phase } from '../../learning/phases.js';
import { rounds } from '../../learning/rounds.js';
import { train } from '../../learning/train.js';
import { count } from '../../options/index.js';
import { createParamsCodec } from '../../wire/index.js';
import { type AdamMoments, adamStep, startMoments } from './adam64.js';
import {
  applyMixing,
  difference,
  type LearnedMixingState,
  learnedMixingOptions,
  learnedMixingSeries,
  logitGradient,
  type Mixture,
  mixtureOf,
  reportWeights,
  requireValidationRows,
  softmaxWeights,
  startLearnedMixing,
  validationInput,
} from './learned-mixing.js';
import {
  isPruned,
  isPruningRound,
  prune,
  pruningMessages,
  pruningPhase,
  sendersOf,
  withPruning,
} from './pruning.js';

interface State extends LearnedMixingState {
  /** θ_i at the beginning of the round. */
  start: Float32Array;
  /** What this node sends: Δ_i, or θ_i^S. */
  own: Float32Array;
  /** What is mixed in this round; kept until the weights have learned from it. */
  mixture: Mixture | null;
  /** α_i, float64 [nodes]. */
  logits: Float64Array;
  moments: AdamMoments;
}

const options = z.strictObject({
  ...learnedMixingOptions,
  aggregate: z
    .enum(['update', 'model'])
    .default('update')
    .describe(
      'what nodes exchange and mix: the change that local training made (the paper), or whole models',
    ),
  alphaMode: z
    .enum(['post', 'lookahead'])
    .default('post')
    .describe(
      'post: the logits learn after mixing, for the next round; lookahead: they learn from a trial mix, for the mix of the same round',
    ),
  alphaLearningRate: z.number().positive().default(0.1).describe("Adam's step size on the logits"),
  alphaWeightDecay: z.number().min(0).default(0.01).describe('L2 coefficient on the logits'),
  freezeAlphaAfterPrune: z
    .boolean()
    .default(false)
    .describe(
      'ablation: stop training the mixing weights once the neighbours are chosen (with `keep`); where groups overlap that costs accuracy',
    ),
  refitAfter: count()
    .optional()
    .describe(
      'rounds after which the mixing weights stay, and nodes train on their validation rows too; default: never',
    ),
});

type Options = z.output<typeof options>;
type Node = NodeContext<Options>;

const UPDATE = messageType('update', ({ options: { codec }, model }: CodecContext<Options>) =>
  createParamsCodec(codec, model),
);

/** β of Kingma and Ba; weight decay is an L2 term. */
const ADAM = { beta1: 0.9, beta2: 0.999, decoupled: false } as const;

/** (1) and (2). */
const exchange: Phase<State, Options> = phase({
  message: UPDATE,
  task: train,
  input(node, state) {
    state.start = state.params;
    return trainingInput(node, state.training, state.params, { rows: rowsOf(node) });
  },
  computed(node, state, output) {
    const params = trained(state.training, output);
    state.adapted = params;
    state.own = node.options.aggregate === 'update' ? difference(state.start, params) : params;
  },
  send: (_node, state) => ({ body: { values: state.own } }),
  expect: (node, { links }) => sendersOf(node, links),
  combine(node, state, received) {
    const vectors = received.map(({ from, body }) => ({ from, vector: body.values }));
    const mixture = mixtureOf({ id: node.id, vector: state.own }, vectors);
    mixWith(node, state, mixture);
    if (learns(node)) state.mixture = mixture;
    if (!isTrial(node)) reportWeights(node, state, mixture, weightsOf(state, mixture));
  },
});

/** (3) and (4). */
const learn: Phase<State, Options> = phase({
  when: learns,
  task: gradientOf,
  input: validationInput,
  computed(node, state, { gradient, loss }) {
    const { aggregate, alphaLearningRate, alphaWeightDecay } = node.options;
    const mixture = state.mixture!;
    const ofLogits = new Float64Array(node.nodes);
    const ofMembers = logitGradient(aggregate, gradient, mixture, weightsOf(state, mixture));
    for (const [k, member] of mixture.members.entries()) ofLogits[member] = ofMembers[k]!;
    const adam = { ...ADAM, learningRate: alphaLearningRate, weightDecay: alphaWeightDecay };
    const stepped = adamStep(state.logits, state.moments, ofLogits, adam, mixture.members);
    state.logits = stepped.values;
    state.moments = stepped.moments;
    state.validationLoss = loss;
    if (isTrial(node)) {
      mixWith(node, state, mixture);
      reportWeights(node, state, mixture, weightsOf(state, mixture));
    }
    if (isPruningRound(node)) {
      const { active: members } = state.links;
      prune(node, state.links, { members, weights: weightsOf(state, { members }) });
    }
    state.mixture = null;
  },
});

export const l2c = withPruning(
  rounds<State, Options>({
    fixedTopology: true,
    id: 'l2c',
    description:
      'nodes learn mixing weights from their validation loss, and then keep only the best neighbours',
    reference:
      'Li et al., Learning to Collaborate in Decentralized Learning of Personalized Models (L2C), CVPR 2022',
    options,
    contentBound: 'keeps the neighbours with the largest mixing weights that it learns',
    messages: pruningMessages,
    init(node) {
      requireValidationRows(node);
      return {
        ...startLearnedMixing(node, node.initialParams),
        start: node.initialParams,
        own: node.initialParams,
        mixture: null,
        logits: new Float64Array(node.nodes),
        moments: startMoments(node.nodes),
      };
    },
    phases: () => [exchange, learn, pruningPhase(), finalTraining(rowsOf)],
    evaluate: ({ params, adapted }) => ({ adapted: { params: adapted }, mixed: { params } }),
    personal: ({ logits, moments }) => [logits, moments.mean, moments.square],
    series: learnedMixingSeries,
  }),
  UPDATE,
);

/** Whether the weights still learn in this round. */
function learns(node: Node): boolean {
  return !isRefit(node) && !(node.options.freezeAlphaAfterPrune && isPruned(node));
}

function isRefit({ options: { refitAfter }, round }: Node): boolean {
  return refitAfter !== undefined && round >= refitAfter;
}

/** What a node trains on in this round. */
function rowsOf(node: Node): Uint32Array {
  const { train, validation } = node.shard;
  return isRefit(node) ? Uint32Array.from([...train, ...validation]) : train;
}

/** w over the members. */
function weightsOf({ logits }: State, { members }: Pick<Mixture, 'members'>): Float64Array {
  return softmaxWeights(members.map((member) => logits[member]!));
}

/** Whether the first mix of a round is only a trial, from which the weights learn. */
function isTrial(node: Node): boolean {
  return node.options.alphaMode === 'lookahead' && learns(node);
}

function mixWith(node: Node, state: State, mixture: Mixture): void {
  state.params = applyMixing(node.options.aggregate, state.start, mixture, weightsOf(state, mixture));
}

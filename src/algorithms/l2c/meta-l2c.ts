/**
 * meta-L2C: like L2C, but the mixing weights come from an attention encoder that is common to all nodes, and that can be
 * applied to nodes that took no part in its training.
 *
 * Reference: S. Li, T. Zhou, X. Tian, D. Tao, "Learning to Collaborate in Decentralized Learning of Personalized
 * Models", CVPR 2022. ϕ: encoder, θ⁰: common start, A_i: active neighbours and the node itself. Round t on node i:
 *   (1) θ_i^S ← local SGD steps from θ_i;  Δ_i = θ_i − θ_i^S,  U_i = θ_i^S − θ⁰, sent to all j with i in A_j
 *   (2) E_j = encoding of U_j/‖U_j‖, tensor by tensor (attention-encoder.ts);  s_ij = mean ⟨E_j, E_i⟩
 *       w_i = softmax(s_i over A_i);  θ_i ← θ_i − Σ_{j ∈ A_i} w_ij Δ_j        `payload: faithful`
 *                                     θ_i ← Σ_{j ∈ A_i} w_ij θ_j^S            `payload: model`, U_j = θ_j^S − θ⁰
 *   (3) g = ∇L_val(θ_i);  ∂L/∂w_ij = −⟨g, Δ_j⟩;  ∂L/∂s_ij = w_ij (∂L/∂w_ij − Σ_m w_im ∂L/∂w_im);  back through E_j
 *       and E_i to ϕ: an AdamW step on i's own copy, then the mean of all copies by an all-reduce
 *   (4) at the end of round T0 = pruneAfter: A_i ← i and the `keep` largest w_ij
 *
 * Messages   | content                        | payload bytes, d params, |ϕ| numbers of the encoder, N nodes
 * `update`   | Δ_i and U_i, or θ_i^S          | 8·d, or 4·d, with float32, to each j with i in A_j, per round
 * `reduce`   | a chunk of ϕ_i                 | 4·⌈|ϕ|/N⌉ to each other node, per round, while the encoder learns
 * `gather`   | the mean of a node's chunk     | 4·⌈|ϕ|/N⌉ to each other node, likewise: 2(N−1)·4·⌈|ϕ|/N⌉ per node in all
 * `prune`, `keep`, as in l2c.ts              | 0 (a header)
 *
 * A run leaves its encoder in artifacts.json, with θ⁰. `encoder: <that file>` applies it, frozen: nodes start from its
 * θ⁰, nothing is learned or synchronised, and neighbours may be chosen after the first round (`pruneAfter: 1`).
 *
 * Differences from the paper: what its text leaves open is taken from related code (k1 = 10, k2 = 20, tanh, AdamW with
 * 0.1, β = 0.9 and 0.99, weight decay 0.01). Chunks of the all-reduce go straight to the node responsible for them and
 * not around a ring: the same messages and bytes, but fewer latencies. All nodes must start from the same params
 * (`init: common`). Of more than 512 validation rows, each round takes 100. A neighbour whose message is missing is
 * left out of that round's softmax. A `codec` is for `update` alone: the encoder's numbers stay float32, so that all copies are equal.
 */
import { resolve } from 'node:path';
import { z } from 'zod';
import { readJsonFile } from '../../data/json-file.js';
import type { CodecContext, NodeContext } from '../../learning/algorithm.js';
import { gradientOf } from '../../learning/gradient.js';
import { finalTraining, trained, trainingInput } from '../../learning/local-training.js';
import { type MessageType, messageType } from '../../learning/messages.js';
import { type Phase, phase } from '../../learning/phases.js';
import { rounds } from '../../learning/rounds.js';
import { train } from '../../learning/train.js';
import { count } from '../../options/index.js';
import { createParamsCodec } from '../../wire/index.js';
import { record } from '../../wire/record.js';
import { type AdamMoments, startMoments } from './adam64.js';
import { type AllReduceState, allReducePhases } from './all-reduce.js';
import {
  type AttendInput,
  attend,
  drawEncoder,
  type EncoderLayout,
  encoderLayout,
  encoderStep,
} from './attention-encoder.js';
import { loadEncoder, saveEncoder, type TrainedEncoder } from './encoder-file.js';
import {
  applyMixing,
  difference,
  type LearnedMixingState,
  learnedMixingOptions,
  learnedMixingSeries,
  logitGradient,
  type MixingForm,
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

/** What a node contributes to the mixtures: Δ or θ^S, and U. */
interface Contribution {
  readonly vector: Float32Array;
  readonly cumulative: Float32Array;
}

/** A mixture, and the U_j of its members. */
type ComparedMixture = Mixture & { readonly cumulative: readonly Float32Array[] };

interface State extends LearnedMixingState, AllReduceState {
  /** θ⁰. */
  initial: Float32Array;
  own: Contribution;
  /** What is mixed in this round; kept until the encoder has learned from it. */
  mixture: ComparedMixture | null;
  /** w_i over its members. */
  weights: Float64Array;
  layout: EncoderLayout;
  /** ϕ. */
  encoder: Float32Array;
  moments: AdamMoments;
  /** ∂L/∂s_i. */
  ofScores: Float64Array;
}

const options = z.strictObject({
  ...learnedMixingOptions,
  payload: z
    .enum(['faithful', 'model'])
    .default('faithful')
    .describe(
      'faithful: nodes send two vectors, and mix updates; model: they send their model, and mix models',
    ),
  hidden: count()
    .default(10)
    .describe('hidden units of the encoder (k1); not used with `encoder`, whose file has them'),
  output: count()
    .default(20)
    .describe('output units of the encoder (k2); not used with `encoder`, whose file has them'),
  encoder: z
    .string()
    .min(1)
    .optional()
    .describe(
      'path of an artifacts.json with a trained encoder, relative to the scenario; it is not trained further',
    ),
  encoderLearningRate: z.number().positive().default(0.1).describe("AdamW's step size on the encoder"),
  encoderWeightDecay: z.number().min(0).default(0.01).describe('decoupled weight decay of the encoder'),
  freezeEncoderAfterPrune: z
    .boolean()
    .default(false)
    .describe('stop training and synchronising the encoder once the neighbours are chosen (with `keep`)'),
});

type Options = z.output<typeof options>;
type Node = NodeContext<Options>;

function vector({ options: { codec }, model }: CodecContext<Options>) {
  return createParamsCodec(codec, model);
}

/** One type on the wire, with one of two bodies. */
const UPDATES = messageType('update', (context: CodecContext<Options>) =>
  record({ update: vector(context), cumulative: vector(context) }),
);
const MODEL = messageType('update', vector);

/** (1), for one way to send a contribution: the body that a node sends, and what receivers make of it. */
function exchange<Body, View>(
  type: MessageType<Body, View, Options>,
  bodyOf: (own: Contribution) => Body,
  contributionOf: (body: View, initial: Float32Array) => Contribution,
): Phase<State, Options> {
  return phase({
    message: type,
    task: train,
    input: (node, state) => trainingInput(node, state.training, state.params),
    computed(node, state, output) {
      const params = trained(state.training, output);
      state.adapted = params;
      const vector = formOf(node) === 'update' ? difference(state.params, params) : params;
      state.own = { vector, cumulative: difference(params, state.initial) };
    },
    send: (_node, { own }) => ({ body: bodyOf(own) }),
    expect: (node, { links }) => sendersOf(node, links),
    combine(node, state, received) {
      const others = received.map(({ from, body }) => ({ from, ...contributionOf(body, state.initial) }));
      const mixture = mixtureOf({ id: node.id, ...state.own }, others);
      const own = { id: node.id, vector: state.own.cumulative };
      const cumulative = others.map(({ from, cumulative: vector }) => ({ from, vector }));
      state.mixture = { ...mixture, cumulative: mixtureOf(own, cumulative).vectors };
    },
  });
}

const updateExchange = exchange(
  UPDATES,
  ({ vector, cumulative }) => ({ update: { values: vector }, cumulative: { values: cumulative } }),
  ({ update, cumulative }) => ({ vector: update.values, cumulative: cumulative.values }),
);

const modelExchange = exchange(
  MODEL,
  ({ vector }) => ({ values: vector }),
  ({ values }, initial) => ({ vector: values, cumulative: changeOf(values, initial) }),
);

/** The last difference of each received model from a start. */
const changes = new WeakMap<
  Float32Array,
  { readonly initial: Float32Array; readonly change: Float32Array }
>();

/** U of a model, computed once for all nodes that have received it: so they have the same array, which is encoded once. */
function changeOf(values: Float32Array, initial: Float32Array): Float32Array {
  const known = changes.get(values);
  if (known?.initial === initial) return known.change;
  const change = difference(values, initial);
  changes.set(values, { initial, change });
  return change;
}

/** (2) and (4). */
const mixByScores: Phase<State, Options> = phase({
  task: attend,
  input: attention,
  computed(node, state, { scores }) {
    const mixture = state.mixture!;
    state.weights = softmaxWeights(scores);
    state.params = applyMixing(formOf(node), state.params, mixture, state.weights);
    reportWeights(node, state, mixture, state.weights);
    if (isPruningRound(node)) {
      // Neighbours whose message is missing in this round come last: they are kept only if there are too few others.
      const { active: members } = state.links;
      const weightOf = (id: number) => state.weights[mixture.members.indexOf(id)] ?? -1;
      prune(node, state.links, { members, weights: members.map(weightOf) });
    }
    if (!learns(node)) state.mixture = null;
  },
});

/** (3), first part. */
const validate: Phase<State, Options> = phase({
  when: learns,
  task: gradientOf,
  input: validationInput,
  computed(node, state, { gradient, loss }) {
    state.ofScores = logitGradient(formOf(node), gradient, state.mixture!, state.weights);
    state.validationLoss = loss;
  },
});

/** (3), second part: the step on this node's copy. */
const learn: Phase<State, Options> = phase({
  when: learns,
  task: encoderStep,
  input(node, state) {
    const { encoderLearningRate: learningRate, encoderWeightDecay: weightDecay } = node.options;
    const settings = { learningRate, weightDecay, beta1: 0.9, beta2: 0.99, decoupled: true };
    const { ofScores, moments } = state;
    return { ...attention(node, state), ofScores, moments, settings };
  },
  computed(_node, state, { encoder, moments }) {
    Object.assign(state, { encoder, moments, mixture: null });
  },
});

/** (3), third part. */
const synchronise: readonly Phase<State, Options>[] = allReducePhases({
  when: learns,
  length: ({ model, options: sizes }) => encoderLayout(model.slices, sizes).length,
  vector: ({ encoder }) => encoder,
  keep(state, encoder) {
    state.encoder = encoder;
  },
});

export const metaL2c = withPruning(
  rounds<State, Options>({
    fixedTopology: true,
    id: 'meta-l2c',
    description:
      'an attention encoder of model updates, common to all nodes, gives the mixing weights, and can serve new nodes',
    reference:
      'Li et al., Learning to Collaborate in Decentralized Learning of Personalized Models (meta-L2C), CVPR 2022',
    options,
    contentBound: 'keeps the neighbours with the largest mixing weights that its encoder gives',
    commonInit: true,
    messages: pruningMessages,
    async load({ encoder }, { directory, model }) {
      if (encoder === undefined) return {};
      const file = resolve(directory, encoder);
      return { encoder: loadEncoder(await readJsonFile(file, 'algorithm.encoder'), model, file) };
    },
    init(node) {
      // A trained encoder learns no more, so it needs no rows to learn from.
      if (node.options.encoder === undefined) requireValidationRows(node);
      const { layout, encoder, initial } = startEncoder(node);
      return {
        ...startLearnedMixing(node, initial),
        initial,
        own: { vector: initial, cumulative: initial },
        mixture: null,
        weights: new Float64Array(0),
        layout,
        encoder,
        moments: startMoments(layout.length),
        ofScores: new Float64Array(0),
        chunkMean: null,
      };
    },
    phases: ({ payload, encoder }) => [
      payload === 'model' ? modelExchange : updateExchange,
      mixByScores,
      ...(encoder === undefined ? [validate, learn, ...synchronise] : []),
      pruningPhase(),
      finalTraining(),
    ],
    evaluate: ({ params, adapted }) => ({ adapted: { params: adapted }, mixed: { params } }),
    personal: ({ weights, ofScores }) => [weights, ofScores],
    series: learnedMixingSeries,
    // All copies are equal unless messages were missing. A frozen encoder belongs to the run that trained it.
    artifacts: ([first]) => (first!.moments.steps[0] === 0 ? {} : { encoder: saveEncoder(first!) }),
  }),
  UPDATES,
);

/** The encoder of the file, or a drawn one that is the same on all nodes. */
function startEncoder(node: Node): TrainedEncoder {
  if (node.options.encoder !== undefined) return node.constant('encoder') as TrainedEncoder;
  const layout = encoderLayout(node.model.slices, node.options);
  return { layout, encoder: drawEncoder(layout, node.publicRandom('encoder')), initial: node.initialParams };
}

/** Whether the encoder learns in this round. */
function learns(node: Node): boolean {
  const { encoder, freezeEncoderAfterPrune } = node.options;
  return encoder === undefined && !(freezeEncoderAfterPrune && isPruned(node));
}

function attention(node: Node, { layout, encoder, mixture }: State): AttendInput {
  return { layout, encoder, vectors: mixture!.cumulative, self: mixture!.members.indexOf(node.id) };
}

function formOf({ options }: Node): MixingForm {
  return options.payload === 'model' ? 'model' : 'update';
}

/**
 * meta-L2C: as L2C, but the mixing weights come from an attention encoder that all nodes share, and that can be applied
 * to nodes that it has never seen.
 *
 * Reference: S. Li, T. Zhou, X. Tian, D. Tao, "Learning to Collaborate in Decentralized Learning of Personalized
 * Models", CVPR 2022. ϕ: encoder, θ⁰: common start, A_i: active neighbours and the node itself. Round t on node i:
 *   (1) θ_i^S ← local SGD steps from θ_i;  Δ_i = θ_i − θ_i^S,  U_i = θ_i^S − θ⁰, sent to all j with i in A_j
 *   (2) E_j = encoding of U_j/‖U_j‖, tensor by tensor (learning/attention-encoder.ts);  s_ij = mean ⟨E_j, E_i⟩
 *       w_i = softmax(s_i over A_i);  θ_i ← θ_i − Σ_{j ∈ A_i} w_ij Δ_j        `payload: faithful`
 *                                     θ_i ← Σ_{j ∈ A_i} w_ij θ_j^S            `payload: model`, U_j = θ_j^S − θ⁰
 *   (3) g = ∇L_val(θ_i);  ∂L/∂w_ij = −⟨g, Δ_j⟩;  ∂L/∂s_ij = w_ij (∂L/∂w_ij − Σ_m w_im ∂L/∂w_im);  back through E_j
 *       and E_i to ϕ: an AdamW step on the own copy, then the mean of all copies by an all-reduce
 *   (4) at the end of round T0 = pruneAfter: A_i ← i and the `keep` largest w_ij
 *
 * Messages   | content                        | payload bytes, d params, |ϕ| numbers of the encoder, N nodes
 * `update`   | Δ_i and U_i, or θ_i^S          | 8·d, or 4·d, to each j with i in A_j, a round
 * `reduce`   | a chunk of ϕ_i                 | 4·⌈|ϕ|/N⌉ to each other node, a round, while the encoder learns
 * `gather`   | the mean of the own chunk      | 4·⌈|ϕ|/N⌉ to each other node, likewise: 2(N−1)·4·⌈|ϕ|/N⌉ a node in all
 * `prune`, `keep`, as in l2c.ts              | 0 (a header)
 *
 * A run leaves its encoder in artifacts.json, with θ⁰. `encoder: <that file>` applies it, frozen: nodes start from its
 * θ⁰, nothing is learned or synchronised, and neighbours may be chosen after the first round (`pruneAfter: 1`).
 *
 * Differences from the paper: what its text leaves open is that of related code (k1 = 10, k2 = 20, tanh, AdamW with
 * 0.1, β = 0.9 and 0.99, weight decay 0.01). Chunks of the all-reduce go straight to the node in charge, not around a
 * ring: the same messages and bytes, fewer latencies. All nodes must start alike (`init: common`). Of more than 512
 * validation rows, 100 are taken a round. A neighbour whose message is missing is left out of that round's softmax.
 */
import { resolve } from 'node:path';
import { z } from 'zod';
import { readJsonFile } from '../../data/json-file.js';
import type { NodeContext } from '../../learning/algorithm.js';
import { finalTraining } from '../../learning/final-training.js';
import { type GradientOutput, gradientOf } from '../../learning/gradient.js';
import { trained, trainingJob } from '../../learning/local-training.js';
import { job, type Phase, rounds } from '../../learning/rounds.js';
import { count } from '../../options/index.js';
import type { VectorView } from '../../wire/codec.js';
import { float32 } from '../../wire/float32.js';
import { record } from '../../wire/record.js';
import { type AdamMoments, startMoments } from './adam64.js';
import { type AllReduceState, allReduceMessages, allReducePhases } from './all-reduce.js';
import { drawEncoder, type EncoderLayout, encoderLayout } from './attention-encoder.js';
import { type AttendOutput, attend, type EncoderStepOutput, encoderStep } from './attention-tasks.js';
import { loadEncoder, saveEncoder, type TrainedEncoder } from './encoder-file.js';
import {
  type LearnedMixingOptions,
  type LearnedMixingState,
  learnedMixingOptions,
  measureLearnedMixing,
  reportWeights,
  startLearnedMixing,
  validationJob,
} from './learned-mixing.js';
import {
  difference,
  logitGradient,
  type MixingForm,
  type Mixture,
  mixed,
  mixtureOf,
  softmax,
} from './mixing-logits.js';
import {
  isPruned,
  isPruningRound,
  prune,
  pruningMessages,
  pruningPhase,
  sendersOf,
  withPruning,
} from './pruning.js';

/** What a node sends: Δ and U, or θ^S. */
interface Sent {
  readonly vector: Float32Array;
  readonly cumulative: Float32Array;
}

/** A mixture, and the U_j of its members. */
type Compared = Mixture & { readonly cumulative: readonly Float32Array[] };

interface State extends LearnedMixingState, AllReduceState {
  /** θ⁰. */
  initial: Float32Array;
  own: Sent;
  /** What is mixed in this round; kept until the encoder has learned from it. */
  mixture: Compared | null;
  weights: Float64Array;
  layout: EncoderLayout;
  encoder: Float32Array;
  moments: AdamMoments;
  ofScores: Float64Array;
}

interface Options extends LearnedMixingOptions {
  payload: 'faithful' | 'model';
  hidden: number;
  output: number;
  encoder?: string | undefined;
  encoderLearningRate: number;
  encoderWeightDecay: number;
  freezeEncoderAfterPrune: boolean;
}

type Node = NodeContext<Options>;

const UPDATE = 'update';

export const metaL2c = withPruning(
  rounds<State, Options>({
    id: 'meta-l2c',
    description: 'mixing weights by a shared attention encoder of model updates, which can serve new nodes',
    reference:
      'Li et al., Learning to Collaborate in Decentralized Learning of Personalized Models (meta-L2C), CVPR 2022',
    options: z.strictObject({
      ...learnedMixingOptions,
      payload: z
        .enum(['faithful', 'model'])
        .default('faithful')
        .describe('faithful: two vectors, mixes updates; model: one, mixes models'),
      hidden: count().default(10).describe('hidden units of the encoder (k1); of the file with `encoder`'),
      output: count().default(20).describe('output units of the encoder (k2); of the file with `encoder`'),
      encoder: z
        .string()
        .min(1)
        .optional()
        .describe('artifacts.json with a trained encoder, relative to the scenario; it stays as it is'),
      encoderLearningRate: z.number().positive().default(0.1).describe("AdamW's step size on the encoder"),
      encoderWeightDecay: z.number().min(0).default(0.01).describe('decoupled weight decay of the encoder'),
      freezeEncoderAfterPrune: z
        .boolean()
        .default(false)
        .describe('the encoder stays as it is, unsynchronised, once neighbours are chosen (with `keep`)'),
    }),
    commonInit: true,
    messages: ({ options, model, nodes }) => ({
      [UPDATE]:
        options.payload === 'model'
          ? float32(model.length)
          : record({ update: float32(model.length), cumulative: float32(model.length) }),
      ...(options.encoder === undefined &&
        allReduceMessages(encoderLayout(model.slices, options).length, nodes)),
      ...(options.keep !== undefined && pruningMessages),
    }),
    tasks: [gradientOf, attend, encoderStep] as never,
    async load({ encoder }, { directory, model }) {
      if (encoder === undefined) return {};
      const file = resolve(directory, encoder);
      return { encoder: loadEncoder(await readJsonFile(file, 'algorithm.encoder'), model, file) };
    },
    init(node) {
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
        reduced: null,
      };
    },
    phases: () => [
      exchange,
      mixByScores,
      validate,
      learn,
      ...allReducePhases<State, Options>({
        when: learns,
        vector: (state) => state.encoder,
        keep(state, encoder) {
          state.encoder = encoder;
        },
      }),
      pruningPhase(),
      finalTraining(),
    ],
    evaluate: (state) => ({ personal: { params: state.params } }),
    measure: measureLearnedMixing,
    // Copies are equal unless messages were missing; a frozen encoder is somebody else's.
    artifacts: ([first]) => (first!.moments.steps[0] === 0 ? {} : { encoder: saveEncoder(first!) }),
  }),
  UPDATE,
);

/** The encoder of the file, or one that all nodes draw alike. */
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

/** (1). */
const exchange: Phase<State, Options> = {
  message: UPDATE,
  compute: (node, state) => trainingJob(node, state.training, state.params),
  computed(node, state, output) {
    const stepped = trained(state.training, output);
    const vector = formOf(node) === 'update' ? difference(state.params, stepped) : stepped;
    state.own = { vector, cumulative: difference(stepped, state.initial) };
  },
  send(node, { own: { vector, cumulative } }) {
    if (node.options.payload === 'model') return { body: { values: vector } };
    return { body: { update: { values: vector }, cumulative: { values: cumulative } } };
  },
  expect: (node, { links }) => sendersOf(node, links),
  combine(node, state, received) {
    const sent = received.map(({ from, body }) => ({ from, ...openBody(node, state, body) }));
    const mixture = mixtureOf({ id: node.id, ...state.own }, sent);
    const own = { id: node.id, vector: state.own.cumulative };
    const cumulative = sent.map(({ from, cumulative: vector }) => ({ from, vector }));
    state.mixture = { ...mixture, cumulative: mixtureOf(own, cumulative).vectors };
  },
};

/** (2) and (4). */
const mixByScores: Phase<State, Options> = {
  compute: (node, state) => job(attend, attention(node, state)),
  computed(node, state, output) {
    const mixture = state.mixture!;
    state.weights = softmax((output as AttendOutput).scores);
    state.params = mixed(formOf(node), state.params, mixture, state.weights);
    reportWeights(node, state, mixture, state.weights);
    if (isPruningRound(node)) {
      // Who was not heard in this very round comes last, and is kept where there are no others.
      const { active: members } = state.links;
      const heard = (id: number) => state.weights[mixture.members.indexOf(id)] ?? -1;
      prune(node, state.links, { members, weights: members.map(heard) });
    }
    if (!learns(node)) state.mixture = null;
  },
};

/** (3), first part. */
const validate: Phase<State, Options> = {
  when: learns,
  compute: validationJob,
  computed(node, state, output) {
    const { gradient, loss } = output as GradientOutput;
    state.ofScores = logitGradient(formOf(node), gradient, state.mixture!, state.weights);
    state.validationLoss = loss;
  },
};

/** (3), second part: the step on the own copy. */
const learn: Phase<State, Options> = {
  when: learns,
  compute(node, state) {
    const { encoderLearningRate: learningRate, encoderWeightDecay: weightDecay } = node.options;
    const settings = { learningRate, weightDecay, beta1: 0.9, beta2: 0.99, decoupled: true };
    const { ofScores, moments } = state;
    return job(encoderStep, { ...attention(node, state), ofScores, moments, settings });
  },
  computed(_node, state, output) {
    const { encoder, moments } = output as EncoderStepOutput;
    Object.assign(state, { encoder, moments, mixture: null });
  },
};

function attention(node: Node, { layout, encoder, mixture }: State) {
  return { layout, encoder, vectors: mixture!.cumulative, self: mixture!.members.indexOf(node.id) };
}

function formOf({ options }: Node): MixingForm {
  return options.payload === 'model' ? 'model' : 'update';
}

function openBody(node: Node, { initial }: State, body: unknown): Sent {
  if (node.options.payload === 'model') {
    const { values } = body as VectorView;
    return { vector: values, cumulative: difference(values, initial) };
  }
  const { update, cumulative } = body as { update: VectorView; cumulative: VectorView };
  return { vector: update.values, cumulative: cumulative.values };
}

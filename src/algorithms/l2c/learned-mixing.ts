/**
 * The common parts of L2C and meta-L2C, which learn mixing weights from validation rows: options, state and series, the
 * validation gradient, and the arithmetic of mixing. Weights are the softmax of logits; vectors are float32, all other
 * numbers float64.
 */
import { UsageError } from '../../errors.js';
import type { NodeContext } from '../../learning/algorithm.js';
import { type BatchCursor, nextBatches, startCursor } from '../../learning/batches.js';
import type { GradientInput } from '../../learning/gradient.js';
import {
  finalTrainingOption,
  startTraining,
  type TrainingState,
  trainingOptions,
} from '../../learning/local-training.js';
import { roundOptions } from '../../learning/rounds.js';
import { dot, weightedSum } from '../../learning/vectors.js';
import { byNumber } from '../../numbers.js';
import { paramsCodecOption } from '../../wire/index.js';
import { type ChosenLinks, type PruningState, pruningOptions, startLinks } from './pruning.js';

/** Options; an algorithm's schema spreads them in. */
export const learnedMixingOptions = {
  ...trainingOptions,
  ...roundOptions,
  ...pruningOptions,
  ...finalTrainingOption,
  codec: paramsCodecOption(),
};

/** What a node keeps between rounds. Plain data. */
export interface LearnedMixingState extends PruningState {
  params: Float32Array;
  /** After the last local training. */
  adapted: Float32Array;
  links: ChosenLinks;
  training: TrainingState;
  validation: BatchCursor;
  /** Validation loss of the last mix; NaN before the first. */
  validationLoss: number;
  /** Weight of its own vector in the last mix; NaN before the first. */
  ownWeight: number;
}

/** State before the first round. */
export function startLearnedMixing(node: NodeContext, params: Float32Array): LearnedMixingState {
  return {
    params,
    adapted: params,
    links: startLinks(node),
    training: startTraining(),
    validation: startCursor(),
    validationLoss: Number.NaN,
    ownWeight: Number.NaN,
  };
}

/** The input of `gradientOf` for the gradient of the validation loss at the present params. */
export function validationInput(node: NodeContext, state: LearnedMixingState): GradientInput {
  return {
    model: node.model.spec,
    params: state.params,
    rows: validationRows(node, state.validation),
    view: node.shard.view,
    trainable: 'all',
  };
}

/** Reports the weights with which the node has mixed. */
export function reportWeights(
  node: NodeContext,
  state: LearnedMixingState,
  { members }: Mixture,
  weights: Float64Array,
): void {
  for (const [k, member] of members.entries()) {
    if (member === node.id) state.ownWeight = weights[k]!;
    else node.weigh(member, weights[k]!);
  }
}

/** The series of a node. */
export function learnedMixingSeries(state: LearnedMixingState): Readonly<Record<string, number>> {
  return {
    'train-loss': state.training.loss,
    'validation-loss': state.validationLoss,
    'own-weight': state.ownWeight,
    'active-neighbors': state.links.active.length - 1,
  };
}

/** Up to this many validation rows are all used in each round; of more than that, a batch is used. */
const ALL_MAX = 512;
const BATCH = 100;

/** Throws a UsageError where a node has no validation rows. */
export function requireValidationRows(node: Pick<NodeContext, 'id' | 'shard'>): void {
  if (node.shard.validation.length > 0) return;
  throw new UsageError(
    'no-validation-rows',
    `expected validation rows on every node (such as validation: 20%), got none on node ${node.id}, which has ` +
      `${node.shard.train.length} training rows: hold out a larger share, or give the nodes more rows`,
    'data.validation',
  );
}

/** All of them up to 512, else the next batch of 100, shuffled by the stream `validation`. */
export function validationRows(
  node: Pick<NodeContext, 'shard' | 'random'>,
  cursor: BatchCursor,
): Uint32Array {
  const { validation } = node.shard;
  if (validation.length <= ALL_MAX) return validation;
  return nextBatches(cursor, validation, node.random('validation'), { steps: 1, batch: BATCH });
}

/**
 * What nodes exchange, and how weights w become params. `update`: vectors are Δ_j, the start of node j
 * minus its trained params, and θ ← θ − Σ w_j Δ_j. `model`: vectors are models, and θ ← Σ w_j θ_j.
 */
export type MixingForm = 'update' | 'model';

/** What a node mixes in a round: its own vector and those that have arrived, in ascending order of nodes. */
export interface Mixture {
  readonly members: readonly number[];
  readonly vectors: readonly Float32Array[];
}

/** Own and received vectors in ascending order of nodes. */
export function mixtureOf(
  own: { readonly id: number; readonly vector: Float32Array },
  received: ReadonlyArray<{ readonly from: number; readonly vector: Float32Array }>,
): Mixture {
  const all = [{ from: own.id, vector: own.vector }, ...received].sort((a, b) => byNumber(a.from, b.from));
  return { members: all.map(({ from }) => from), vectors: all.map(({ vector }) => vector) };
}

/** a − b, float32. */
export function difference(a: Float32Array, b: Float32Array): Float32Array {
  const result = new Float32Array(a.length);
  for (let i = 0; i < a.length; i++) result[i] = a[i]! - b[i]!;
  return result;
}

/** The softmax of logits a as mixing weights: e^a_k / Σ_m e^a_m, float64. The same for a + c. */
export function softmaxWeights(logits: ArrayLike<number>): Float64Array {
  let highest = Number.NEGATIVE_INFINITY;
  for (let k = 0; k < logits.length; k++) highest = Math.max(highest, logits[k]!);
  const weights = Float64Array.from(logits, (logit) => Math.exp(logit - highest));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

/** The mixed params, float32; `start` are the params before the mixing. */
export function applyMixing(
  form: MixingForm,
  start: Float32Array,
  { vectors }: Mixture,
  weights: Float64Array,
): Float32Array {
  if (form === 'model') return weightedSum(vectors, weights);
  return weightedSum([start, ...vectors], [1, ...weights.map((weight) => -weight)]);
}

/**
 * ∂L/∂a of L(applyMixing(softmax(a))) from the gradient of L at the mixed params: ∂L/∂w_j = ∓⟨g, v_j⟩, and
 * ∂L/∂a_j = w_j (∂L/∂w_j − Σ_m w_m ∂L/∂w_m). Sums to 0.
 */
export function logitGradient(
  form: MixingForm,
  gradient: Float32Array,
  { vectors }: Mixture,
  weights: Float64Array,
): Float64Array {
  const sign = form === 'update' ? -1 : 1;
  const ofWeights = vectors.map((vector) => sign * dot(gradient, vector));
  const mean = ofWeights.reduce((sum, value, k) => sum + weights[k]! * value, 0);
  return weights.map((weight, k) => weight * (ofWeights[k]! - mean));
}

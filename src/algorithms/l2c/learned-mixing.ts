/** What methods share that learn from validation rows with whom to mix: options, state, validation gradient, series. */
import type { NodeContext } from '../../learning/algorithm.js';
import { type BatchCursor, startCursor } from '../../learning/batches.js';
import { finalTrainingOption } from '../../learning/final-training.js';
import { gradientOf } from '../../learning/gradient.js';
import {
  startTraining,
  type TrainingOptions,
  type TrainingState,
  trainingOptions,
} from '../../learning/local-training.js';
import { type Job, job, type RoundOptions, roundOptions } from '../../learning/rounds.js';
import type { Mixture } from './mixing-logits.js';
import {
  type ChosenLinks,
  type PruningOptions,
  type PruningState,
  pruningOptions,
  startLinks,
} from './pruning.js';
import { requireValidationRows, validationRows } from './validation-rows.js';

/** Options; an algorithm's schema spreads them in. */
export const learnedMixingOptions = {
  ...trainingOptions,
  ...roundOptions,
  ...pruningOptions,
  ...finalTrainingOption,
};

/** Validated {@link learnedMixingOptions}. */
export interface LearnedMixingOptions extends TrainingOptions, RoundOptions, PruningOptions {
  readonly finalLocalEpochs: number;
}

/** What a node keeps. Plain data. */
export interface LearnedMixingState extends PruningState {
  params: Float32Array;
  links: ChosenLinks;
  training: TrainingState;
  validation: BatchCursor;
  /** Of the last mix; NaN before the first. */
  validationLoss: number;
  /** Weight of its own vector in the last mix; NaN before the first. */
  ownWeight: number;
}

/** State before the first round. Throws a UsageError where the node has no validation rows. */
export function startLearnedMixing(node: NodeContext, params: Float32Array): LearnedMixingState {
  requireValidationRows(node);
  return {
    params,
    links: startLinks(node),
    training: startTraining(),
    validation: startCursor(),
    validationLoss: Number.NaN,
    ownWeight: Number.NaN,
  };
}

/** The gradient of the validation loss at the present params. */
export function validationJob(node: NodeContext, state: LearnedMixingState): Job {
  return job(gradientOf, {
    model: node.model.spec,
    params: state.params,
    rows: validationRows(node, state.validation),
    view: node.shard.view,
    trainable: 'all',
  });
}

/** Says with which weights the node has mixed. */
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
export function measureLearnedMixing(state: LearnedMixingState): Readonly<Record<string, number>> {
  return {
    'train-loss': state.training.loss,
    'validation-loss': state.validationLoss,
    'own-weight': state.ownWeight,
    'active-neighbors': state.links.active.length - 1,
  };
}

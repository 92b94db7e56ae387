/** What algorithms share that train on their own shard each round: options, a cursor into the shard, the job. */
import { z } from 'zod';
import { optimizerOptions, optimizerSpec } from '../models/optimizers/index.js';
import type { Reference } from '../models/references.js';
import { count } from '../options/index.js';
import type { NodeContext } from './algorithm.js';
import { type BatchCursor, nextBatches, startCursor } from './batches.js';
import { type Job, job } from './rounds.js';
import { type TrainInput, type TrainOutput, train } from './train.js';

/** Options of local training; an algorithm's schema spreads them in. */
export const trainingOptions = {
  localSteps: count().default(5).describe('steps on own data a round; not with localEpochs'),
  localEpochs: z
    .number()
    .positive()
    .optional()
    .describe('passes over the own shard a round, instead of localSteps'),
  batch: count()
    .default(32)
    .describe('samples a step; batches wrap around the shard, so they are never short'),
  ...optimizerOptions,
};

/** Validated {@link trainingOptions}. */
export interface TrainingOptions {
  readonly localSteps: number;
  readonly localEpochs?: number | undefined;
  readonly batch: number;
  readonly optimizer: Reference;
  readonly learningRate: number;
}

/** What a node keeps between its rounds of training. Plain data. */
export interface TrainingState {
  cursor: BatchCursor;
  optimizerState: Float32Array | null;
  stepsTaken: number;
  /** Of the job that is asked for; taken when it is done, since a task may be lost with its node. */
  stepsAsked: number;
  /** Mean training loss of the last round; NaN before the first. */
  loss: number;
}

/** State before the first step. */
export function startTraining(): TrainingState {
  return { cursor: startCursor(), optimizerState: null, stepsTaken: 0, stepsAsked: 0, loss: Number.NaN };
}

/** What one job of training may have of its own. */
export interface TrainingJob extends Pick<TrainInput, 'clipNorm' | 'proximal' | 'trainable'> {
  /** Steps of this job, or epochs; default: the options `localSteps` and `localEpochs`. */
  readonly steps?: number | undefined;
  readonly epochs?: number | undefined;
  /** Factor on the options' learning rate. Default 1. */
  readonly rateFactor?: number;
}

/** Draws the job's batches from the stream `batches`, and asks for the task. */
export function trainingJob(
  node: NodeContext<TrainingOptions>,
  state: TrainingState,
  params: Float32Array,
  own: TrainingJob = {},
): Job {
  const { options, shard } = node;
  const epochs = own.epochs ?? (own.steps === undefined ? options.localEpochs : undefined);
  const steps =
    epochs === undefined
      ? (own.steps ?? options.localSteps)
      : Math.max(1, Math.round((epochs * shard.train.length) / options.batch));
  const { learningRate } = options;
  const optimizer = optimizerSpec({
    optimizer: options.optimizer,
    learningRate: learningRate * (own.rateFactor ?? 1),
  });
  const input: TrainInput = {
    model: node.model.spec,
    params,
    rows: nextBatches(state.cursor, shard.train, node.random('batches'), { steps, batch: options.batch }),
    batch: options.batch,
    view: shard.view,
    optimizer,
    optimizerState: state.optimizerState,
    stepsTaken: state.stepsTaken,
    trainable: own.trainable ?? 'all',
    clipNorm: own.clipNorm,
    proximal: own.proximal,
  };
  state.stepsAsked = steps;
  return job(train, input);
}

/** Keeps what the task left behind, and returns the new params. */
export function trained(state: TrainingState, output: unknown): Float32Array {
  const { params, optimizerState, loss } = output as TrainOutput;
  state.optimizerState = optimizerState;
  state.stepsTaken += state.stepsAsked;
  state.loss = loss;
  return params;
}

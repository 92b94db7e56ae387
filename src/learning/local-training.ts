/**
 * The common parts of algorithms whose nodes train on their own shards: options, state, the input of `train`, and a
 * training after the last round.
 */
import { z } from 'zod';
import { UsageError } from '../errors.js';
import { optimizerOptions, optimizerSpec } from '../models/optimizers/index.js';
import { count } from '../options/index.js';
import type { NodeContext } from './algorithm.js';
import { type BatchCursor, nextBatches, startCursor } from './batches.js';
import type { Params } from './params.js';
import { type Phase, phase } from './phases.js';
import { decay } from './schedules.js';
import { type TrainInput, type TrainOutput, train } from './train.js';

/** Options of local training; an algorithm's schema spreads them in. @public */
export const trainingOptions = {
  localSteps: count()
    .default(5)
    .describe('optimiser steps on own data in each round; not used with localEpochs'),
  localEpochs: z
    .number()
    .positive()
    .optional()
    .describe('epochs on own data in each round, instead of localSteps'),
  batch: count()
    .default(32)
    .describe('samples per step; batches wrap around the shard, so that none is short'),
  ...optimizerOptions,
  decay: z.number().gt(0).max(1).default(1).describe('factor on the step size from round to round'),
  clipNorm: z.number().positive().optional().describe('gradients longer than this are scaled down to it'),
  restartOptimizer: z
    .boolean()
    .default(false)
    .describe('whether every round starts with a new optimiser; with momentum, that makes D-PSGD DFedAvgM'),
};

/** Validated {@link trainingOptions}. @public */
export type TrainingOptions = z.output<z.ZodObject<typeof trainingOptions>>;

/** What a node keeps between its rounds of training. Plain data. @public */
export interface TrainingState {
  cursor: BatchCursor;
  optimizerState: Float32Array | null;
  stepsTaken: number;
  /** Steps of the task that is being computed; they are counted when it is done, since it may be lost. */
  pendingSteps: number;
  /** Mean training loss of the last round; NaN before the first. */
  loss: number;
}

/** State before the first step. @public */
export function startTraining(): TrainingState {
  return { cursor: startCursor(), optimizerState: null, stepsTaken: 0, pendingSteps: 0, loss: Number.NaN };
}

/** Forgets the optimiser's state: its next step is its first. */
export function forgetOptimizer(state: TrainingState): void {
  state.optimizerState = null;
  state.stepsTaken = 0;
}

/** Most samples of one training, whose row numbers are one array. */
const ROWS_MAX = 2 ** 28;

/** How one training may differ from the options. @public */
export interface TrainingSettings extends Pick<TrainInput, 'proximal' | 'shift' | 'trainable' | 'held'> {
  /** Steps of this training, or epochs; default: the options `localSteps` and `localEpochs`. */
  readonly steps?: number | undefined;
  readonly epochs?: number | undefined;
  /** What to train on; default: the shard's training rows. */
  readonly rows?: Uint32Array;
  /** Factor on the options' learning rate, beside that of `decay`. Default 1. */
  readonly rateFactor?: number;
}

/**
 * The input of {@link train} for the next training of `params`; draws its batches from the stream `batches`.
 * @public
 */
export function trainingInput<P extends Params>(
  node: NodeContext<TrainingOptions>,
  state: TrainingState,
  params: P,
  own: TrainingSettings = {},
): TrainInput<P> {
  const { options, shard } = node;
  const samples = own.rows ?? shard.train;
  const epochs = own.epochs ?? (own.steps === undefined ? options.localEpochs : undefined);
  const steps =
    epochs === undefined
      ? (own.steps ?? options.localSteps)
      : Math.max(1, Math.round((epochs * samples.length) / options.batch));
  if (steps * options.batch > ROWS_MAX) {
    throw new UsageError(
      'too-long-training',
      `expected at most ${ROWS_MAX} samples in one training, got ${steps} steps of ${options.batch}: take fewer steps, or smaller batches`,
      'algorithm',
    );
  }
  const { learningRate } = options;
  if (options.restartOptimizer) forgetOptimizer(state);
  const optimizer = optimizerSpec({
    optimizer: options.optimizer,
    learningRate: learningRate * (decay(options.decay, node.round) * (own.rateFactor ?? 1)),
  });
  state.pendingSteps = steps;
  return {
    model: node.model.spec,
    params,
    rows: nextBatches(state.cursor, samples, node.random('batches'), { steps, batch: options.batch }),
    batch: options.batch,
    view: shard.view,
    optimizer,
    optimizerState: state.optimizerState,
    stepsTaken: state.stepsTaken,
    trainable: own.trainable ?? 'all',
    held: own.held,
    clipNorm: options.clipNorm,
    proximal: own.proximal,
    ...(own.shift && { shift: own.shift }),
  };
}

/** Stores the results of a training in `state`, and returns the new params. @public */
export function trained(state: TrainingState, { params, optimizerState, loss }: TrainOutput): Float32Array {
  state.optimizerState = optimizerState;
  state.stepsTaken += state.pendingSteps;
  state.loss = loss;
  return params;
}

/** The option of a training after the last round; an algorithm's schema spreads it in. @public */
export const finalTrainingOption = {
  finalLocalEpochs: count(0)
    .default(0)
    .describe(
      'epochs on own data after the last round, whose result is not sent; needs a scenario that stops after a number of rounds',
    ),
};

/**
 * A phase at the end of the last round, in which each node trains its averaged model once more; the result is not sent.
 * `rowsOf` gives what it trains on, by default its training rows.
 * @public
 */
export function finalTraining<
  State extends { params: Params; adapted: Params; training: TrainingState },
  Options extends TrainingOptions & { readonly finalLocalEpochs: number },
>(rowsOf?: (node: NodeContext<Options>) => Uint32Array): Phase<State, Options> {
  return phase({
    when: ({ lastRound, options }) => lastRound && options.finalLocalEpochs > 0,
    task: train,
    input: (node, state) =>
      trainingInput(node, state.training, state.params, {
        epochs: node.options.finalLocalEpochs,
        ...(rowsOf && { rows: rowsOf(node) }),
      }),
    computed(_node, state, output) {
      state.adapted = trained(state.training, output);
    },
  });
}

/**
 * Asynchronous training: models are merged while a task runs. What a task returns was computed from the params at its start,
 * so its result must not replace what was merged since. Here a training gives a *change*, after − before, which is added to the
 * params as they are when it ends; and a merge acts on the params as they are when it happens. So every merge and every training
 * counts once, in the order of events.
 */
import { duration } from '../options/index.js';
import type { NodeContext } from './algorithm.js';
import {
  startTraining,
  type TrainingOptions,
  type TrainingState,
  trained,
  trainingInput,
} from './local-training.js';
import { type TrainOutput, train } from './train.js';

/** The option of algorithms whose nodes train at a pace of their own. @public */
export const periodOption = {
  period: duration()
    .prefault('0s')
    .describe('least time between the starts of two trainings; 0s: the next one begins at once'),
};

/** What an asynchronous node keeps. Plain data. @public */
export interface OngoingTraining {
  /** The model as it is now; a merge replaces it. */
  params: Float32Array;
  /** What the present training has started from. */
  before: Float32Array;
  /** The model when the last training had been added. */
  adapted: Float32Array;
  training: TrainingState;
  /** Whether the next training waits for the period to be over. */
  waiting: boolean;
}

/** The state before the first training. @public */
export function startOngoing({ initialParams }: Pick<NodeContext, 'initialParams'>): OngoingTraining {
  return {
    params: initialParams,
    before: initialParams,
    adapted: initialParams,
    training: startTraining(),
    waiting: false,
  };
}

/** The name of the timer that goes off when a period is over. @public */
export const PERIOD = 'period';

/** Submits a training of the params as they are now; the next one is due when the timer {@link PERIOD} goes off, if there is a period. @public */
export function beginTraining(
  node: NodeContext<TrainingOptions & { readonly period?: number }>,
  state: OngoingTraining,
): void {
  state.before = state.params;
  node.compute(train, trainingInput(node, state.training, state.params));
  const { period = 0 } = node.options;
  state.waiting = period > 0;
  if (period > 0) node.timer(PERIOD, period);
}

/** Adds the change that a training has made to the params as they are now. @public */
export function endTraining(state: OngoingTraining, output: TrainOutput): void {
  const after = trained(state.training, output);
  const { params, before } = state;
  // Bit for bit the training's result where nothing was merged meanwhile.
  state.params = params === before ? after : params.map((value, i) => value + (after[i]! - before[i]!));
  state.adapted = state.params;
}

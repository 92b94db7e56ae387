/**
 * Local-only SGD: every node trains on its own shard and talks to nobody. The reference that every personalized
 * method has to beat, and an upper bound for consensus methods under strong label skew.
 *
 * Reference: none; the baseline "local SGD" of most papers on personalized learning.
 * Messages: none; 0 bytes.
 * Differences from the paper: none.
 */
import { z } from 'zod';
import {
  startTraining,
  type TrainingOptions,
  type TrainingState,
  trained,
  trainingJob,
  trainingOptions,
} from '../learning/local-training.js';
import { type RoundOptions, rounds } from '../learning/rounds.js';

interface State {
  params: Float32Array;
  training: TrainingState;
}

type Options = TrainingOptions & RoundOptions;

export const localOnly = rounds<State, Options>({
  id: 'local-only',
  description: 'every node trains alone on its own shard',
  reference: 'baseline: local SGD without communication',
  options: z.strictObject(trainingOptions).transform((options) => ({ ...options, reliable: false })),
  mixedModels: true,
  messages: () => ({}),
  init: (node) => ({ params: node.initialParams, training: startTraining() }),
  phases: () => [
    {
      compute: (node, state) => trainingJob(node, state.training, state.params),
      computed: (_node, state, output) => {
        state.params = trained(state.training, output);
      },
    },
  ],
  evaluate: (state) => ({ personal: { params: state.params } }),
  measure: (state) => ({ 'train-loss': state.training.loss }),
});

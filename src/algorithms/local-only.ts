/**
 * Local-only SGD: every node trains on its own shard and sends nothing. The reference that every personalized
 * method has to beat, and an upper bound for consensus methods under strong label skew.
 *
 * Reference: none; the baseline "local SGD" of most papers on personalized learning.
 * Messages: none; 0 bytes.
 * Differences from the paper: none.
 */
import { z } from 'zod';
import {
  startTraining,
  type TrainingState,
  trained,
  trainingInput,
  trainingOptions,
} from '../learning/local-training.js';
import { phase } from '../learning/phases.js';
import { rounds } from '../learning/rounds.js';
import { train } from '../learning/train.js';

interface State {
  params: Float32Array;
  training: TrainingState;
}

const options = z.strictObject(trainingOptions).transform((given) => ({ ...given, reliable: false }));

type Options = z.output<typeof options>;

export const localOnly = rounds<State, Options>({
  id: 'local-only',
  description: 'every node trains alone on its own shard',
  reference: 'baseline: local SGD without communication',
  options,
  contentFree: true,
  mixedModels: true,
  init: (node) => ({ params: node.initialParams, training: startTraining() }),
  phases: () => [
    phase({
      task: train,
      input: (node, state) => trainingInput(node, state.training, state.params),
      computed(_node, state, output) {
        state.params = trained(state.training, output);
      },
    }),
  ],
  evaluate: ({ params }) => ({ adapted: { params } }),
  series: (state) => ({ 'train-loss': state.training.loss }),
});

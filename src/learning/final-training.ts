/** Local training at the very end of a run, which nobody hears of: a last phase of the last round. */
import { count } from '../options/index.js';
import { type TrainingOptions, type TrainingState, trained, trainingJob } from './local-training.js';
import type { Phase } from './rounds.js';

/** The option; an algorithm's schema spreads it in. */
export const finalTrainingOption = {
  finalLocalEpochs: count(0)
    .default(0)
    .describe('passes over the own shard after the last round; needs a scenario that counts rounds'),
};

/** The phase, which comes last. */
export function finalTraining<
  State extends { params: Float32Array; training: TrainingState },
  Options extends TrainingOptions & { readonly finalLocalEpochs: number },
>(): Phase<State, Options> {
  return {
    when: ({ lastRound, options }) => lastRound && options.finalLocalEpochs > 0,
    compute: (node, state) =>
      trainingJob(node, state.training, state.params, { epochs: node.options.finalLocalEpochs }),
    computed(_node, state, output) {
      state.params = trained(state.training, output);
    },
  };
}

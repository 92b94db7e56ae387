/**
 * SGP, stochastic gradient push: D-PSGD on directed topologies, by push-sum.
 *
 * Reference: M. Assran, N. Loizou, N. Ballas, M. Rabbat, "Stochastic Gradient Push for Distributed Deep Learning", ICML 2019,
 * Algorithm 1; push-sum is that of D. Kempe, A. Dobra, J. Gehrke, FOCS 2003.
 *
 * u_i: biased params, μ_i: push-sum weight (1 at the start), z_i = u_i/μ_i: the model; p_ij: column-stochastic weights
 * (Σ_i p_ij = 1); S_i(z): the change of z by `localSteps` local steps (−η∇f_i(z) for one).
 *   (1)   u_i ← u_i + S_i(z_i)
 *   (2)   u_i ← Σ_j p_ij u_j,  μ_i ← Σ_j p_ij μ_j,  z_i ← u_i/μ_i
 *
 * Messages   | content                          | payload bytes, params = d
 * `push`     | u_j and μ_j                      | float32 4·d, float16 2·d, …; and 8 for μ as float64
 *
 * Laws: Σ u_i and Σ μ_i = N are preserved by (2) where no message is lost and the codec is exact; with doubly stochastic weights μ_i = 1, and this is
 * D-PSGD, adapt-then-combine. A message that is lost takes a part of u and μ with it: steps then weigh ever more beside what is
 * left. So a network that may lose messages for good is refused. A node that leaves takes its share of both with it.
 *
 * Differences from the paper: nodes may take several local steps in a round. A sender sends what it has, and the receiver applies
 * p_ij, which every node knows from the topology. Without `overlap` of communication (the paper's OSGP).
 */
import { z } from 'zod';
import type { CodecContext } from '../../learning/algorithm.js';
import {
  finalTraining,
  finalTrainingOption,
  startTraining,
  type TrainingState,
  trained,
  trainingInput,
  trainingOptions,
} from '../../learning/local-training.js';
import { losslessOptions, noDeadline, refuseLostMass } from '../../learning/losses.js';
import { messageType } from '../../learning/messages.js';
import { type Params, valuesOf } from '../../learning/params.js';
import { fromNeighbors, phase } from '../../learning/phases.js';
import { rounds } from '../../learning/rounds.js';
import { train } from '../../learning/train.js';
import { weightedSum } from '../../learning/vectors.js';
import { pushMixingOption } from '../../topology/mixing/index.js';
import { number } from '../../wire/control.js';
import { createCodec, denseCodecOption } from '../../wire/index.js';
import { record } from '../../wire/record.js';

interface State {
  /** u_i. */
  biased: Float32Array;
  /** μ_i. */
  weight: number;
  /** z_i. */
  params: Params;
  /** z_i + S_i(z_i). */
  adapted: Params;
  training: TrainingState;
}

const options = z
  .strictObject({
    ...trainingOptions,
    ...losslessOptions,
    ...finalTrainingOption,
    mixing: pushMixingOption(),
    codec: denseCodecOption().describe('how models are encoded; a dense codec'),
  })
  .transform((given) => ({ ...given, ...noDeadline }));

type Options = z.output<typeof options>;

const PUSH = messageType('push', ({ options: { codec }, model }: CodecContext<Options>) =>
  record({ values: createCodec(codec, model), weight: number('float64') }),
);

export const sgp = rounds<State, Options>({
  id: 'sgp',
  description: 'stochastic gradient push: local steps, then push-sum averaging on a directed topology',
  reference: 'Assran et al., Stochastic Gradient Push for Distributed Deep Learning, ICML 2019',
  options,
  contentFree: true,
  mixing: ({ mixing }) => mixing,
  validate: refuseLostMass,
  init: ({ initialParams }) => ({
    biased: initialParams,
    weight: 1,
    params: initialParams,
    adapted: initialParams,
    training: startTraining(),
  }),
  phases: () => [
    phase({
      message: PUSH,
      task: train,
      input: (node, { training, params }) => trainingInput(node, training, params),
      // (1)
      computed(_node, state, output) {
        const before = valuesOf(state.params);
        const after = trained(state.training, output);
        state.adapted = after;
        // Bit for bit the training's result where μ_i = 1, as with doubly stochastic weights.
        state.biased = state.weight === 1 ? after : weightedSum([state.biased, after, before], [1, 1, -1]);
      },
      send: (_node, { biased, weight }) => ({ body: { values: { values: biased }, weight } }),
      // (2)
      combine(node, state, received) {
        const { mixing } = node;
        const views = fromNeighbors(node, received);
        const weights = [mixing.self, ...views.map(({ neighbor }) => mixing.neighbors[neighbor]!)];
        const masses = [state.weight, ...views.map(({ view }) => view.weight)];
        state.biased = weightedSum([state.biased, ...views.map(({ view }) => view.values.values)], weights);
        state.weight = masses.reduce((sum, mass, k) => sum + weights[k]! * mass, 0);
        state.params = { vectors: [state.biased], weights: [1 / state.weight] };
      },
    }),
    finalTraining(),
  ],
  evaluate: ({ params, adapted }) => ({ adapted: { params: adapted }, mixed: { params } }),
  series: ({ training, weight }) => ({ 'train-loss': training.loss, 'push-sum-weight': weight }),
});

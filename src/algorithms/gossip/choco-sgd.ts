/**
 * CHOCO-SGD: gossip of compressed differences. Every node keeps a public copy of its params, which all its neighbours hold too,
 * sends by how much the params have left it, and mixes the copies.
 *
 * Reference: A. Koloskova, S. U. Stich, M. Jaggi, "Decentralized Stochastic Optimization and Gossip Algorithms with Compressed
 * Communication", ICML 2019, Algorithm 2.
 *
 * x_i: params of node i; x̂_i: its public copy, 0 at first; Q: the codec; w_ij: mixing weights; γ: consensus step.
 *   (1) x_i^½ = x_i + S_i(x_i), the local steps                    (one step −η g_i in the paper)
 *   (2) q_i   = Q(x_i^½ − x̂_i), sent to the neighbours;  x̂_j ← x̂_j + q_j on every holder
 *   (3) x_i   ← x_i^½ + γ Σ_j w_ij (x̂_j − x̂_i)
 * Laws: all holders of x̂_i have the same bits; (3) leaves the mean of the x_i as it is, whatever Q and γ are, if the columns of the
 * weights sum to 1 (others are refused).
 * Assumption: Q loses less than it gets, E‖Q(v) − v‖² ≤ (1 − δ)‖v‖² with δ > 0. `top-k`, `random-k`, `sign`, `low-rank` and `float16` do;
 * `qsgd` does with enough levels for its bucket, or with `scaled` (the paper's Q), and is refused otherwise.
 *
 * Messages      | content | payload bytes, params = d
 * `difference`  | q_i     | what the codec takes: top-k 8·k with u32 indices, random-k 4·k + 4, sign ⌈d/8⌉ + 4 a bucket, float32 4·d
 *
 * Differences from the paper: several local steps, any optimiser. A node keeps the copies of all its neighbours (the released
 * code keeps their weighted sum, which saves memory; here the copies are the same to the bit). A copy that misses a
 * difference stays wrong for ever, so a network that drops messages needs `reliable: true`, and runs in which a message may
 * be lost nevertheless are refused: with faults, and with tries that end. So are topologies that change.
 */
import { z } from 'zod';
import { assert } from '../../errors.js';
import type { CodecContext, NodeContext } from '../../learning/algorithm.js';
import {
  startTraining,
  type TrainingState,
  trained,
  trainingInput,
  trainingOptions,
} from '../../learning/local-training.js';
import { losslessOptions, noDeadline, refuseLosses } from '../../learning/losses.js';
import { messageType } from '../../learning/messages.js';
import { fromNeighbors, phase } from '../../learning/phases.js';
import { rounds } from '../../learning/rounds.js';
import { train } from '../../learning/train.js';
import { weightedSum } from '../../learning/vectors.js';
import { mixingOption } from '../../topology/mixing/index.js';
import type { VectorView } from '../../wire/codec.js';
import { createContraction, plainCodecOption } from '../../wire/index.js';

interface State {
  /** x_i. */
  params: Float32Array;
  /** x_i^½. */
  adapted: Float32Array;
  /** x̂_i, and the x̂_j of the in-neighbours in their order; null before the first message. */
  copy: Float32Array;
  copies: Float32Array[] | null;
  training: TrainingState;
}

const options = z
  .strictObject({
    ...trainingOptions,
    ...losslessOptions,
    mixing: mixingOption(),
    codec: plainCodecOption()
      .prefault({ use: 'top-k', fraction: '10%' })
      .describe('Q, how differences are encoded'),
    consensusStep: z
      .number()
      .gt(0)
      .max(1)
      .default(0.3)
      .describe('γ: the coarser the codec, the smaller it has to be; 1 without compression'),
  })
  .transform((given) => ({ ...given, ...noDeadline }));

type Options = z.output<typeof options>;

const DIFFERENCE = messageType('difference', ({ options: { codec }, model }: CodecContext<Options>) =>
  createContraction(codec, model),
);

export const chocoSgd = rounds<State, Options>({
  id: 'choco-sgd',
  description: 'gossip of compressed differences to copies that all neighbours hold',
  reference:
    'Koloskova et al., Decentralized Stochastic Optimization and Gossip Algorithms with Compressed Communication, ICML 2019',
  options,
  contentFree: true,
  keepsMean: true,
  fixedTopology: true,
  fixedPoints: [
    {
      order: 'adapt-then-combine',
      options: { localSteps: 1, batch: 1, codec: 'float32', consensusStep: 1 },
    },
  ],
  mixing: ({ mixing }) => mixing,
  init: ({ initialParams, model }) => ({
    params: initialParams,
    adapted: initialParams,
    copy: new Float32Array(model.length),
    copies: null,
    training: startTraining(),
  }),
  validate: (facts) =>
    refuseLosses(facts, {
      code: 'lost-differences',
      because:
        "choco-sgd never recovers from a lost message, since the copies of a node's params on its neighbours would differ for ever; d-psgd with the same codec bears losses",
    }),
  phases: () => [
    phase({
      message: DIFFERENCE,
      task: train,
      input: (node, state) => trainingInput(node, state.training, state.params),
      // (1).
      computed(_node, state, output) {
        state.adapted = trained(state.training, output);
      },
      // (2).
      send: (_node, { adapted, copy }) => ({ body: { values: weightedSum([adapted, copy], [1, -1]) } }),
      sent(_node, state, view) {
        state.copy = moved(state.copy, view);
      },
      combine(node, state, received) {
        const views = fromNeighbors(node, received);
        const { length } = node.neighbors.in;
        state.copies ??= Array.from({ length }, () => new Float32Array(node.model.length));
        assert(
          state.copies.length === length && views.length === length,
          'choco-sgd: neighbours changed or a difference is missing',
        );
        state.copies = state.copies.map((copy, k) => moved(copy, views[k]!.view));
        state.params = mixed(node, state, state.copies);
      },
    }),
  ],
  evaluate: ({ params, adapted }) => ({ adapted: { params: adapted }, mixed: { params } }),
  series: (state) => ({ 'train-loss': state.training.loss }),
});

/** (3). */
function mixed({ mixing, options }: NodeContext<Options>, { adapted, copy }: State, copies: Float32Array[]) {
  const weights = Array.from(mixing.neighbors, (weight) => options.consensusStep * weight);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weightedSum([adapted, copy, ...copies], [1, -total, ...weights]);
}

/** x̂ + q, float32: the same sum of two numbers on every holder. */
function moved(copy: Float32Array, { values, indices }: VectorView): Float32Array {
  if (indices === undefined) return weightedSum([copy, values], [1, 1]);
  const next = Float32Array.from(copy);
  for (let k = 0; k < indices.length; k++) next[indices[k]!]! += values[k]!;
  return next;
}

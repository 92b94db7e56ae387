/**
 * Gradient tracking (DSGT): a node steps along a vector that follows the mean gradient of all nodes, so that a constant step
 * size ends at the optimum of the sum, however different the nodes are.
 *
 * Reference: S. Pu, A. Nedić, "Distributed stochastic gradient tracking methods", Mathematical Programming 187, 2021,
 * equations (5) and (6); A. Nedić, A. Olshevsky, W. Shi, "Achieving Geometric Convergence for Distributed Optimization over
 * Time-Varying Graphs", SIAM Journal on Optimization 27(4), 2017.
 *
 * x_i: params of node i; g_i: gradient of its next batch; y_i: its tracker, y_i⁰ = g_i⁰; w_ij: mixing weights.
 *   adapt-then-combine   x_i ← Σ_j w_ij (x_j − η y_j)                 (5), the default
 *   combine-then-adapt   x_i ← Σ_j w_ij x_j − η y_i
 *                        y_i ← Σ_j w_ij y_j + g_i(x_i) − g_i^old      (6)
 * Law: Σ_i y_i = Σ_i g_i at all times, if the columns of the weights sum to 1 (others are refused) and the codec is exact: a node mixes
 * its own y_i as it is with those that a lossy codec has changed.
 *
 * Messages   | content                       | payload bytes, params = d
 * `tracked`  | x_j − η y_j or x_j, and y_j   | float32 8·d; each of the two is encoded for itself
 *
 * Differences from the paper: none where all messages arrive. The round begins with the gradient, so its y is that of (6) at the
 * end of the round before. A message that only one of two neighbours misses breaks the law, so it has to be expected that
 * runs with losses end beside the optimum; `reliable` avoids that.
 */
import { z } from 'zod';
import type { CodecContext } from '../../learning/algorithm.js';
import { gradientOf } from '../../learning/gradient.js';
import { messageType } from '../../learning/messages.js';
import { fromNeighbors, phase } from '../../learning/phases.js';
import { rounds } from '../../learning/rounds.js';
import { mix, weightedSum } from '../../learning/vectors.js';
import { createCodec, denseCodecOption } from '../../wire/index.js';
import { record } from '../../wire/record.js';
import {
  type GradientState,
  gradientInput,
  gradientOptions,
  startGradients,
  stepped,
  stepSize,
} from './batch-gradient.js';

interface State extends GradientState {
  /** x_i. */
  params: Float32Array;
  /** x_i − η y_i. */
  adapted: Float32Array;
  /** y_i, and Σ_j w_ij y_j of the last round. */
  tracker: Float32Array;
  mixedTracker: Float32Array;
  /** g_i^old. */
  gradient: Float32Array;
}

const options = z.strictObject({
  ...gradientOptions,
  order: z
    .enum(['adapt-then-combine', 'combine-then-adapt'])
    .default('adapt-then-combine')
    .describe('average the models after the step, or before it'),
  codec: denseCodecOption().describe('how models and trackers are encoded'),
});

type Options = z.output<typeof options>;

const TRACKED = messageType('tracked', ({ options: { codec }, model }: CodecContext<Options>) =>
  record({ values: createCodec(codec, model), tracker: createCodec(codec, model) }),
);

export const gradientTracking = rounds<State, Options>({
  id: 'gradient-tracking',
  description:
    'steps along a tracked mean gradient: ends at the optimum of the sum with a constant step size',
  reference:
    'Pu and Nedić, Distributed stochastic gradient tracking methods (DSGT), Mathematical Programming 2021',
  options,
  contentFree: true,
  keepsMean: true,
  mixing: ({ mixing }) => mixing,
  init: ({ initialParams, model }) => {
    const zero = new Float32Array(model.length);
    return {
      ...startGradients(),
      params: initialParams,
      adapted: initialParams,
      tracker: zero,
      mixedTracker: zero,
      gradient: zero,
    };
  },
  phases: ({ order }) => [
    phase({
      message: TRACKED,
      task: gradientOf,
      input: (node, state) => gradientInput(node, state, state.params),
      // (6), whose mixture came at the end of the last round.
      computed(node, state, { gradient, loss }) {
        state.tracker = weightedSum([state.mixedTracker, gradient, state.gradient], [1, 1, -1]);
        state.gradient = gradient;
        state.adapted = stepped(state.params, state.tracker, stepSize(node));
        state.loss = loss;
      },
      send: (_node, { params, adapted, tracker }) => ({
        body: {
          values: { values: order === 'adapt-then-combine' ? adapted : params },
          tracker: { values: tracker },
        },
      }),
      // (5).
      combine(node, state, received) {
        const views = fromNeighbors(node, received);
        const of = (part: 'values' | 'tracker') =>
          views.map(({ neighbor, view }) => ({ neighbor, view: view[part] }));
        state.params =
          order === 'adapt-then-combine'
            ? mix(state.adapted, node.mixing, of('values'))
            : stepped(mix(state.params, node.mixing, of('values')), state.tracker, stepSize(node));
        state.mixedTracker = mix(state.tracker, node.mixing, of('tracker'));
      },
    }),
  ],
  evaluate: ({ params, adapted }) => ({ adapted: { params: adapted }, mixed: { params } }),
  series: ({ loss }) => ({ 'train-loss': loss }),
});

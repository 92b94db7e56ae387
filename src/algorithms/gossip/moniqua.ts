/**
 * Moniqua: gossip of a few bits a coordinate and nothing else, neither scales nor copies of neighbours. Nodes whose params are near
 * each other need only send where theirs are on a circle; each receiver knows the rest from its own.
 *
 * Reference: Y. Lu, C. De Sa, "Moniqua: Modulo Quantized Communication in Decentralized SGD", ICML 2020, Algorithm 1.
 *
 * x_i: params of node i; θ: bound on |x_i^½ − x_j^½| of neighbours, in each coordinate; Q: rounds to b bits, at most δ = 2^−(b+1) off;
 * B = 2θ / (1 − 2δ); mod: to [−½, ½) of its modulus; w_ij: mixing weights. A round:
 *   (1) x_i^½ = x_i + S_i(x_i), the local steps                      (−η g_i for one)
 *   (2) q_i   = Q((x_i^½ / B) mod 1), sent to the neighbours
 *   (3) x̂_i  = q_i B − (x_i^½ mod B) + x_i^½,   x̂_j = ((q_j B − x_i^½) mod B) + x_i^½
 *   (4) x_i   ← x_i^½ + Σ_j w_ij (x̂_j − x̂_i)
 * Law: where the bound holds |x̂_j − x_j^½| ≤ δB, so the holders of x̂_j agree, and (4) keeps the mean over the
 * nodes: the columns of the weights have to sum to 1 (others are refused).
 *
 * Messages   | content | payload bytes, params = d
 * `circle`   | q_i     | ⌈b·d/8⌉
 *
 * Differences from the paper: the step comes before the average, and there may be several; Q rounds to the middle of the
 * nearest of 2^b intervals (the paper allows any Q). Nothing tells a node that the bound is broken: then x̂_j is wrong by a
 * multiple of B. `gap` records the largest |x̂_j − x_i^½| of the last round, which has to stay well below θ.
 */
import { z } from 'zod';
import type { CodecContext, NodeContext } from '../../learning/algorithm.js';
import {
  startTraining,
  type TrainingState,
  trained,
  trainingInput,
  trainingOptions,
} from '../../learning/local-training.js';
import { messageType } from '../../learning/messages.js';
import { fromNeighbors, phase } from '../../learning/phases.js';
import { roundOptions, rounds } from '../../learning/rounds.js';
import { train } from '../../learning/train.js';
import type { Received } from '../../learning/vectors.js';
import { count } from '../../options/index.js';
import { mixingOption } from '../../topology/mixing/index.js';
import { circleCodec, modulo } from './modulo.js';

interface State {
  /** x_i. */
  params: Float32Array;
  /** x_i^½. */
  adapted: Float32Array;
  /** q_i. */
  sent: Float32Array;
  gap: number;
  training: TrainingState;
}

const options = z.strictObject({
  ...trainingOptions,
  ...roundOptions,
  mixing: mixingOption(),
  bits: count(2, 16).default(8).describe('b: bits for each coordinate'),
  bound: z
    .number()
    .positive()
    .default(2)
    .describe(
      'θ: by how much a param of two neighbours differs at most; the smaller, the finer is what bits say',
    ),
});

type Options = z.output<typeof options>;

const CIRCLE = messageType('circle', ({ options: { bits }, model }: CodecContext<Options>) =>
  circleCodec(model.length, bits),
);

/** B. */
export const circleOf = ({ bits, bound }: Pick<Options, 'bits' | 'bound'>): number =>
  (2 * bound) / (1 - 2 ** -bits);

export const moniqua = rounds<State, Options>({
  id: 'moniqua',
  description: 'gossip of a few bits a coordinate: params modulo a bound, completed by what the receiver has',
  reference: 'Lu and De Sa, Moniqua: Modulo Quantized Communication in Decentralized SGD, ICML 2020',
  options,
  contentFree: true,
  keepsMean: true,
  withoutMessages: 'local-only',
  mixing: ({ mixing }) => mixing,
  init: ({ initialParams }) => ({
    params: initialParams,
    adapted: initialParams,
    sent: initialParams,
    gap: 0,
    training: startTraining(),
  }),
  phases: (given) => [
    phase({
      message: CIRCLE,
      task: train,
      input: (node, state) => trainingInput(node, state.training, state.params),
      // (1).
      computed(_node, state, output) {
        state.adapted = trained(state.training, output);
      },
      // (2).
      send: (_node, { adapted }) => {
        const circle = circleOf(given);
        return { body: { values: adapted.map((x) => modulo(x / circle, 1)) } };
      },
      sent(_node, state, { values }) {
        state.sent = values;
      },
      combine: (node, state, received) => combine(node, state, fromNeighbors(node, received)),
    }),
  ],
  evaluate: ({ params, adapted }) => ({ adapted: { params: adapted }, mixed: { params } }),
  series: ({ training, gap }) => ({ 'train-loss': training.loss, gap }),
});

/** (3) and (4). */
function combine(node: NodeContext<Options>, state: State, received: readonly Received[]): void {
  const circle = circleOf(node.options);
  const { adapted, sent } = state;
  const sum = Float64Array.from(adapted);
  state.gap = 0;
  for (const { neighbor, view } of received) {
    const weight = node.mixing.neighbors[neighbor]!;
    for (let i = 0; i < sum.length; i++) {
      const ownError = sent[i]! * circle - modulo(adapted[i]!, circle);
      const away = modulo(view.values[i]! * circle - adapted[i]!, circle);
      sum[i]! += weight * (away - ownError);
      state.gap = Math.max(state.gap, Math.abs(away));
    }
  }
  state.params = Float32Array.from(sum);
}

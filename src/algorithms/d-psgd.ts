/**
 * D-PSGD, decentralized parallel SGD: nodes train locally and average their models with their neighbours'.
 *
 * Reference: X. Lian, C. Zhang, H. Zhang, C.-J. Hsieh, W. Zhang, J. Liu, "Can Decentralized Algorithms Outperform
 * Centralized Algorithms? A Case Study for Decentralized Parallel Stochastic Gradient Descent", NeurIPS 2017.
 *
 * x_i: params of node i; w_ij: mixing weights; S_i(x): the change of x by `localSteps` local steps (−η∇f_i for one).
 *   adapt-then-combine   x_i ← Σ_j w_ij (x_j + S_j(x_j))              (the default)
 *   combine-then-adapt   x_i ← Σ_j w_ij x_j + S_i(x_i)                (Algorithm 1 of the paper)
 *
 * Messages   | content                          | payload bytes, params = d
 * `model`    | x_j + S_j(x_j), or x_j           | float32 4·d, float16 2·d, top-k 8·k with u32 indices
 *
 * Differences from the paper: several local steps a round are allowed; with a sparse codec, a node sends the
 * coordinates that have changed most since it last sent them, and receivers use their own value for the others. With
 * `errorFeedback` a node sends x_j + S_j(x_j) + e_j, and e_j is what its encoding left out (wire/error-feedback.ts).
 */
import { z } from 'zod';
import { UsageError } from '../errors.js';
import {
  startTraining,
  type TrainingOptions,
  type TrainingState,
  trained,
  trainingJob,
  trainingOptions,
} from '../learning/local-training.js';
import { fromNeighbors, type RoundOptions, roundOptions, rounds } from '../learning/rounds.js';
import { mix } from '../learning/vectors.js';
import type { MixingRule } from '../topology/mixing/index.js';
import type { VectorBody, VectorView } from '../wire/codec.js';
import { residual, withMemory } from '../wire/error-feedback.js';
import { type ChosenCodec, codecOption, createCodec } from '../wire/index.js';

interface State {
  params: Float32Array;
  /** What the local steps made of `params`. */
  stepped: Float32Array;
  /** What the neighbours last saw of each coordinate; kept for sparse codecs only. */
  shown: Float32Array | null;
  /** What went out last, and what encoding it left out; with `errorFeedback` only. */
  sent: Float32Array | null;
  memory: Float32Array | null;
  training: TrainingState;
}

type Options = TrainingOptions &
  RoundOptions & {
    order: 'adapt-then-combine' | 'combine-then-adapt';
    mixing: MixingRule;
    codec: ChosenCodec;
    errorFeedback: boolean;
  };

export const dPsgd = rounds<State, Options>({
  id: 'd-psgd',
  description: 'decentralized parallel SGD: local steps, then averaging with the neighbours',
  reference:
    'Lian et al., Can Decentralized Algorithms Outperform Centralized Algorithms? (D-PSGD), NeurIPS 2017',
  options: z.strictObject({
    ...trainingOptions,
    ...roundOptions,
    order: z
      .enum(['adapt-then-combine', 'combine-then-adapt'])
      .default('adapt-then-combine')
      .describe('average after the local steps, or while they run (the original order)'),
    mixing: z
      .enum(['metropolis-hastings', 'uniform'])
      .default('metropolis-hastings')
      .describe('how a node weighs its neighbours'),
    codec: codecOption().describe('how models are encoded'),
    errorFeedback: z
      .boolean()
      .default(false)
      .describe('what a dense codec rounds away is added to the next model that is sent'),
  }),
  validate({ options: { codec, errorFeedback } }) {
    if (!errorFeedback || !codec.entry.sparse) return;
    const reason =
      'expected a dense codec beside errorFeedback, got a sparse one: a receiver uses its own value for a coordinate that was not sent, so there is no error to feed back';
    throw new UsageError('nothing-owed', reason, 'algorithm.errorFeedback');
  },
  mixing: (options) => options.mixing,
  messages: ({ options, model }) => ({ model: createCodec(options.codec, { length: model.length }) }),
  init: (node) => ({
    params: node.initialParams,
    stepped: node.initialParams,
    shown: null,
    sent: null,
    memory: null,
    training: startTraining(),
  }),
  phases: ({ order }) => [
    {
      message: 'model',
      overlap: order === 'combine-then-adapt',
      compute: (node, state) => trainingJob(node, state.training, state.params),
      computed: (_node, state, output) => {
        state.stepped = trained(state.training, output);
      },
      send(node, state) {
        const own = order === 'adapt-then-combine' ? state.stepped : state.params;
        if (!node.options.errorFeedback) return { body: body(own, state) };
        state.sent = withMemory(own, state.memory);
        return { body: { values: state.sent } };
      },
      sent: (_node, state, view) => remember(state, view as VectorView),
      combine(node, state, received) {
        const views = fromNeighbors<VectorView>(node, received);
        state.params =
          order === 'adapt-then-combine'
            ? mix(state.stepped, node.mixing, views)
            : change(mix(state.params, node.mixing, views), state.params, state.stepped);
      },
    },
  ],
  evaluate: (state) => ({ personal: { params: state.params } }),
  measure: (state) => ({ 'train-loss': state.training.loss }),
});

/** The vector to send; a sparse codec picks the coordinates that differ most from what the neighbours last saw. */
function body(values: Float32Array, state: State): VectorBody {
  const { shown } = state;
  return shown ? { values, rank: values.map((value, i) => value - shown[i]!) } : { values };
}

function remember(state: State, view: VectorView): void {
  if (state.sent) state.memory = residual(state.sent, view);
  if (!view.indices) return;
  const shown = Float32Array.from(state.shown ?? new Float32Array(view.length));
  for (let k = 0; k < view.indices.length; k++) shown[view.indices[k]!] = view.values[k]!;
  state.shown = shown;
}

/** mixed + (stepped − before). */
function change(mixed: Float32Array, before: Float32Array, stepped: Float32Array): Float32Array {
  return mixed.map((value, i) => value + (stepped[i]! - before[i]!));
}

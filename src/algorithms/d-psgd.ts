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
 * Differences from the paper: nodes may take several local steps in a round. With a sparse codec, a node sends the
 * coordinates that have changed most since it last sent them, and receivers use their own value for the others. With
 * `errorFeedback` a node sends x_j + S_j(x_j) + e_j, where e_j is the error of its last encoding
 * (wire/error-feedback.ts).
 */
import { z } from 'zod';
import { UsageError } from '../errors.js';
import type { CodecContext, NodeContext } from '../learning/algorithm.js';
import {
  finalTraining,
  finalTrainingOption,
  startTraining,
  type TrainingState,
  trained,
  trainingInput,
  trainingOptions,
} from '../learning/local-training.js';
import { messageType } from '../learning/messages.js';
import { type Params, valuesOf } from '../learning/params.js';
import { fromNeighbors, phase } from '../learning/phases.js';
import { roundOptions, rounds } from '../learning/rounds.js';
import { train } from '../learning/train.js';
import { mix, mixture, type Received } from '../learning/vectors.js';
import { mixingOption } from '../topology/mixing/index.js';
import type { VectorBody, VectorView } from '../wire/codec.js';
import { residual, withMemory } from '../wire/error-feedback.js';
import { codecOption, createCodec, createContraction } from '../wire/index.js';

interface State {
  /** x_i. */
  params: Params;
  /** x_i + S_i(x_i): after the last local steps. */
  adapted: Float32Array;
  /** Each coordinate as it was sent last, which is what the neighbours know of it; with sparse codecs only. */
  lastSent: Float32Array | null;
  /** The vector that is sent, before its encoding, and e_i, the error of that encoding; with `errorFeedback` only. */
  outgoing: Float32Array | null;
  memory: Float32Array | null;
  training: TrainingState;
}

const options = z.strictObject({
  ...trainingOptions,
  ...roundOptions,
  ...finalTrainingOption,
  order: z
    .enum(['adapt-then-combine', 'combine-then-adapt'])
    .default('adapt-then-combine')
    .describe('average the models after the local steps, or while they run (the order of the paper)'),
  mixing: mixingOption(),
  codec: codecOption().describe('how models are encoded'),
  errorFeedback: z
    .boolean()
    .default(false)
    .describe('add what a dense codec rounds away to the next model that is sent'),
});

type Options = z.output<typeof options>;

const MODEL = messageType('model', ({ options: { codec, errorFeedback }, model }: CodecContext<Options>) =>
  errorFeedback ? createContraction(codec, model) : createCodec(codec, model),
);

export const dPsgd = rounds<State, Options>({
  id: 'd-psgd',
  description: 'decentralized parallel SGD: local steps, then averaging with the neighbours',
  reference:
    'Lian et al., Can Decentralized Algorithms Outperform Centralized Algorithms? (D-PSGD), NeurIPS 2017',
  options,
  contentFree: true,
  validate({ options: { codec, errorFeedback } }) {
    if (!errorFeedback || !codec.entry.sparse) return;
    throw new UsageError(
      'sparse-error-feedback',
      `expected a dense codec (such as float16) with errorFeedback: true, got the sparse codec "${codec.entry.id}": ` +
        'for a coordinate that is not sent, receivers use their own value, so there is no error to feed back. ' +
        'Choose a dense codec, or leave errorFeedback out',
      'algorithm.errorFeedback',
    );
  },
  withoutMessages: 'local-only',
  fixedPoints: (['adapt-then-combine', 'combine-then-adapt'] as const).map((order) => ({
    order,
    options: { order, localSteps: 1, batch: 1 },
  })),
  mixing: ({ mixing }) => mixing,
  init: (node) => ({
    params: node.initialParams,
    adapted: node.initialParams,
    lastSent: null,
    outgoing: null,
    memory: null,
    training: startTraining(),
  }),
  phases: ({ order, errorFeedback }) => [
    phase({
      message: MODEL,
      overlap: order === 'combine-then-adapt',
      task: train,
      input: (node, state) => trainingInput(node, state.training, state.params),
      computed(_node, state, output) {
        state.adapted = trained(state.training, output);
      },
      send(_node, state) {
        const own = order === 'adapt-then-combine' ? state.adapted : valuesOf(state.params);
        if (!errorFeedback) return { body: bodyOf(own, state.lastSent) };
        state.outgoing = withMemory(own, state.memory);
        return { body: { values: state.outgoing } };
      },
      sent: (_node, state, view) => remember(state, view),
      combine(node, state, received) {
        const views = fromNeighbors(node, received);
        state.params =
          order === 'adapt-then-combine'
            ? mixture(state.adapted, node.mixing, views)
            : change(node, state, views);
      },
    }),
    finalTraining(),
  ],
  evaluate: ({ params, adapted }) => ({ adapted: { params: adapted }, mixed: { params } }),
  series: (state) => ({ 'train-loss': state.training.loss }),
});

/** The vector to send; a sparse codec picks the coordinates that differ most from what the neighbours know. */
function bodyOf(values: Float32Array, lastSent: Float32Array | null): VectorBody {
  return lastSent ? { values, rank: values.map((value, i) => value - lastSent[i]!) } : { values };
}

function remember(state: State, view: VectorView): void {
  if (state.outgoing) state.memory = residual(state.outgoing, view);
  if (!view.indices) return;
  const lastSent = Float32Array.from(state.lastSent ?? new Float32Array(view.length));
  for (let k = 0; k < view.indices.length; k++) lastSent[view.indices[k]!] = view.values[k]!;
  state.lastSent = lastSent;
}

/** Average + (after − before). */
function change({ mixing }: NodeContext, { params, adapted }: State, views: readonly Received[]) {
  const before = valuesOf(params);
  return mix(before, mixing, views).map((value, i) => value + (adapted[i]! - before[i]!));
}

/**
 * Transference: nodes with personal heads measure how much their gradients help each other, cluster by it, and average
 * their shared networks within the clusters only.
 *
 * Reference: M. Mortaheb, S. Ulukus, "Personalized Decentralized Multi-Task Learning Over Dynamic Communication
 * Graphs", 2022, Algorithm 2. One round is one mini-batch t; θ_s: shared network (body), θ: head.
 *   A  θ_i ← Opt(θ_i, ∇_θ L_i(X_i^t))                                        K1 = 1 head step
 *   B  once an epoch: g_i = ∇_{θ_s} L_i(X), L_i = L_i(X) on the shared data, exchanged all-to-all;
 *      Z_ij = ⟨g_i, g_j⟩ / L_j                                               (8), corrected
 *      V_ij = 1/d_l for i, j in one cluster of Z, else 0                      (9)
 *   C  every H epochs: W = ΣV / H   (average: Z → V of ΣZ / H)
 *   D  K2 times: θ_s,i ← Σ_j W_ij Opt(θ_s,j, ∇_{θ_s} L_j(X_j^t))
 *
 * Messages     | content                | payload bytes, d_s params in the body
 * `transfer`   | g_i and L_i            | 4·d_s + 4, to all others, once an epoch while clusters are sought
 * `shared-k`   | θ_s,i after step k     | 4·d_s, to every j with W_ij > 0, K2 times a batch
 *
 * Differences from the paper: t counts mini-batches (two Adam steps an epoch would not move the weights); (8) is
 * printed with ⟨g_j, g_j⟩; the Laplacian is that of the 0/1 graph of positive similarities (a literal D − Z leaves
 * every node alone, since Z is tiny); W starts as 11ᵀ/N; `freezeOnConsensus` keeps the first W that is a clustering of at
 * least two clusters, since late gradients are noise. A node that lacks somebody's gradient skips that evaluation; a
 * missing shared network leaves its weight with the node's own. Heads start alike: the sign of ⟨g_i, g_j⟩ is meaningless else.
 */
import { z } from 'zod';
import type { NodeContext } from '../learning/algorithm.js';
import { type BatchCursor, nextBatches, startCursor } from '../learning/batches.js';
import { bodyLength, bodyOf, withBody } from '../learning/body.js';
import { type GradientOutput, gradientOf } from '../learning/gradient.js';
import {
  addEvaluation,
  closeWindow,
  type MixingWindow,
  startWindow,
  type WindowSettings,
} from '../learning/mixing-window.js';
import type { Trainable } from '../learning/model.js';
import { optimizerOptions, optimizerSpec } from '../learning/optimizers.js';
import { publicRows } from '../learning/public-rows.js';
import {
  job,
  type Phase,
  type PhaseMessage,
  type RoundOptions,
  roundOptions,
  rounds,
} from '../learning/rounds.js';
import { type TrainOutput, train } from '../learning/train.js';
import { dot, weightedSum } from '../learning/vectors.js';
import { count } from '../options.js';
import type { VectorView } from '../wire/codec.js';
import { float32 } from '../wire/float32.js';
import { record } from '../wire/record.js';

interface State {
  params: Float32Array;
  cursor: BatchCursor;
  /** Rows of the present mini-batch. */
  rows: Uint32Array;
  optimizer: Record<'head' | 'body', { state: Float32Array | null; steps: number }>;
  own: GradientOutput | null;
  /** W, and what leads to the next one. */
  window: MixingWindow;
  loss: number;
}

interface Options extends RoundOptions, WindowSettings {
  batch: number;
  epochBatches: number;
  window: number;
  sharedSteps: number;
  dynamic: boolean;
  stopAt?: number | undefined;
  optimizer: 'sgd' | 'adam';
  learningRate: number;
  momentum: number;
  weightDecay: number;
}

type Node = NodeContext<Options>;

export const transference = rounds<State, Options>({
  id: 'transference',
  description: 'personal heads; shared networks averaged within clusters found from exchanged gradients',
  reference:
    'Mortaheb and Ulukus, Personalized Decentralized Multi-Task Learning Over Dynamic Communication Graphs, 2022',
  options: z.strictObject({
    ...roundOptions,
    ...optimizerOptions,
    optimizer: z.enum(['sgd', 'adam']).default('adam').describe('optimiser of heads and shared networks'),
    learningRate: z.number().positive().default(2e-5).describe('step size (paper: 2e-5)'),
    batch: count().default(128).describe('samples a mini-batch (the paper does not say)'),
    epochBatches: count()
      .default(30)
      .describe('mini-batches an epoch, that is: rounds between transference evaluations'),
    window: count().default(5).describe('epochs over which clusterings are averaged (H, paper: 5)'),
    sharedSteps: count()
      .default(2)
      .describe('steps and averages of the shared network a mini-batch (K2, paper: 2)'),
    dynamic: z.boolean().default(true).describe('false: the fully connected baseline, without transference'),
    average: z
      .enum(['V', 'Z'])
      .default('V')
      .describe('average clusterings (Algorithm 2) or similarities (the text)'),
    adjacency: z.enum(['sign', 'normalized']).default('sign').describe('how similarities become a graph'),
    threshold: z
      .number()
      .min(0)
      .lt(1)
      .default(0.05)
      .describe('share of the largest similarity up to which there is no edge'),
    stopAt: count().optional().describe('epoch after which W no longer changes (CelebA in the paper: 21)'),
    freezeOnConsensus: z
      .boolean()
      .default(false)
      .describe('keep the first W that is a clustering of two or more'),
  }),
  tasks: [gradientOf] as never,
  messages({ options, model }) {
    const length = bodyLength(model);
    const shared = Array.from({ length: options.sharedSteps }, (_, k) => [
      `shared-${k + 1}`,
      float32(length),
    ]);
    return {
      transfer: record({ gradient: float32(length), loss: float32(1) }),
      ...Object.fromEntries(shared),
    };
  },
  init: (node) => ({
    params: node.initialParams,
    cursor: startCursor(),
    rows: new Uint32Array(0),
    optimizer: { head: { state: null, steps: 0 }, body: { state: null, steps: 0 } },
    own: null,
    window: startWindow(node.nodes, !node.options.dynamic),
    loss: Number.NaN,
  }),
  phases: ({ sharedSteps }) => [
    headStep,
    exchange,
    ...Array.from({ length: sharedSteps }, (_, k) => gossip(k + 1)),
  ],
  evaluate: (state) => ({ personal: { params: state.params } }),
  measure: (state) => ({ 'train-loss': state.loss }),
});

/** A: one step of the head. */
const headStep: Phase<State, Options> = {
  compute(node, state) {
    const size = { steps: 1, batch: node.options.batch };
    state.rows = nextBatches(state.cursor, node.shard.train, node.random('batches'), size);
    return step(node, state, 'head');
  },
  computed: (_node, state, output) => keep(state, 'head', output as TrainOutput),
};

/** B and C: gradients on the shared data to everybody, Z, clusters, W. */
const exchange: Phase<State, Options> = {
  message: 'transfer',
  when: ({ round, options }, state) => round % options.epochBatches === 0 && !state.window.frozen,
  compute(node, state) {
    const rows = publicRows(node);
    const { params } = state;
    return job(gradientOf, {
      model: node.model.spec,
      params,
      rows,
      view: node.shard.view,
      trainable: 'body',
    });
  },
  computed(_node, state, output) {
    state.own = output as GradientOutput;
  },
  send: (node, state) => ({
    body: {
      gradient: { values: bodyOf(node.model, state.own!.gradient) },
      loss: { values: Float32Array.of(state.own!.loss) },
    },
    to: others(node),
  }),
  expect: others,
  combine(node, state, received) {
    const { round, options } = node;
    const random = node.publicRandom(`clusters ${round}`);
    // Everybody works on what was sent, so that all come to the same W.
    const complete = received.length === node.nodes - 1;
    if (complete) addEvaluation(state.window, similarities(node, state, received), options, random);
    const epoch = round / options.epochBatches + 1;
    if (epoch % options.window === 0 && closeWindow(state.window, options, random)) {
      for (const other of others(node)) node.weigh(other, state.window.mixing[node.id]![other]!);
    }
    if (epoch === options.stopAt) state.window.frozen = true;
  },
};

/** D: a step of the shared network on the same mini-batch, then its average over W. */
function gossip(k: number): Phase<State, Options> {
  return {
    message: `shared-${k}`,
    compute: (node, state) => step(node, state, 'body'),
    computed: (_node, state, output) => keep(state, 'body', output as TrainOutput),
    send: (node, state) => ({
      body: { values: bodyOf(node.model, state.params) },
      to: partners(node, state),
    }),
    expect: partners,
    combine(node, state, received) {
      const row = state.window.mixing[node.id]!;
      let self = 1;
      for (const { from } of received) self -= row[from]!;
      const bodies = received.map(({ body }) => (body as VectorView).values);
      const weights = [self, ...received.map(({ from }) => row[from]!)];
      const mixed = weightedSum([bodyOf(node.model, state.params), ...bodies], weights);
      state.params = withBody(node.model, state.params, mixed);
    },
  };
}

function step(node: Node, state: State, group: Trainable & ('head' | 'body')) {
  const optimizer = state.optimizer[group];
  return job(train, {
    model: node.model.spec,
    params: state.params,
    rows: state.rows,
    batch: node.options.batch,
    view: node.shard.view,
    optimizer: optimizerSpec(node.options),
    optimizerState: optimizer.state,
    stepsTaken: optimizer.steps,
    trainable: group,
  });
}

function keep(state: State, group: 'head' | 'body', output: TrainOutput): void {
  state.params = output.params;
  state.optimizer[group] = { state: output.optimizerState, steps: state.optimizer[group].steps + 1 };
  state.loss = output.loss;
}

/** Z_ij = ⟨g_i, g_j⟩ / L_j, (8): how much a step of i lowers the loss of j. */
function similarities(node: Node, state: State, received: readonly PhaseMessage[]): Float64Array[] {
  const gradients: Float32Array[] = [];
  const losses: number[] = [];
  gradients[node.id] = bodyOf(node.model, state.own!.gradient);
  losses[node.id] = Math.fround(state.own!.loss);
  for (const { from, body } of received) {
    const { gradient, loss } = body as { gradient: VectorView; loss: VectorView };
    gradients[from] = gradient.values;
    losses[from] = loss.values[0]!;
  }
  return gradients.map((a) => Float64Array.from(gradients, (b, j) => dot(a, b) / losses[j]!));
}

function others(node: Node): number[] {
  return Array.from({ length: node.nodes }, (_, id) => id).filter((id) => id !== node.id);
}

function partners(node: Node, state: State): number[] {
  return others(node).filter((id) => state.window.mixing[node.id]![id]! > 0);
}

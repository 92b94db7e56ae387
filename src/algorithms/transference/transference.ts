/**
 * Transference: nodes with personal heads measure how much their gradients help each other, cluster by it, and average
 * their shared networks within the clusters only.
 *
 * Reference: M. Mortaheb, S. Ulukus, "Personalized Decentralized Multi-Task Learning Over Dynamic Communication
 * Graphs", 2022, Algorithm 2. One round is one mini-batch t; θ_s: shared network (body), θ: head.
 *   A  K1 times: θ_i ← Opt(θ_i, ∇_θ L_i(X_i^t))                               (2)
 *   B  once per epoch: g_i = ∇_{θ_s} L_i(X), L_i = L_i(X) on the shared data, exchanged all-to-all;
 *      Z_ij = ⟨g_i, g_j⟩ / L_j                                               (8), corrected; or with `form: exact`
 *      Z_ij = 1 − L_j(X, θ_s,j − η g_i, θ_j) / L_j(X, θ_s,j, θ_j)            (4), (5); column j is known to j
 *      V_ij = 1/d_l for i, j in one cluster of Z, else 0                      (9)
 *   C  every H epochs: W = ΣV / H   (average: Z → V of ΣZ / H)
 *   D  K2 times: θ_s,i ← Σ_j W_ij Opt(θ_s,j, ∇_{θ_s} L_j(X_j^t))
 *
 * Messages     | content                | payload bytes, d_s params in the body
 * `transfer`   | g_i and L_i            | 4·d_s + 4, to all others, once per epoch while clusters are sought
 * `column`     | Z_·j (`form: exact`)   | 4·N, to all others, after `transfer`
 * `row`        | W_i· and whether it is | 8·N + 4, from node 0, every H epochs with `exchange: coordinator`; `transfer`
 *              | final                  | then goes to node 0 alone, which computes Z and W for all
 * `shared-k`   | θ_s,i after step k     | 4·d_s with float32, to every j with W_ij > 0, K2 times per batch
 *
 * Differences from the paper: t counts mini-batches (two Adam steps in an epoch would not move the weights). (8) is
 * printed with ⟨g_j, g_j⟩. In (4) the gradient of i is taken at θ_s,i, as it is sent (they agree while W = 11ᵀ/N), and
 * both losses of (5) after A. The Laplacian is that of the 0/1 graph of positive similarities (a literal D − Z leaves
 * every node alone, since Z is tiny). W starts as 11ᵀ/N; `freezeOnConsensus` keeps the first W that is a clustering
 * into at least two clusters, since late gradients are noise. A node that lacks a gradient skips that evaluation; with
 * (5), all nodes skip an evaluation in which any of them lacks one. If a shared network is missing, its weight goes to
 * the node's own; if a `row` is missing, the node keeps its old one. Heads start alike, since the sign of ⟨g_i, g_j⟩
 * means nothing otherwise (`sharedHeadInit: false` shows it). A `codec` is for `shared-k` alone: gradients and losses stay float32, since
 * every node has to compute the same W from them.
 */
import { z } from 'zod';
import { UsageError } from '../../errors.js';
import type { CodecContext, NodeContext } from '../../learning/algorithm.js';
import { type BatchCursor, nextBatches, startCursor } from '../../learning/batches.js';
import { bodyLayout, bodyOf, headOf, withBody } from '../../learning/body.js';
import type { GradientOutput } from '../../learning/gradient.js';
import { messageType } from '../../learning/messages.js';
import { otherNodes, type Phase, phase } from '../../learning/phases.js';
import { roundOptions, rounds } from '../../learning/rounds.js';
import { type TrainInput, type TrainOutput, train } from '../../learning/train.js';
import { weightedSum } from '../../learning/vectors.js';
import { optimizerOption, optimizerSpec } from '../../models/optimizers/index.js';
import { count } from '../../options/index.js';
import { createParamsCodec, paramsCodecOption } from '../../wire/index.js';
import { graphPhases, show } from './graph.js';
import { type MixingWindow, startWindow } from './mixing-window.js';

/** State of a node. */
export interface State {
  params: Float32Array;
  /** After the last step of the shared network, before its average. */
  adapted: Float32Array;
  /** Both when the shared network was averaged last. */
  mixed: Float32Array;
  cursor: BatchCursor;
  /** Rows of the present mini-batch. */
  rows: Uint32Array;
  optimizer: Record<'head' | 'body', { state: Float32Array | null; steps: number }>;
  own: GradientOutput | null;
  /** With `form: exact`: g by node, null where one is missing, and the node's own column of Z. */
  gradients: Array<Float32Array | null>;
  column: Float32Array;
  /** With a coordinator: whether the row that was sent last is final. */
  isFinal: boolean;
  /** W, and the evaluations for the next one. */
  window: MixingWindow;
  loss: number;
}

const options = z.strictObject({
  ...roundOptions,
  optimizer: optimizerOption('adam').describe('the optimizer of heads and shared networks'),
  learningRate: z.number().positive().default(2e-5).describe('step size (paper: 2e-5)'),
  batch: count().default(128).describe('samples per mini-batch (the paper does not say)'),
  epochBatches: count()
    .default(30)
    .describe('mini-batches per epoch, which are the rounds from one evaluation of similarities to the next'),
  window: count().default(5).describe('epochs over which clusterings are averaged (H, paper: 5)'),
  sharedSteps: count()
    .default(2)
    .describe('steps of the shared network per mini-batch, each with an average after it (K2, paper: 2)'),
  graph: z
    .union([z.enum(['dynamic', 'complete', 'none']), z.array(count(0)).min(1)])
    .default('dynamic')
    .describe(
      'dynamic: clusters are sought; complete: the fully connected baseline, W = 11ᵀ/N; none: every node trains alone, W = I; a list: clusters that are known, a number for each node',
    ),
  headSteps: count()
    .default(1)
    .describe('steps of the head per mini-batch (K1, which the paper does not give)'),
  form: z
    .enum(['first-order', 'exact'])
    .default('first-order')
    .describe(
      'how Z is computed: from inner products of gradients (8), or from the losses after trial steps (5)',
    ),
  lookahead: z
    .number()
    .positive()
    .optional()
    .describe('step size of the trial steps of (5), η; default: learningRate, as in (4)'),
  exchange: z
    .enum(['all-to-all', 'coordinator'])
    .default('all-to-all')
    .describe('whether all nodes compute W, or node 0 computes it and sends each node its row'),
  sharedHeadInit: z
    .boolean()
    .default(true)
    .describe('whether all heads start alike; false: each starts from its own draw'),
  average: z
    .enum(['V', 'Z'])
    .default('V')
    .describe('what a window averages: clusterings (Algorithm 2), or similarities (the text)'),
  adjacency: z
    .enum(['sign', 'normalized'])
    .default('sign')
    .describe('how similarities become a graph: by their signs, or as cosines'),
  threshold: z
    .number()
    .min(0)
    .lt(1)
    .default(0.05)
    .describe('similarities of up to this share of the largest one make no edge'),
  stopAt: count().optional().describe('epoch after which W no longer changes (CelebA in the paper: 21)'),
  freezeOnConsensus: z
    .boolean()
    .default(false)
    .describe('keep the first W that is a clustering into at least two clusters'),
  codec: paramsCodecOption().describe(
    'how shared networks are encoded: a dense codec, or delta around any; gradients are always float32; default: float32',
  ),
});

/** Validated options. */
export type Options = z.output<typeof options>;

/** A node that runs transference. */
export type Node = NodeContext<Options>;

/** A: a step of the head; the first one draws the mini-batch. */
const headStep = (k: number): Phase<State, Options> =>
  phase({
    task: train,
    input(node, state) {
      const size = { steps: 1, batch: node.options.batch };
      if (k === 0) state.rows = nextBatches(state.cursor, node.shard.train, node.random('batches'), size);
      return stepInput(node, state, 'head');
    },
    computed: (_node, state, output) => keep(state, 'head', output),
  });

/** D: a step of the shared network on the same mini-batch, then its average over W. */
function gossip(k: number): Phase<State, Options> {
  return phase({
    message: messageType(`shared-${k}`, ({ options: { codec }, model }: CodecContext<Options>) =>
      createParamsCodec(codec, bodyLayout(model)),
    ),
    task: train,
    input: (node, state) => stepInput(node, state, 'body'),
    computed: (_node, state, output) => keep(state, 'body', output),
    send: (node, state) => ({
      body: { values: bodyOf(node.model, state.params) },
      to: partners(node, state),
    }),
    expect: partners,
    combine(node, state, received) {
      const row = state.window.mixing[node.id]!;
      let self = 1;
      for (const { from } of received) self -= row[from]!;
      const bodies = received.map(({ body }) => body.values);
      const weights = [self, ...received.map(({ from }) => row[from]!)];
      const average = weightedSum([bodyOf(node.model, state.params), ...bodies], weights);
      state.params = withBody(node.model, state.params, average);
      state.mixed = state.params;
    },
  });
}

export const transference = rounds<State, Options>({
  fixedTopology: true,
  id: 'transference',
  description:
    'personal heads; shared networks are averaged within clusters that are found from exchanged gradients',
  reference:
    'Mortaheb and Ulukus, Personalized Decentralized Multi-Task Learning Over Dynamic Communication Graphs, 2022',
  options,
  contentBound: 'averages within clusters that it finds from gradients',
  commonInit: true,
  validate({ options: { form, exchange, graph }, nodes }) {
    if (typeof graph !== 'string' && graph.length !== nodes) {
      const reason = `expected the cluster of each of ${nodes} nodes, got ${graph.length} numbers`;
      throw new UsageError('not-for-all-nodes', reason, 'algorithm.graph');
    }
    if (form === 'first-order' || exchange === 'all-to-all') return;
    const reason = 'expected exchange: all-to-all, because with form: exact every node needs all gradients';
    throw new UsageError('no-gradients', reason, 'algorithm.exchange');
  },
  init(node) {
    const params = node.options.sharedHeadInit ? node.initialParams : withOwnHead(node);
    const state: State = {
      params,
      adapted: params,
      mixed: params,
      cursor: startCursor(),
      rows: new Uint32Array(0),
      optimizer: { head: { state: null, steps: 0 }, body: { state: null, steps: 0 } },
      own: null,
      gradients: [],
      column: new Float32Array(0),
      isFinal: false,
      window: startWindow(node.nodes, node.options.graph),
      loss: Number.NaN,
    };
    show(node, state.window);
    return state;
  },
  phases: (given) => [
    ...Array.from({ length: given.headSteps }, (_, k) => headStep(k)),
    ...graphPhases(given),
    ...Array.from({ length: given.sharedSteps }, (_, k) => gossip(k + 1)),
  ],
  evaluate: ({ adapted, mixed }) => ({ adapted: { params: adapted }, mixed: { params: mixed } }),
  personal: ({ params, adapted, mixed }, { model }) =>
    [params, adapted, mixed].flatMap((vector) => headOf(model, vector)),
  series: (state) => ({ 'train-loss': state.loss }),
});

function stepInput(node: Node, state: State, group: 'head' | 'body'): TrainInput {
  const optimizer = state.optimizer[group];
  return {
    model: node.model.spec,
    params: state.params,
    rows: state.rows,
    batch: node.options.batch,
    view: node.shard.view,
    optimizer: optimizerSpec(node.options),
    optimizerState: optimizer.state,
    stepsTaken: optimizer.steps,
    trainable: group,
  };
}

function keep(state: State, group: 'head' | 'body', output: TrainOutput): void {
  state.params = output.params;
  if (group === 'body') state.adapted = output.params;
  state.optimizer[group] = { state: output.optimizerState, steps: state.optimizer[group].steps + 1 };
  state.loss = output.loss;
}

/** Params with the common body and a head that this node has drawn itself. */
function withOwnHead(node: Node): Float32Array {
  return withBody(
    node.model,
    node.model.init(node.random('own head')),
    bodyOf(node.model, node.initialParams),
  );
}

function partners(node: Node, state: State): number[] {
  return otherNodes(node).filter((id) => state.window.mixing[node.id]![id]! > 0);
}

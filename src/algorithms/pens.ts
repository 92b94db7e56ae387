/**
 * PENS: nodes find out in a first phase whose models do well on their own data, and gossip with those alone in a second.
 *
 * Reference: N. Onoszko, G. Karlsson, O. Mogren, E. Listo Zec, "Decentralized Federated Learning of Deep Neural Networks on
 * Non-IID Data", ICML 2021 workshop on federated learning, Algorithms 1 and 2; the implementation in gossipy where the text is
 * not at hand.
 *
 * Every `period` a node sends x_i to one node: in the first `selectionRounds` rounds to a random out-neighbour, then to a
 * random member of P_i. n: `sampled`, m: `top`; f_i: mean loss over the node's training rows.
 *   phase 1   with models of n senders: T_i = the m of them with the least f_i, ties to the lowest sender;
 *             x_i ← local steps from (x_i + Σ_{j∈T_i} x_j) / (m + 1);   r_ij: how often j was among the n, s_ij: in T_i
 *   phase 2   P_i = { j: s_ij > r_ij · m/n }: chosen more often than by chance;  with each model that arrives,
 *             x_i ← local steps from (x_i + x_j) / 2
 *
 * Messages   | content | payload bytes, params = d
 * `model`    | x_i     | 4·d, one a node and period
 *
 * A node sends on a clock of its own and waits for nobody: the model of its last local steps. What arrives while it computes is kept: of
 * each sender the latest. What waits for company when the first phase ends is dropped.
 * A round is a period: in the first, nodes train alone and send nothing.
 *
 * Differences from the paper: n and m are at most the number of in-neighbours. Where P_i is empty or none of it is a
 * neighbour, a node sends to a random out-neighbour. The released simulator counts as r_ij how often j was sent to; here it is
 * how often a model of j was judged. A loss that is NaN counts as the largest.
 */
import { z } from 'zod';
import { UsageError } from '../errors.js';
import type { Algorithm, CodecContext, NodeContext } from '../learning/algorithm.js';
import { evaluate } from '../learning/evaluate.js';
import {
  startTraining,
  type TrainingState,
  trained,
  trainingInput,
  trainingOptions,
} from '../learning/local-training.js';
import { codecsOf, isMessage, messageType } from '../learning/messages.js';
import { type TrainOutput, train } from '../learning/train.js';
import { weightedSum } from '../learning/vectors.js';
import { byNumber } from '../numbers.js';
import { count, duration } from '../options/index.js';
import { createParamsCodec, paramsCodecOption } from '../wire/index.js';

/** A model that has arrived. */
interface Arrived {
  readonly from: number;
  readonly params: Float32Array;
}

interface State {
  /** x_i. */
  params: Float32Array;
  /** x_i after the last local steps, and after the last average. */
  adapted: Float32Array;
  mixed: Float32Array;
  training: TrainingState;
  /** Models that wait, one a sender, in the order in which they came. */
  waiting: Arrived[];
  /** Models that are being judged, ascending by sender, and their losses so far. */
  judged: Arrived[];
  losses: number[];
  task: 'evaluate' | 'train' | null;
  /** r_ij and s_ij: [nodes]. */
  received: Int32Array;
  selected: Int32Array;
  done: boolean;
}

const options = z.strictObject({
  ...trainingOptions,
  codec: paramsCodecOption(),
  period: duration().prefault('1s').describe('time from one model that a node sends to the next'),
  sampled: count()
    .default(10)
    .describe('n, models that a node judges at once in the first phase (paper: 10)'),
  top: count().default(2).describe('m, how many of them it merges (paper: 2)'),
  selectionRounds: count().default(200).describe('rounds of the first phase (gossipy: 200)'),
});

type Options = z.output<typeof options>;
type Node = NodeContext<Options>;

const MODEL = messageType('model', ({ options: { codec }, model }: CodecContext<Options>) =>
  createParamsCodec(codec, model),
);
const SEND = 'send';

export const pens: Algorithm<State, Options> = {
  id: 'pens',
  description: 'gossip with the nodes whose models had the least loss on the own data in a first phase',
  reference:
    'Onoszko et al., Decentralized Federated Learning of Deep Neural Networks on Non-IID Data (PENS), ICML 2021 workshop',
  options,
  contentBound: 'sends to the nodes whose models have had the least loss on its own data',
  messages: (context) => codecsOf([MODEL], context),
  validate({ options: { sampled, top, period } }) {
    if (top > sampled)
      throw new UsageError(
        'top-exceeds-sampled',
        `expected at most ${sampled}, the number of models judged at once (sampled), got ${top}`,
        'algorithm.top',
      );
    if (period === 0) throw new UsageError('no-period', 'expected more than 0s, got 0s', 'algorithm.period');
  },
  init: ({ initialParams, nodes }) => ({
    params: initialParams,
    adapted: initialParams,
    mixed: initialParams,
    training: startTraining(),
    waiting: [],
    judged: [],
    losses: [],
    task: null,
    received: new Int32Array(nodes),
    selected: new Int32Array(nodes),
    done: false,
  }),
  on: {
    start(node, state) {
      node.timer(SEND, node.options.period);
      begin(node, state, 'train');
    },
    timer(node, state) {
      state.done = !node.nextRound();
      if (state.done) return;
      node.timer(SEND, node.options.period);
      const to = receiverOf(node, state);
      if (to !== undefined) node.send(to, MODEL.name, { values: state.adapted });
      if (node.round === node.options.selectionRounds) state.waiting = [];
    },
    message(node, state, received) {
      if (state.done || !isMessage(MODEL, received)) return node.ignore(received);
      const { from, body } = received;
      state.waiting = [...state.waiting.filter((one) => one.from !== from), { from, params: body.values }];
      proceed(node, state);
    },
    computed(node, state, { name, output }) {
      state.task = null;
      if (name === train.id) {
        state.params = trained(state.training, output as TrainOutput);
        state.adapted = state.params;
        return proceed(node, state);
      }
      state.losses.push((output as { readonly loss: number }).loss);
      if (state.losses.length < state.judged.length) return begin(node, state, 'evaluate');
      const top = topOf(state.judged, state.losses, mergedAtOnce(node));
      for (const { from } of state.judged) state.received[from]!++;
      for (const { from } of top) state.selected[from]!++;
      state.judged = [];
      state.losses = [];
      merge(node, state, top);
    },
    up(node, state) {
      if (state.task && !node.computing) begin(node, state, state.task);
    },
  },
  evaluate: ({ adapted, mixed }) => ({ adapted: { params: adapted }, mixed: { params: mixed } }),
  series: ({ training, received, selected }) => ({
    'train-loss': training.loss,
    'models-judged': total(received),
    'models-selected': total(selected),
  }),
};

/** Starts on what has arrived, unless the node computes already. */
function proceed(node: Node, state: State): void {
  if (state.task || state.waiting.length === 0) return;
  if (!isFirstPhase(node)) {
    const [first, ...rest] = state.waiting;
    state.waiting = rest;
    merge(node, state, [first!]);
    return;
  }
  const size = judgedAtOnce(node);
  if (state.waiting.length < size) return;
  state.judged = state.waiting.slice(0, size).sort((a, b) => byNumber(a.from, b.from));
  state.waiting = state.waiting.slice(size);
  begin(node, state, 'evaluate');
}

function begin(node: Node, state: State, task: 'evaluate' | 'train'): void {
  state.task = task;
  if (task === 'train') {
    node.compute(train, trainingInput(node, state.training, state.params));
  } else {
    const { model, shard } = node;
    const { params } = state.judged[state.losses.length]!;
    node.compute(evaluate, { model: model.spec, params, rows: shard.train, view: shard.view });
  }
}

function merge(node: Node, state: State, models: readonly Arrived[]): void {
  const vectors = [state.params, ...models.map(({ params }) => params)];
  state.params = weightedSum(
    vectors,
    vectors.map(() => 1 / vectors.length),
  );
  state.mixed = state.params;
  begin(node, state, 'train');
}

function isFirstPhase({ round, options }: Node): boolean {
  return round < options.selectionRounds;
}

/** n, or less where there are fewer in-neighbours; 1 where those have gone whose models have arrived. */
function judgedAtOnce({ options: { sampled }, neighbors }: Node): number {
  return Math.max(1, Math.min(sampled, neighbors.in.length));
}

/** m, or less where fewer are judged at once. */
function mergedAtOnce(node: Node): number {
  return Math.min(node.options.top, judgedAtOnce(node));
}

/** To whom x_i goes; undefined where the node has no out-neighbour. */
function receiverOf(node: Node, state: State): number | undefined {
  const all = Array.from(node.neighbors.out);
  if (all.length === 0) return undefined;
  const { received, selected } = state;
  const chance = mergedAtOnce(node) / judgedAtOnce(node);
  const better = isFirstPhase(node) ? [] : all.filter((id) => selected[id]! > received[id]! * chance);
  const candidates = better.length > 0 ? better : all;
  return candidates[node.random('receivers').integer(candidates.length)];
}

/** The models with the least losses, `judged` being in ascending order of senders. */
export function topOf<Model>(judged: readonly Model[], losses: readonly number[], top: number): Model[] {
  const rank = (loss: number) => (Number.isNaN(loss) ? Number.POSITIVE_INFINITY : loss);
  const order = judged.map((_, k) => k);
  order.sort((a, b) => {
    const [x, y] = [rank(losses[a]!), rank(losses[b]!)];
    return x === y ? byNumber(a, b) : byNumber(x, y);
  });
  return order
    .slice(0, top)
    .sort(byNumber)
    .map((k) => judged[k]!);
}

function total(counts: Int32Array): number {
  return counts.reduce((sum, value) => sum + value, 0);
}

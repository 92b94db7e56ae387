/**
 * DPFL: each node chooses by its validation loss with whom it averages, within a budget; a directed collaboration graph.
 *
 * Reference: S. Kharrat, M. Canini, S. Horváth, "Decentralized Personalized Federated Learning", AISTATS 2025, Algorithms 1
 * and 2, and the released code.
 *
 * x_i: params; C_i: candidates of node i, at first its in-neighbours; n_j: samples; A(S) = Σ_{j∈S} n_j x_j / Σ_{j∈S} n_j.
 *   (1) local steps on x_i
 *   (2) after `warmUpRounds`, every `searchEvery` rounds: X_i ⊆ {i} ∪ C_i by randomised double greedy on the reward R(S) = −f_i^val(A(S)),
 *       |X_i| ≤ `budget` (greedy-task.ts); after the first search C_i = X_i ∖ i for good
 *   (3) x_i ← A(X_i)
 *
 * Messages   | content                        | payload bytes, params = d
 * `model`    | x_j and n_j                    | 4·d + 4 with float32, from each of C_i in a round with a search, else from each of X_i
 * `choice`   | whether the receiver is in X_i | 4, to each of C_i, after a search
 *
 * In the rounds of the warm-up nodes send nothing, and (1) is all that they do.
 *
 * Differences from the paper: before the first search the paper has a cheaper greedy choice on batches, after some epochs alone; here, as in the
 * released code, the first search is over all candidates, after two rounds alone. The released code averages in rounds with a search
 * only, the paper in all. Candidates are the in-neighbours in the topology (with `complete`, all nodes, as in the paper). The
 * released code's reward is (10 − loss)/10; scale and constant cancel in the probabilities. All nodes search in the same
 * rounds. A model that misses the deadline is left out of (2) and (3); a receiver whose choice does not arrive is taken to
 * have made the same as before. With a `codec`, a node averages its own model as it is, and the others' as they arrive.
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
import { type Phase, phase } from '../../learning/phases.js';
import { roundOptions, rounds } from '../../learning/rounds.js';
import { train } from '../../learning/train.js';
import { weightedSum } from '../../learning/vectors.js';
import { byNumber, sum } from '../../numbers.js';
import { count } from '../../options/index.js';
import { number } from '../../wire/control.js';
import { createParamsCodec, paramsCodecOption } from '../../wire/index.js';
import { record } from '../../wire/record.js';
import { requireValidationRows } from '../l2c/learned-mixing.js';
import { doubleGreedy } from './greedy-task.js';

/** A model that has arrived. */
interface Member {
  readonly from: number;
  readonly params: Float32Array;
  readonly samples: number;
}

interface State {
  /** x_i. */
  params: Float32Array;
  /** x_i after (1), and after (3). */
  adapted: Float32Array;
  mixed: Float32Array;
  training: TrainingState;
  /** C_i, and X_i without i; ascending. */
  candidates: number[];
  chosen: number[];
  /** The nodes of which this one is a candidate, and those that have chosen it; ascending. */
  audience: number[];
  followers: number[];
  /** Models for (2), the node's own first; empty but for the time of a search. */
  members: Member[];
  /** f_i^val(A(X_i)) of the last search. */
  loss: number;
}

const options = z.strictObject({
  ...trainingOptions,
  ...roundOptions,
  budget: count().default(10).describe('most nodes that a node averages, with itself (paper: 10 or 20)'),
  warmUpRounds: z
    .int()
    .min(0)
    .default(2)
    .describe('rounds of training alone before the first choice (released code: 2)'),
  searchEvery: count().default(2).describe('rounds from one choice of collaborators to the next'),
  codec: paramsCodecOption(),
});

type Options = z.output<typeof options>;
type Node = NodeContext<Options>;

const MODEL = messageType('model', ({ options: { codec }, model }: CodecContext<Options>) =>
  record({ values: createParamsCodec(codec, model), samples: number('u32', 'header') }),
);
const CHOICE = messageType('choice', () => number('u32', 'header'));

/** (1), and (3) where there is no search. */
const exchange: Phase<State, Options> = phase({
  message: MODEL,
  task: train,
  input: (node, state) => trainingInput(node, state.training, state.params),
  computed(_node, state, output) {
    state.params = trained(state.training, output);
    state.adapted = state.params;
  },
  send: (node, { params, audience, followers }) => ({
    body: { values: { values: params }, samples: node.shard.train.length },
    to: isAlone(node) ? [] : searches(node) ? audience : followers,
  }),
  expect: (node, { candidates, chosen }) => (isAlone(node) ? [] : searches(node) ? candidates : chosen),
  combine(node, state, received) {
    const own = { from: node.id, params: state.params, samples: node.shard.train.length };
    const others = received.map(({ from, body: { values, samples } }) => ({
      from,
      params: values.values,
      samples,
    }));
    if (searches(node)) state.members = [own, ...others];
    else average(state, [own, ...others]);
  },
});

/** (2), then (3). */
const search: Phase<State, Options> = phase({
  message: CHOICE,
  when: searches,
  task: doubleGreedy,
  input(node, { members }) {
    const random = node.random('double greedy');
    const order = random.shuffle(Uint32Array.from(members.slice(1), (_, k) => k + 1));
    return {
      model: node.model.spec,
      vectors: members.map(({ params }) => params),
      samples: members.map(({ samples }) => samples),
      order,
      draws: Float64Array.from(order, () => random.uniform()),
      budget: node.options.budget,
      rows: node.shard.validation,
      view: node.shard.view,
    };
  },
  computed(node, state, { chosen, loss }) {
    const set = chosen.map((place) => state.members[place]!);
    const total = sum(set.map(({ samples }) => samples));
    for (const { from } of state.members) {
      const member = set.find((one) => one.from === from);
      if (from !== node.id) node.weigh(from, member ? member.samples / total : 0);
    }
    state.chosen = set
      .map(({ from }) => from)
      .filter((from) => from !== node.id)
      .sort(byNumber);
    state.members = [];
    state.loss = loss;
    average(state, set);
  },
  send: (_node, { candidates, chosen }) =>
    [0, 1].flatMap((body) => {
      const to = candidates.filter((id) => chosen.includes(id) === (body === 1));
      return to.length === 0 ? [] : [{ body, to }];
    }),
  expect: (_node, { audience }) => audience,
  combine({ round, options }, state, received) {
    const answered = received.map(({ from }) => from);
    const kept = state.followers.filter((id) => !answered.includes(id));
    const said = received.filter(({ body }) => body === 1).map(({ from }) => from);
    state.followers = [...kept, ...said].sort(byNumber);
    if (round > options.warmUpRounds) return;
    // Both sides of a link narrow alike.
    state.audience = state.followers;
    state.candidates = state.chosen;
  },
});

export const dpfl = rounds<State, Options>({
  id: 'dpfl',
  description: 'each node chooses by its validation loss with whom it averages, within a budget',
  reference: 'Kharrat et al., Decentralized Personalized Federated Learning (DPFL), AISTATS 2025',
  options,
  contentBound: 'chooses by its validation loss whose models it receives',
  init(node) {
    requireValidationRows(node);
    const { initialParams, neighbors } = node;
    return {
      params: initialParams,
      adapted: initialParams,
      mixed: initialParams,
      training: startTraining(),
      candidates: Array.from(neighbors.in),
      chosen: Array.from(neighbors.in),
      audience: Array.from(neighbors.out),
      followers: Array.from(neighbors.out),
      members: [],
      loss: Number.NaN,
    };
  },
  phases: () => [exchange, search],
  evaluate: ({ adapted, mixed }) => ({ adapted: { params: adapted }, mixed: { params: mixed } }),
  series: ({ training, chosen, loss }) => ({
    'train-loss': training.loss,
    collaborators: chosen.length,
    'validation-loss': loss,
  }),
});

function isAlone({ round, options }: Node): boolean {
  return round < options.warmUpRounds;
}

function searches({ round, options: { warmUpRounds, searchEvery } }: Node): boolean {
  return round >= warmUpRounds && (round - warmUpRounds) % searchEvery === 0;
}

/** (3), over the members whose models have arrived, in ascending order of nodes. */
function average(state: State, members: readonly Member[]): void {
  const sorted = [...members].sort((a, b) => byNumber(a.from, b.from));
  const total = sum(sorted.map(({ samples }) => samples));
  state.params = weightedSum(
    sorted.map(({ params }) => params),
    sorted.map(({ samples }) => samples / total),
  );
  state.mixed = state.params;
}

/**
 * Gossip learning: nodes train without waiting, push their model to one random neighbour after each training, and merge what
 * arrives at once, weighted by age.
 *
 * Reference: R. Ormándi, I. Hegedűs, M. Jelasity, "Gossip Learning with Linear Models on Fully Distributed Data", Concurrency
 * and Computation: Practice and Experience 25(4), 2013, Algorithms 1 and 2; the merge weighted by age is that of I. Hegedűs,
 * G. Danner, M. Jelasity, "Decentralized Learning Works: An Empirical Comparison of Gossip Learning and Federated Learning",
 * Journal of Parallel and Distributed Computing 148, 2021.
 *
 * (x, t): a node's model and its age, the number of steps that are in it.
 *   training   x ← x + S(x_before), t ← t + steps        (the change of the training, learning/ongoing.ts)
 *   push       (x, t) to a random out-neighbour
 *   merge      x ← (t x + t′ x′) / (t + t′), t ← max(t, t′)        on arrival of (x′, t′); (x + x′)/2 with `merge: average`
 *
 * Messages   | content                          | payload bytes, params = d
 * `model`    | x and t                          | float32 4·d, float16 2·d, …; and 4 for t
 *
 * Differences from the papers: a node trains all the time, and not once for each model that arrives, so its speed decides how
 * often it sends; it pushes after each training in place of every Δ seconds (`period` makes it wait at least so long between
 * two). Where both ages are 0 a merge is the average. A round of a node is one of its trainings. `mixed` is x as it is now.
 */
import { z } from 'zod';
import type { Algorithm, CodecContext, NodeContext } from '../../learning/algorithm.js';
import { trainingOptions } from '../../learning/local-training.js';
import { codecsOf, isMessage, messageType } from '../../learning/messages.js';
import {
  beginTraining,
  endTraining,
  type OngoingTraining,
  periodOption,
  startOngoing,
} from '../../learning/ongoing.js';
import type { TrainOutput } from '../../learning/train.js';
import { weightedSum } from '../../learning/vectors.js';
import { number } from '../../wire/control.js';
import { createCodec, denseCodecOption } from '../../wire/index.js';
import { record } from '../../wire/record.js';

interface State extends OngoingTraining {
  /** t. */
  age: number;
  /** Whether the node has ended its last round. */
  done: boolean;
}

const options = z.strictObject({
  ...trainingOptions,
  merge: z
    .enum(['age', 'average'])
    .default('age')
    .describe('age: both models weighted by the steps that are in them; average: equally'),
  ...periodOption,
  codec: denseCodecOption().describe('how models are encoded; a dense codec'),
});

type Options = z.output<typeof options>;
type Node = NodeContext<Options>;

const MODEL = messageType('model', ({ options, model }: CodecContext<Options>) =>
  record({ values: createCodec(options.codec, model), age: number('u32', 'header') }),
);

export const gossip: Algorithm<State, Options> = {
  id: 'gossip',
  description: 'asynchronous gossip learning: train, push to a random neighbour, merge by age what arrives',
  reference:
    'Hegedűs, Danner, Jelasity, Decentralized Learning Works: An Empirical Comparison of Gossip Learning and Federated Learning, JPDC 2021',
  options,
  contentFree: true,
  withoutMessages: 'local-only',
  messages: (context) => codecsOf([MODEL], context),
  init: (node) => ({ ...startOngoing(node), age: 0, done: false }),
  on: {
    start: beginTraining,
    computed(node, state, { output }) {
      endTraining(state, output as TrainOutput);
      state.age += state.training.pendingSteps;
      push(node, state);
      state.done = !node.nextRound();
      if (!state.done && !state.waiting) beginTraining(node, state);
    },
    message(node, state, message) {
      if (!isMessage(MODEL, message)) return;
      const { values, age } = message.body;
      const total = state.age + age;
      const own = node.options.merge === 'age' && total > 0 ? state.age / total : 1 / 2;
      state.params = weightedSum([state.params, values.values], [own, 1 - own]);
      state.age = Math.max(state.age, age);
    },
    timer(node, state) {
      state.waiting = false;
      if (!state.done && !node.computing) beginTraining(node, state);
    },
    up(node, state) {
      // A task that was lost with the node is submitted again; a paused one continues by itself.
      if (!state.done && !state.waiting && !node.computing) beginTraining(node, state);
    },
  },
  evaluate: ({ params, adapted }) => ({ adapted: { params: adapted }, mixed: { params } }),
  series: ({ training, age }) => ({ 'train-loss': training.loss, age }),
};

function push(node: Node, { params, age }: State): void {
  const { out } = node.neighbors;
  if (out.length === 0) return;
  const to = out[node.random('partner').integer(out.length)]!;
  node.send(to, MODEL.name, { values: { values: params }, age });
}

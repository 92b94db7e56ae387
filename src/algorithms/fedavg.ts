/**
 * FedAvg, federated averaging: a server sends its model to some clients, they train, it averages what comes back.
 *
 * Reference: B. McMahan, E. Moore, D. Ramage, S. Hampson, B. Agüera y Arcas, "Communication-Efficient Learning of Deep
 * Networks from Decentralized Data", AISTATS 2017, Algorithm 1.
 *
 *   S_t: ⌈C·N⌉ clients, drawn anew each round;  x ← Σ_{i∈S_t} n_i x_i / Σ_{i∈S_t} n_i, n_i: samples of client i
 *
 * Messages   | content           | payload bytes, params = d
 * `global`   | x, to each of S_t | 4·d with float32
 * `update`   | x_i and n_i       | 4·d + 4 with float32
 *
 * Differences from the paper: clients that do not answer by the deadline are left out of the average; without any
 * answer the model stays. A client's momentum and Adam state live on between its rounds.
 */
import { z } from 'zod';
import type { Algorithm, NodeContext } from '../learning/algorithm.js';
import {
  startTraining,
  type TrainingOptions,
  type TrainingState,
  trained,
  trainingJob,
  trainingOptions,
} from '../learning/local-training.js';
import { type RoundOptions, requireDeadline, roundOptions } from '../learning/rounds.js';
import { byNumber, weightedSum } from '../learning/vectors.js';
import type { VectorView } from '../wire/codec.js';
import { number } from '../wire/control.js';
import { type ChosenCodec, codecOption, createCodec } from '../wire/index.js';
import { record } from '../wire/record.js';

type Options = TrainingOptions & RoundOptions & { participation: number; codec: ChosenCodec };
type Node = NodeContext<Options>;

interface Client {
  role: 'client';
  training: TrainingState;
}

interface Server {
  role: 'server';
  params: Float32Array;
  /** Clients of the present round that have not answered. */
  missing: number[];
  updates: Array<{ from: number; params: Float32Array; samples: number }>;
}

type State = Client | Server;

const DEADLINE = 'deadline';

export const fedavg: Algorithm<State, Options> = {
  id: 'fedavg',
  description: 'federated averaging: a server averages the models that some clients have trained',
  reference:
    'McMahan et al., Communication-Efficient Learning of Deep Networks from Decentralized Data, AISTATS 2017',
  options: z.strictObject({
    ...trainingOptions,
    ...roundOptions,
    participation: z
      .number()
      .gt(0)
      .max(1)
      .default(1)
      .describe('share of the clients that take part in a round, rounded up (C in the paper)'),
    codec: codecOption()
      .refine(({ entry }) => entry !== 'top-k', {
        error: 'expected a dense codec (float32 or float16): the server needs whole models',
      })
      .describe('how models are encoded, in both directions; a dense codec'),
  }),
  roles: { server: { count: 1, countsRounds: true } },
  messages({ options, model }) {
    const params = createCodec(options.codec, { length: model.length });
    return { global: params, update: record({ params, samples: number('u32', 'header') }) };
  },
  validate: requireDeadline,
  init: (node) =>
    node.role === 'server'
      ? { role: 'server', params: node.initialParams, missing: [], updates: [] }
      : { role: 'client', training: startTraining() },
  on: {
    start(node, state) {
      if (state.role === 'server') startRound(node, state);
    },
    message(node, state, message) {
      if (state.role === 'client') {
        if (message.round < node.round || node.computing) return node.ignore(message);
        node.joinRound(message.round);
        const { task, input } = trainingJob(node, state.training, (message.body as VectorView).values);
        node.compute(task, input as never);
        return;
      }
      const place = message.round === node.round ? state.missing.indexOf(message.from) : -1;
      if (place < 0) return node.ignore(message);
      state.missing.splice(place, 1);
      const { params, samples } = message.body as { params: VectorView; samples: number };
      state.updates.push({ from: message.from, params: params.values, samples });
      if (state.missing.length === 0) finishRound(node, state);
    },
    computed(node, state, { output }) {
      if (state.role === 'server') return;
      const params = { values: trained(state.training, output) };
      const server = node.nodes;
      node.send(server, 'update', { params, samples: node.shard.train.length }, node.options);
    },
    timer(node, state) {
      if (state.role === 'server') finishRound(node, state);
    },
  },
  evaluate: (state) => (state.role === 'server' ? { global: { params: state.params } } : {}),
  measure: (state) => (state.role === 'client' ? { 'train-loss': state.training.loss } : {}),
};

function startRound(node: Node, state: Server): void {
  const { participation, deadline, reliable } = node.options;
  const clients = node.random('participants').shuffle(Uint32Array.from({ length: node.nodes }, (_, i) => i));
  const chosen = Array.from(clients.subarray(0, Math.ceil(participation * node.nodes))).sort(byNumber);
  state.missing = chosen;
  state.updates = [];
  node.broadcast('global', { values: state.params }, { to: chosen, reliable });
  if (deadline !== undefined) node.timer(DEADLINE, deadline);
}

function finishRound(node: Node, state: Server): void {
  node.cancelTimer(DEADLINE);
  const updates = state.updates.sort((a, b) => byNumber(a.from, b.from));
  const samples = updates.reduce((sum, update) => sum + update.samples, 0);
  if (samples > 0) {
    state.params = weightedSum(
      updates.map((update) => update.params),
      updates.map((update) => update.samples / samples),
    );
  }
  if (node.nextRound()) startRound(node, state);
}

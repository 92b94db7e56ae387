/**
 * gossip-on-arrival: an asynchronous algorithm. Nobody waits for anybody: a node trains, sends its model to one random
 * neighbour, and trains on; what arrives is mixed in at once, the less the older it is.
 *
 * Reference: after X. Lian, W. Zhang, C. Zhang, J. Liu, "Asynchronous Decentralized Parallel Stochastic Gradient Descent",
 * ICML 2018; the weight by age is that of C. Xie, S. Koyejo, I. Gupta, "Asynchronous Federated Optimization", OPT 2020.
 * Messages: `model`, float32, 4·params bytes, to one neighbour after each training.
 * Differences from the papers: the receiver mixes, and the sender does not; there is no server.
 */
import {
  codecsOf,
  isMessage,
  messageType,
  startTraining,
  train,
  trained,
  trainingInput,
  trainingOptions,
  weightedSum,
  wire,
  z,
} from 'mycel/plugin';

const MODEL = messageType('model', ({ model }) => wire.float32(model.length));

export default {
  id: 'gossip-on-arrival',
  description: 'nodes train without waiting, and mix in what arrives, the less the older it is',
  reference: 'after Lian et al., AD-PSGD, ICML 2018, and Xie et al., FedAsync, OPT 2020',
  options: z.strictObject({
    ...trainingOptions,
    weight: z.number().gt(0).lt(1).default(0.5).describe('weight of a model that arrives, if it is not old'),
  }),
  withoutMessages: 'local-only',
  messages: (context) => codecsOf([MODEL], context),
  init: ({ initialParams }) => ({
    params: initialParams,
    // What the present training started from, and what the last one has left.
    before: initialParams,
    adapted: initialParams,
    training: startTraining(),
    done: false,
  }),
  on: {
    start: learn,
    computed(node, state, { output }) {
      const after = trained(state.training, output);
      // What arrived meanwhile stays: the change that training has made is added to it.
      const { params, before } = state;
      state.adapted = params === before ? after : params.map((value, i) => value + (after[i] - before[i]));
      state.params = state.adapted;
      const { out } = node.neighbors;
      if (out.length > 0) {
        const to = out[node.random('partner').integer(out.length)];
        node.send(to, MODEL.name, { values: state.params });
      }
      // A round is a training: each node counts its own, and stops after the last.
      if (node.nextRound()) learn(node, state);
      else state.done = true;
    },
    message(node, state, message) {
      if (!isMessage(MODEL, message)) return;
      const age = Math.max(0, node.round - message.round);
      const weight = node.options.weight / (1 + age);
      state.params = weightedSum([state.params, message.body.values], [1 - weight, weight]);
    },
    // A node that was down may have lost its task.
    up(node, state) {
      if (!state.done && !node.computing) learn(node, state);
    },
  },
  evaluate: ({ params, adapted }) => ({ adapted: { params: adapted }, mixed: { params } }),
};

function learn(node, state) {
  state.before = state.params;
  node.compute(train, trainingInput(node, state.training, state.params));
}

/**
 * An algorithm in one file: periodic averaging. Nodes train each round, but talk to their neighbours only in every
 * `period`-th one, so that the bytes fall by that factor.
 *
 * Reference: the idea is that of local SGD: S. Stich, "Local SGD Converges Fast and Communicates Little", ICLR 2019.
 * Messages: `model`, float32, 4·params bytes to every neighbour in every `period`-th round.
 * Differences from the paper: nodes average with their neighbours, not with everybody.
 */
import {
  fromNeighbors,
  messageType,
  mix,
  phase,
  roundOptions,
  rounds,
  startTraining,
  train,
  trained,
  trainingInput,
  trainingOptions,
  wire,
  z,
} from 'mycel/plugin';

const MODEL = messageType('model', ({ model }) => wire.float32(model.length));

export default rounds({
  id: 'periodic-averaging',
  description: 'local training in every round, averaging with the neighbours in every period-th',
  reference: 'after Stich, Local SGD Converges Fast and Communicates Little, ICLR 2019',
  options: z.strictObject({
    ...trainingOptions,
    ...roundOptions,
    period: z.int().min(1).default(2).describe('rounds from one averaging to the next'),
  }),
  mixing: () => 'metropolis-hastings',
  init: (node) => ({ params: node.initialParams, adapted: node.initialParams, training: startTraining() }),
  phases: ({ period }) => [
    phase({
      task: train,
      input: (node, state) => trainingInput(node, state.training, state.params),
      computed: (_node, state, output) => {
        state.params = trained(state.training, output);
        state.adapted = state.params;
      },
    }),
    phase({
      message: MODEL,
      when: (node) => (node.round + 1) % period === 0,
      send: (_node, state) => ({ body: { values: state.params } }),
      combine: (node, state, received) => {
        state.params = mix(state.params, node.mixing, fromNeighbors(node, received));
      },
    }),
  ],
  evaluate: ({ params, adapted }) => ({ adapted: { params: adapted }, mixed: { params } }),
});

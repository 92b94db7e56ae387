/**
 * my-algorithm: nodes train alone for some steps, then go a part of the way to the average of their neighbourhood.
 *
 * Reference: write here where the method comes from (authors, title, venue, year).
 * Messages: `model`, float32, 4·params bytes to every neighbour in every round.
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
  weightedSum,
  wire,
  z,
} from 'mycel/plugin';

// What a scenario can set beside `use`. Every option has a default and says what it means; unknown keys are errors.
// Quantities with units are `option.duration()`, `option.share()` … of mycel/plugin.
const options = z.strictObject({
  ...trainingOptions, // localSteps, batch, learningRate, optimizer …
  ...roundOptions, // deadline, reliable
  step: z.number().gt(0).max(1).default(0.5).describe('share of the way to the average of the neighbourhood'),
});

// A message type is a name with a codec; the codec decides how many bytes a message has.
const MODEL = messageType('model', ({ model }) => wire.float32(model.length));

export default rounds({
  id: 'my-algorithm',
  description: 'local training, then a part of the way to the average of the neighbourhood',
  reference: 'none yet',
  options,
  // Which weights `node.mixing` has: see mycel list mixing-rules.
  mixing: () => 'metropolis-hastings',
  // The state of a node: plain data (JSON values and typed arrays), so that a run can be saved and resumed.
  init: (node) => ({ params: node.initialParams, adapted: node.initialParams, training: startTraining() }),
  // A round is a list of phases: compute, send, wait for the neighbours, combine. `rounds` does the waiting.
  phases: ({ step }) => [
    phase({
      message: MODEL,
      // Computing costs virtual time; `input` and `computed` are its beginning and its end.
      task: train,
      input: (node, state) => trainingInput(node, state.training, state.params),
      computed(_node, state, output) {
        state.adapted = trained(state.training, output);
      },
      send: (_node, state) => ({ body: { values: state.adapted } }),
      // `received` has what arrived in time. Arrays are never changed, but replaced: others may still read them.
      combine(node, state, received) {
        const average = mix(state.adapted, node.mixing, fromNeighbors(node, received));
        state.params = weightedSum([state.adapted, average], [1 - step, step]);
      },
    }),
  ],
  // What probes measure: the model after local training, and the one after averaging.
  evaluate: ({ params, adapted }) => ({ adapted: { params: adapted }, mixed: { params } }),
});

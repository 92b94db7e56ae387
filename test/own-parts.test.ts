/** Layers and optimisers of the user's own, and models within others, from the module that a scenario names to the end of a run. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertNear, mistake, modelText, outcome, PLUGIN, planFrom, write } from './support/own-modules.js';

const layerText = (change = '') => `
import { z } from ${PLUGIN};
export default {
  id: 'mine',
  description: 'a rectified linear unit of a test',
  options: z.strictObject({ slope: z.number().default(0) }),
  build({ slope }, { input }) {
    const layer = {
      slices: [],
      flops: { forward: input.features, params: 0, input: input.features },
      forward: (engine, { input }) => (slope === 0 ? engine.relu(input) : engine.leakyRelu(input, slope)),
      paramsGradient: () => [],
      inputGradient: (engine, { output, outputGradient }) => engine.mul(outputGradient, engine.step(output, slope)),
    };
    ${change}
    return { layer, output: input };
  },
};`;

const withLayers = (layer: string) => ({
  model: `model: { use: cnn, layers: [{ use: dense, units: 6 }, ${layer}] }`,
});

test('a layer of the user’s own is trained in a network, with any number of workers', async () => {
  const use = write('layer.js', layerText());
  const builtIn = await outcome({ model: 'model: { use: mlp, hidden: [6] }' });
  const own = await outcome(withLayers(use));
  assertNear(own, builtIn);
  assert.deepEqual(await outcome(withLayers(`{ use: ${use}, slope: 0 }`), 2), own);
  const leaky = await outcome(withLayers(`{ use: ${use}, slope: 0.5 }`), 2);
  assert.notEqual(leaky.fingerprints.params, builtIn.fingerprints.params);
  const { resolved } = await planFrom(withLayers(use));
  const { layers } = (resolved as { model: { layers: unknown } }).model;
  assert.deepEqual(layers, [
    { use: 'dense', units: 6 },
    { use, slope: 0 },
  ]);
});

test('mistakes in a layer of the user’s own are reported at their place, and errors that it throws name it', async () => {
  const use = write('layer.js', layerText());
  const { message } = await mistake(withLayers(`{ use: ${use}, slop: 1 }`));
  assert.match(message, /model\.layers\.1\.slop: unknown option of layer mine "slop"\. Did you mean "slope"/);
  const unknown = await mistake(withLayers('{ use: reul }'));
  assert.match(unknown.message, /model\.layers\.1\.use: unknown layer "reul"\. Did you mean "relu"/);
  const broken = write(
    'broken-layer.js',
    layerText("layer.forward = () => { throw new TypeError('not today'); };"),
  );
  const thrown = await mistake(withLayers(broken), 2);
  assert.match(thrown.message, /layer "mine" \(file:\/\/\/broken-layer\.js\): not today$/);
});

test('models of the user’s own can be among the models of `mixed`', async () => {
  const use = write('model.js', modelText());
  const mixed = (first: string) => ({
    model: `model: { use: mixed, models: [${first}, softmax] }`,
    algorithm: 'algorithm: { use: local-only, batch: 8 }',
    measure: 'measure: { probes: [accuracy] }',
  });
  const builtIn = await outcome(mixed('{ use: mlp, hidden: [6] }'));
  const own = await outcome(mixed(`{ use: ${use}, units: 6 }`), 2);
  assertNear(own, builtIn);
  assert.deepEqual(await outcome(mixed(`{ use: ${use}, units: 6 }`)), own);
});

const OPTIMIZER = `
import { z } from ${PLUGIN};
export default {
  id: 'mine',
  description: 'plain gradient descent of a test',
  options: z.strictObject({ factor: z.number().default(1) }),
  stateArrays: () => 0,
  flops: () => 2,
  takesScaledGradient: () => true,
  step(engine, { factor }, { params, gradient }) {
    if (factor === 13) throw new Error('unlucky');
    return { params: engine.sub(params, factor === 1 ? gradient : engine.mul(gradient, factor)), state: [] };
  },
};`;

const withOptimizer = (optimizer: string) => ({
  algorithm: `algorithm: { use: d-psgd, batch: 8, optimizer: ${optimizer} }`,
});

test('an optimiser of the user’s own trains in a run, with any number of workers', async () => {
  const use = write('optimizer.js', OPTIMIZER);
  const builtIn = await outcome(withOptimizer('sgd'));
  const own = await outcome(withOptimizer(use));
  assertNear(own, builtIn);
  assert.deepEqual(await outcome(withOptimizer(use), 2), own);
  const shorter = await outcome(withOptimizer(`{ use: ${use}, factor: 0.5 }`), 2);
  assert.notEqual(shorter.fingerprints.params, builtIn.fingerprints.params);
  const { resolved } = await planFrom(withOptimizer(use));
  const { optimizer } = (resolved as { algorithm: { optimizer: unknown } }).algorithm;
  assert.deepEqual(optimizer, { use, factor: 1 });
});

test('mistakes in an optimiser of the user’s own are reported at their place, and errors that it throws name it', async () => {
  const use = write('optimizer.js', OPTIMIZER);
  const { message } = await mistake(withOptimizer(`{ use: ${use}, factr: 1 }`));
  assert.match(
    message,
    /algorithm\.optimizer\.factr: unknown option of optimizer mine "factr"\. Did you mean "factor"/,
  );
  const flat = await mistake({ algorithm: 'algorithm: { use: d-psgd, batch: 8, momentum: 0.9 }' });
  assert.match(flat.message, /unknown option of algorithm d-psgd "momentum"/);
  const thrown = await mistake(withOptimizer(`{ use: ${use}, factor: 13 }`), 2);
  assert.match(thrown.message, /optimizer "mine" \(file:\/\/\/optimizer\.js\): unlucky$/);
});

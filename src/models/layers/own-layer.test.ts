import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { loadBackend } from '../../compute/backend.js';
import { referenceTo } from '../references.js';
import { dense } from './dense.js';
import { buildLayer, layerList } from './index.js';
import type { BuiltLayer, Layer, LayerContext, LayerEntry } from './layer.js';

const context: LayerContext = {
  name: 'mine1',
  input: { features: 2 },
  kernels: {},
  model: { use: 'cnn', options: {}, input: [2], classes: 3 },
};

/** Builds a dense layer of two inputs and three outputs, save for what is changed. */
function build(id: string, change: (built: BuiltLayer) => unknown): BuiltLayer {
  const entry: LayerEntry = {
    ...{ id, description: 'of a test', options: z.strictObject({}) },
    build: (_options, { name }) =>
      change({ layer: dense(name, { inputs: 2, outputs: 3 }), output: { features: 3 } }) as BuiltLayer,
  };
  return buildLayer(referenceTo(layerList, { entry, options: {} }), context);
}

const withLayer = (change: Partial<Layer>) => (built: BuiltLayer) => ({
  ...built,
  layer: { ...built.layer, ...change },
});

const FAULTS: ReadonlyArray<readonly [string, (built: BuiltLayer) => unknown, RegExp]> = [
  ['that is nothing', () => undefined, /expected \{ layer, output \}/],
  ['without a gradient', withLayer({ inputGradient: undefined as never }), /expected \{ layer, output \}/],
  ['without costs', withLayer({ flops: {} as never }), /expected \{ layer, output \}/],
  [
    'with a name of its own',
    withLayer({ slices: [{ name: 'kernel', shape: [2], initBound: 1 }] }),
    /expected names of slices that begin with "mine1\/", got "kernel"$/,
  ],
  [
    'without an output',
    ({ layer }) => ({ layer, output: {} }),
    /expected an output \{ features \} of at least 1, got undefined$/,
  ],
];

for (const [name, change, message] of FAULTS) {
  test(`a layer ${name} is refused when it is built`, () => {
    assert.throws(
      () => build(name, change),
      (error: Error) => {
        assert.equal(error.name, 'PluginError');
        const place = `layer "${name}" (given:layer/${name}): build(options, context): `;
        assert.ok(error.message.startsWith(place), error.message);
        assert.match(error.message, message);
        return true;
      },
    );
  });
}

test('outputs and gradients of a wrong shape are refused, and right ones are passed on', async () => {
  const { tf } = await loadBackend('cpu');
  const params = [tf.ones([1, 2, 3]), tf.zeros([1, 3])];
  const [input, output] = [tf.ones([1, 4, 2]), tf.ones([1, 4, 3])];
  const pass = { params, input, output, outputGradient: output };
  const right = build('right', (built) => built).layer;
  assert.deepEqual([...right.forward(tf, pass).dataSync()], Array(12).fill(2));
  assert.equal(right.paramsGradient(tf, pass).length, 2);
  assert.deepEqual(right.inputGradient(tf, pass).shape, [1, 4, 2]);
  const one = () => tf.zeros([1]);
  const same = build('same', withLayer({ inputGradient: (_engine, { input }) => input })).layer;
  assert.throws(() => same.inputGradient(tf, pass), {
    message: /expected the gradient of the input as a new tensor, got one that it was given$/,
  });
  const wrong = build(
    'wrong',
    withLayer({ forward: one, inputGradient: one, paramsGradient: () => [one()] }),
  ).layer;
  const place = 'layer "wrong" (given:layer/wrong)';
  assert.throws(() => wrong.forward(tf, pass), {
    message: `${place}: forward(…): expected an output as [1, 4, 3], got [1]`,
  });
  assert.throws(() => wrong.paramsGradient(tf, pass), {
    message: `${place}: paramsGradient(…): expected the gradient of slice "mine1/kernel" as [1, 2, 3], got [1]`,
  });
  assert.throws(() => wrong.inputGradient(tf, pass), {
    message: `${place}: inputGradient(…): expected the gradient of the input as [1, 4, 2], got [1]`,
  });
});

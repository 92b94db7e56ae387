/** The option `activation` of mlp: against automatic differentiation, and relu as it always was. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drawStack, specOf } from '../../test/support/models.js';
import { loadForTest } from '../../test/support/tensorflow.js';
import { type LoadedBackend, loadBackend } from '../compute/backend.js';
import { modelFromForward } from './from-forward.js';
import { buildModel, modelList } from './index.js';
import type { Engine, Model, Tensor } from './model.js';
import { referenceTo } from './references.js';
import { stackSlices } from './stack.js';

const INPUT = 6;
const CLASSES = 3;
const HIDDEN = [5, 4];

/** Each activation by other operations than its layer has. */
const ACTIVATIONS: Readonly<Record<string, (tf: Engine, x: Tensor) => Tensor>> = {
  relu: (tf, x) => tf.maximum(x, 0),
  elu: (tf, x) => tf.add(tf.relu(x), tf.sub(tf.exp(tf.minimum(x, 0)), 1)),
  gelu: (tf, x) => {
    const inner = tf.mul(Math.sqrt(2 / Math.PI), tf.add(x, tf.mul(0.044715, tf.mul(x, tf.mul(x, x)))));
    // (1 + tanh z) / 2 is the logistic function of 2z.
    return tf.mul(x, tf.sigmoid(tf.mul(2, inner)));
  },
  tanh: (tf, x) => tf.sub(tf.mul(2, tf.sigmoid(tf.mul(2, x))), 1),
  sigmoid: (tf, x) => tf.mul(0.5, tf.add(1, tf.tanh(tf.mul(0.5, x)))),
};

/** The same perceptron, from its forward pass. */
function differentiated(activation: string): Model {
  const sizes = [INPUT, ...HIDDEN, CLASSES];
  const layers = sizes.slice(1).map((outputs, l) => ({ inputs: sizes[l]!, outputs }));
  const entry = modelFromForward({
    id: `with-${activation}`,
    description: 'of a test',
    params: () =>
      Object.fromEntries(
        layers.flatMap(({ inputs, outputs }, l) => [
          [`kernel${l}`, { shape: [inputs, outputs] }],
          [`bias${l}`, { shape: [outputs] }],
        ]),
      ),
    forward: (tf, params, inputs) =>
      layers.reduce<Tensor>((x, _, l) => {
        const sum = tf.add(tf.matMul(x, params[`kernel${l}`]!), params[`bias${l}`]!);
        return l < HIDDEN.length ? ACTIVATIONS[activation]!(tf, sum) : sum;
      }, inputs),
  });
  return buildModel({ ...referenceTo(modelList, { entry, options: {} }), input: [INPUT], classes: CLASSES });
}

const mlp = (options: object = {}) =>
  buildModel(specOf('mlp', [INPUT], CLASSES, { hidden: HIDDEN, ...options }));
const stack = drawStack(mlp(), 2, 4);

/** Loss and gradient of both nodes. */
function gradientOf({ tf }: LoadedBackend, model: Model): number[] {
  return tf.tidy(() => {
    const { loss, slices } = model.gradient(tf, {
      params: stackSlices(tf, model.slices, stack.params),
      features: tf.tensor(Float32Array.from(stack.features.flatMap((own) => [...own])), [2, 4, INPUT]),
      labels: Int32Array.from(stack.labels.flat()),
      trainable: 'all',
    });
    return [loss, ...slices].flatMap((tensor) => [...tensor!.dataSync()]);
  });
}

for (const name of ['cpu', 'wasm', 'tensorflow'] as const) {
  const { backend, skip = false } =
    name === 'tensorflow' ? await loadForTest(name) : { backend: await loadBackend(name) };
  for (const activation of Object.keys(ACTIVATIONS)) {
    test(`${name}: the gradient of mlp with ${activation} is that of automatic differentiation`, {
      skip,
    }, async () => {
      await backend!.activate();
      const actual = gradientOf(backend!, mlp({ activation }));
      const expected = gradientOf(backend!, differentiated(activation));
      assert.equal(actual.length, expected.length);
      for (const [i, value] of actual.entries()) {
        assert.ok(Math.abs(value - expected[i]!) <= 5e-6, `${i}: ${value}, ${expected[i]}`);
      }
      assert.ok(Math.max(...actual.map(Math.abs)) > 0.01);
    });
  }
}

test('relu is what mlp has without the option, bit by bit, and its options stay as they were', async () => {
  const backend = await loadBackend('cpu');
  await backend.activate();
  assert.deepEqual(gradientOf(backend, mlp({ activation: 'relu' })), gradientOf(backend, mlp()));
  assert.ok(!('activation' in (mlp().spec.options as object)));
  assert.deepEqual(
    ['relu', 'elu', 'tanh', 'sigmoid', 'gelu'].map((activation) => mlp({ activation }).program !== undefined),
    [true, true, false, false, false],
  );
});

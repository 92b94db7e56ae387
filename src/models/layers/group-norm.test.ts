import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { checkLayer, type Reference } from '../../../test/support/layers.js';
import { loadBackend } from '../../compute/backend.js';
import { UsageError } from '../../errors.js';
import { Random } from '../../random.js';
import { globalAveragePooling } from './global-average-pool.js';
import { groupNorm } from './group-norm.js';

/** Group normalisation as its definition has it: all numbers of a group listed, then their mean and variance. */
function normalized(channels: number, groups: number, epsilon: number): Reference {
  const groupOf = (i: number) => Math.floor(((i % channels) * groups) / channels);
  return (x, [scale, shift]) =>
    x.map((value, i) => {
      const own = x.filter((_, j) => groupOf(j) === groupOf(i));
      const mean = own.reduce((sum, other) => sum + other, 0) / own.length;
      const variance = own.reduce((sum, other) => sum + (other - mean) ** 2, 0) / own.length;
      return (scale![i % channels]! * (value - mean)) / Math.sqrt(variance + epsilon) + shift![i % channels]!;
    });
}

for (const name of ['cpu', 'wasm'] as const) {
  test(`${name}: group normalisation is its definition, with its gradients, alone and in a stack`, async () => {
    const backend = await loadBackend(name);
    for (const [places, channels, groups, epsilon] of [
      [6, 4, 2, 1e-5],
      [5, 3, 1, 0.1],
      [7, 3, 3, 1e-3],
      [1, 8, 2, 1e-5],
    ] as const) {
      const features = places * channels;
      const layer = groupNorm('norm', { features, channels }, { groups, epsilon });
      checkLayer(backend, layer, features, normalized(channels, groups, epsilon));
    }
  });

  test(`${name}: global average pooling is the mean of each channel, and shares its gradient out`, async () => {
    const backend = await loadBackend(name);
    const { layer, output } = globalAveragePooling({ height: 3, width: 4, channels: 2 });
    assert.deepEqual(output, { height: 1, width: 1, channels: 2 });
    checkLayer(backend, layer, 24, (x) =>
      [0, 1].map((c) => x.reduce((sum, value, i) => sum + (i % 2 === c ? value / 12 : 0), 0)),
    );
  });
}

test('two numbers of a group become −1 and 1, and equal ones the shift', async () => {
  const { tf } = await loadBackend('cpu');
  const layer = groupNorm('norm', { features: 4, channels: 4 }, { groups: 2, epsilon: 1e-12 });
  const params = [tf.tensor([[1, 1, 1, 1]]), tf.tensor([[0, 0, 5, 6]])];
  const output = layer.forward(tf, { params, input: tf.tensor([[[3, 9, 7, 7]]]) }).dataSync();
  assert.deepEqual([...output], [-1, 1, 5, 6]);
});

test('scaling and shifting the input of a group normalisation changes nothing', async () => {
  const { tf } = await loadBackend('cpu');
  const layer = groupNorm('norm', { features: 12, channels: 4 }, { groups: 2, epsilon: 1e-9 });
  const params = [tf.ones([1, 4]), tf.zeros([1, 4])];
  const random = new Random('norm');
  const x = Array.from({ length: 12 }, () => random.normal());
  const apply = (input: number[]) => [
    ...layer.forward(tf, { params, input: tf.tensor([[input]]) }).dataSync(),
  ];
  const plain = apply(x);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100 }), fc.integer({ min: -50, max: 50 }), (factor, shift) => {
      for (const [i, value] of apply(x.map((number) => factor * number + shift)).entries()) {
        assert.ok(Math.abs(value - plain[i]!) < 1e-4);
      }
    }),
    { seed: 7 },
  );
});

test('cpu and wasm normalise to the same bits', async () => {
  const random = new Random('bits');
  const x = Float32Array.from({ length: 2 * 3 * 24 }, () => random.normal());
  const layer = groupNorm('norm', { features: 24, channels: 4 }, { groups: 2, epsilon: 1e-5 });
  const outputs = [];
  for (const name of ['cpu', 'wasm'] as const) {
    const { tf } = await loadBackend(name);
    const params = [tf.fill([2, 4], 1.25), tf.fill([2, 4], 0.5)];
    const input = tf.tensor(x, [2, 3, 24]);
    const output = layer.forward(tf, { params, input });
    const pass = { params, input, output, outputGradient: tf.square(input) };
    const gradient = layer.inputGradient(tf, pass);
    outputs.push([[...output.dataSync()], [...gradient.dataSync()]]);
  }
  assert.deepEqual(outputs[0], outputs[1]);
});

test('groups that do not divide the channels are refused', () => {
  assert.throws(
    () => groupNorm('norm', { features: 12, channels: 6 }, { groups: 4, epsilon: 1e-5 }),
    (error) =>
      error instanceof UsageError &&
      error.code === 'bad-groups' &&
      /"norm": expected a number of groups that divides its 6 channels, got 4/.test(error.message),
  );
});

/** Models from a forward pass: the gradients of automatic differentiation are those written by hand, and finite differences. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { finiteDifference } from '../../test/support/losses.js';
import { drawStack, specOf } from '../../test/support/models.js';
import { loadForTest } from '../../test/support/tensorflow.js';
import { type LoadedBackend, loadBackend } from '../compute/backend.js';
import { Random } from '../random.js';
import { modelFromForward } from './from-forward.js';
import { buildModel, modelList } from './index.js';
import type { GradientRequest, Model, ModelSpec, Trainable } from './model.js';
import { referenceTo } from './references.js';
import { stackSlices } from './stack.js';

const HIDDEN = 5;
const INPUT = 7;
const CLASSES = 3;

/** What `mlp` computes, with one hidden layer. */
const perceptron = modelFromForward({
  id: 'perceptron',
  description: 'of a test',
  params: ({ input, classes }) => ({
    'dense1/kernel': { shape: [input[0]!, HIDDEN] },
    'dense1/bias': { shape: [HIDDEN], initBound: 0.1 },
    'dense2/kernel': { shape: [HIDDEN, classes], group: 'head' },
    'dense2/bias': { shape: [classes], initCenter: 0.5, group: 'head' },
  }),
  forward(tf, params, inputs) {
    const hidden = tf.relu(tf.add(tf.matMul(inputs, params['dense1/kernel']), params['dense1/bias']));
    return tf.add(tf.matMul(hidden, params['dense2/kernel']), params['dense2/bias']);
  },
});

const specOfEntry = (entry: ReturnType<typeof modelFromForward>): ModelSpec => ({
  ...referenceTo(modelList, { entry, options: {} }),
  input: [INPUT],
  classes: CLASSES,
});
const own = buildModel(specOfEntry(perceptron));
const byHand = buildModel(specOf('mlp', [INPUT], CLASSES, { hidden: [HIDDEN] }));
const stack = drawStack(byHand, 3, 4);

/** Loss, gradients and logits of a stack, as arrays. */
function computed({ tf }: LoadedBackend, model: Model, request: { trainable: Trainable; scale?: number }) {
  const nodes = stack.params.length;
  const flat = Float32Array.from(stack.features.flatMap((features) => [...features]));
  return tf.tidy(() => {
    const batch: GradientRequest = {
      params: stackSlices(tf, model.slices, stack.params),
      features: tf.tensor(flat, [nodes, 4, INPUT]),
      labels: Int32Array.from(stack.labels.flat()),
      ...request,
    };
    const { loss, slices } = model.gradient(tf, batch);
    return {
      loss: [...loss.dataSync()],
      slices: slices.map((slice) => slice && [...slice.dataSync()]),
      logits: [...model.logits!(tf, batch).dataSync()],
      lossSum: [...model.lossSum(tf, batch).dataSync()],
    };
  });
}

function assertNear(actual: readonly number[], expected: readonly number[], tolerance = 1e-6): void {
  assert.equal(actual.length, expected.length);
  for (const [i, value] of actual.entries())
    assert.ok(Math.abs(value - expected[i]!) <= tolerance, `${value}, ${expected[i]}`);
}

for (const name of ['cpu', 'wasm', 'tensorflow'] as const) {
  const { backend, skip = false } =
    name === 'tensorflow' ? await loadForTest(name) : { backend: await loadBackend(name) };
  test(`${name}: loss, logits and gradients are those of mlp`, { skip }, async () => {
    await backend!.activate();
    for (const request of [
      { trainable: 'all' },
      { trainable: 'head', scale: 3 },
      { trainable: 'body' },
    ] as const) {
      const actual = computed(backend!, own, request);
      const expected = computed(backend!, byHand, request);
      assertNear(actual.loss, expected.loss);
      assertNear(actual.logits, expected.logits);
      assertNear(actual.lossSum, expected.lossSum, 1e-5);
      for (const [s, slice] of expected.slices.entries()) {
        assert.equal(actual.slices[s] === undefined, slice === undefined);
        if (slice) assertNear(actual.slices[s]!, slice);
      }
    }
  });
}

test('gradients are those of finite differences in float64', async () => {
  const backend = await loadBackend('cpu');
  await backend.activate();
  const { slices } = computed(backend, own, { trainable: 'all' });
  for (let node = 0; node < 3; node++) {
    const features = Array.from({ length: 4 }, (_, b) => [
      ...stack.features[node]!.slice(b * INPUT, (b + 1) * INPUT),
    ]);
    const at = { params: stack.params[node]!, features, labels: stack.labels[node]! };
    const gradient = slices.flatMap((slice) =>
      slice!.slice((node * slice!.length) / 3, ((node + 1) * slice!.length) / 3),
    );
    const differences = gradient.map((_, param) => finiteDifference(byHand.spec, at, param));
    assertNear(gradient, differences, 2e-5);
    assert.ok(Math.max(...gradient.map(Math.abs)) > 0.01);
  }
});

test('a node of a stack has the bits that it has alone', async () => {
  for (const name of ['cpu', 'wasm'] as const) {
    const backend = await loadBackend(name);
    await backend.activate();
    const { tf } = backend;
    const gradientOf = (nodes: readonly number[]) =>
      tf.tidy(() => {
        const params = stackSlices(
          tf,
          own.slices,
          nodes.map((node) => stack.params[node]!),
        );
        const flat = Float32Array.from(nodes.flatMap((node) => [...stack.features[node]!]));
        const features = tf.tensor(flat, [nodes.length, 4, INPUT]);
        const labels = Int32Array.from(nodes.flatMap((node) => stack.labels[node]!));
        const { slices } = own.gradient(tf, { params, features, labels, trainable: 'all' });
        return slices.map((slice) => [...slice!.dataSync()]);
      });
    const together = gradientOf([2, 0]);
    for (const [s, alone] of gradientOf([0]).entries()) {
      assert.deepEqual(together[s]!.slice(alone.length), alone, name);
    }
  }
});

test('params are laid out and drawn as they say, and cost what their number says', () => {
  assert.deepEqual(
    own.slices.map(({ name, offset, length, group }) => [name, offset, length, group]),
    [
      ['dense1/kernel', 0, 35, 'body'],
      ['dense1/bias', 35, 5, 'body'],
      ['dense2/kernel', 40, 15, 'head'],
      ['dense2/bias', 55, 3, 'head'],
    ],
  );
  const params = own.init(new Random('params'));
  const kernel = params.subarray(0, 35);
  assert.ok(kernel.every((value) => Math.abs(value) <= 1 / Math.sqrt(INPUT)));
  assert.ok(Math.max(...kernel.map(Math.abs)) > 0.8 / Math.sqrt(INPUT));
  assert.deepEqual([...params.subarray(55)], [0.5, 0.5, 0.5]);
  assert.deepEqual(own.flops, { forward: 116, backward: 232 });
  const costly = modelFromForward({
    ...perceptron,
    ...definitionOf({}),
    flops: () => ({ forward: 1, backward: 2 }),
  });
  assert.deepEqual(buildModel(specOfEntry(costly)).flops, { forward: 1, backward: 2 });
});

/** A definition with other params or another forward pass. */
function definitionOf(change: Partial<Parameters<typeof modelFromForward>[0]>) {
  return {
    id: 'changed',
    description: 'of a test',
    params: () => ({ kernel: { shape: [INPUT, CLASSES] } }),
    forward: (tf, params, inputs) => tf.matMul(inputs, params.kernel!),
    ...change,
  } as Parameters<typeof modelFromForward>[0];
}

test('a forward pass of another shape, and params in another order, are mistakes that name the model', async () => {
  const backend = await loadBackend('cpu');
  await backend.activate();
  const wrong = modelFromForward(definitionOf({ id: 'wide', forward: (tf, _, inputs) => tf.relu(inputs) }));
  assert.throws(() => computed(backend, buildModel(specOfEntry(wrong)), { trainable: 'all' }), {
    name: 'PluginError',
    message: 'model "wide": forward(…): expected logits as [4,3], got [4,7]',
  });
  const params = () => ({ a: { shape: [2], group: 'head' }, b: { shape: [2] } }) as const;
  const late = modelFromForward(definitionOf({ id: 'late', params }));
  assert.throws(() => buildModel(specOfEntry(late)), {
    message: 'model "late": params(spec): expected params of the head last, got "b" of the body after them',
  });
  const regression = { ...specOfEntry(perceptron), classes: 0 };
  assert.throws(() => buildModel(regression), { code: 'model-data-mismatch' });
});

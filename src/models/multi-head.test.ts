import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drawStack, specOf, TINY_LAYERS } from '../../test/support/models.js';
import { loadBackend } from '../compute/backend.js';
import { Random } from '../random.js';
import { buildModel } from './index.js';
import { softmaxCrossEntropy } from './losses.js';
import { headLogits, headSlices, initHeads, multiHead, paramsWithHead } from './multi-head.js';
import { stackSlices } from './stack.js';

const mlp = (hidden: number[], input: number, classes: number, headLayers = 1) =>
  buildModel({ use: 'mlp', options: { hidden, headLayers }, input: [input], classes });

test('auxiliary heads lie behind the params of the model, one after the other', () => {
  const multi = multiHead(mlp([3], 2, 2), 2);
  assert.deepEqual(
    multi.slices.map(({ name, offset }) => `${name} ${offset}`),
    [
      'dense1/kernel 0',
      'dense1/bias 6',
      'dense2/kernel 9',
      'dense2/bias 15',
      'auxiliary1/dense2/kernel 17',
      'auxiliary1/dense2/bias 23',
      'auxiliary2/dense2/kernel 25',
      'auxiliary2/dense2/bias 31',
    ],
  );
  assert.equal(multi.length, 33);
  assert.deepEqual(multi.sizes, { body: 9, head: 8 });
  assert.deepEqual(headSlices(multi, ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'], 0), ['c', 'd']);
  assert.deepEqual(headSlices(multi, ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'], 2), ['g', 'h']);
});

test('an encoder of 784 to 64 with 4 heads of 10 classes has 52,840 params', () => {
  const { length, representation } = multiHead(mlp([64], 784, 10), 3);
  assert.equal(representation.length, 64);
  assert.equal(length, 784 * 64 + 64 + 4 * (64 * 10 + 10));
  assert.equal(4 * length, 211_360);
});

test('the params with head k are those of the body, then those of that head', () => {
  const params = Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9);
  const sizes = { body: 3, head: 2 };
  assert.deepEqual([...paramsWithHead(params, sizes, 0)], [1, 2, 3, 4, 5]);
  assert.deepEqual([...paramsWithHead(params, sizes, 2)], [1, 2, 3, 8, 9]);
});

test('auxiliary heads start with different params, and the model with the given ones', () => {
  const multi = multiHead(mlp([3], 2, 2), 2);
  const initial = multi.model.init(new Random('model'));
  const params = initHeads(multi, initial, new Random('heads'));
  assert.deepEqual(params.subarray(0, initial.length), initial);
  const heads = [0, 1, 2].map((k) => [...paramsWithHead(params, multi.sizes, k)].join());
  assert.equal(new Set(heads).size, 3);
  const bound = 1 / Math.sqrt(3);
  assert.ok(params.subarray(initial.length).every((value) => value !== 0 && Math.abs(value) <= bound));
});

test('the softmax model is a head on the features themselves', () => {
  const softmax = buildModel({ use: 'softmax', options: {}, input: [5], classes: 3 });
  const { representation, sizes } = multiHead(softmax, 1);
  assert.equal(representation.length, 5);
  assert.deepEqual(sizes, { body: 0, head: 18 });
  assert.deepEqual(representation.flops, { forward: 0, backward: 0 });
});

test('a head of two layers and a model without one are refused', () => {
  const refusal = { name: 'UsageError', code: 'no-embedding', path: 'model.use' };
  assert.throws(() => multiHead(mlp([4, 3], 2, 2, 2), 1), refusal);
  const quadratic = buildModel({ use: 'quadratic', options: { initBound: 1 }, input: [4], classes: 0 });
  assert.throws(() => multiHead(quadratic, 1), refusal);
});

test('a head and the representation below it have the logits and the gradient of the whole model, bit for bit', async () => {
  const { tf: engine } = await loadBackend('cpu');
  for (const spec of [
    specOf('softmax', [4], 3),
    specOf('mlp', [4], 3, { hidden: [6, 5] }),
    specOf('mlp', [4], 3, { hidden: [6], bias: false }),
    specOf('cnn', [6, 7, 2], 3, { layers: TINY_LAYERS }),
  ]) {
    const multi = multiHead(buildModel(spec), 0);
    const { model, representation } = multi;
    const { params: flat, features: rows, labels } = drawStack(model, 2, 4);
    const params = stackSlices(engine, model.slices, flat);
    const features = engine.tensor(
      rows.flatMap((row) => [...row]),
      [2, 4, ...spec.input],
    );
    const classes = Int32Array.from(labels.flat());
    const whole = model.gradient(engine, { params, features, labels: classes, trainable: 'all' });
    const outputs = representation.forward(engine, { params, features });
    const embedding = outputs.at(-1)!;
    assert.deepEqual(embedding.shape, [2, 4, representation.length]);
    const logits = headLogits(engine, multi, { head: 0, params, embedding });
    assert.deepEqual(logits.dataSync(), model.logits!(engine, { params, features }).dataSync());
    const { gradient } = softmaxCrossEntropy(engine, logits, classes);
    const own = headSlices(multi, params, 0);
    const pass = { params: own, input: embedding, output: logits, outputGradient: gradient };
    const ofHead = representation.head.paramsGradient(engine, pass);
    const below = representation.head.inputGradient(engine, pass);
    const ofBody = representation.backward(engine, { params, outputs, outputGradient: below });
    const joined = [...ofBody.slice(0, -own.length), ...ofHead];
    assert.deepEqual(
      joined.map((slice) => slice!.dataSync()),
      whole.slices.map((slice) => slice!.dataSync()),
    );
    assert.ok(ofBody.slice(-own.length).every((slice) => slice === undefined));
  }
});

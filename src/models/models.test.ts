import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import type * as tf from '@tensorflow/tfjs-core';
import { finiteDifference, referenceLoss } from '../../test/support/losses.js';
import { loadBackend } from '../compute/backend.js';
import { UsageError } from '../errors.js';
import { Random } from '../random.js';
import { buildModel, models } from './index.js';
import type { Model, ModelSpec, Trainable } from './model.js';
import { stackSlices } from './stack.js';

let engine: typeof tf;
before(async () => {
  engine = (await loadBackend('cpu')).tf;
});

const CLASSES = 3;
const BATCH = 5;
const INPUT = [4];

const classifier = (use: string, options: unknown): ModelSpec => ({
  use,
  options,
  input: INPUT,
  classes: CLASSES,
});

const specs: Readonly<Record<string, ModelSpec>> = {
  softmax: classifier('softmax', {}),
  'mlp with one hidden layer': classifier('mlp', { hidden: [6], headLayers: 1 }),
  'mlp with two hidden layers': classifier('mlp', { hidden: [6, 5], headLayers: 2 }),
  'mlp without biases, as He et al. start it': classifier('mlp', {
    hidden: [6],
    headLayers: 1,
    bias: false,
    kernelInit: 'he-uniform',
  }),
  quadratic: { use: 'quadratic', options: { initBound: 1 }, input: INPUT, classes: 0 },
  'linear-representation': { use: 'linear-representation', options: { rank: 2 }, input: INPUT, classes: 0 },
};

/** Two nodes with params and batches of their own. */
interface Batch {
  readonly params: Float32Array[];
  /** [nodes][batch][features] */
  readonly features: number[][][];
  readonly labels: number[][];
}

const isLinear = (spec: ModelSpec) => spec.use === 'linear-representation';

function draw(model: Model): Batch {
  const random = new Random('gradients');
  const nodes = [0, 1];
  const row = () => Array.from({ length: INPUT[0]! }, () => Math.fround(random.normal()));
  return {
    // A head at zero would hide the gradient of its body.
    params: nodes.map(() => model.init(random).map((value) => (value === 0 ? random.normal() : value))),
    features: nodes.map(() => Array.from({ length: BATCH }, row)),
    labels: nodes.map(() =>
      Array.from({ length: BATCH }, () =>
        isLinear(model.spec) ? Math.fround(random.normal()) : random.integer(CLASSES),
      ),
    ),
  };
}

function modelGradient(model: Model, batch: Batch, trainable: Trainable, scale = 1) {
  const features = engine.tensor(batch.features);
  const labels = (isLinear(model.spec) ? Float32Array : Int32Array).from(batch.labels.flat());
  const params = stackSlices(engine, model.slices, batch.params);
  const { loss, slices } = model.gradient(engine, { params, features, labels, trainable, scale });
  return {
    loss: loss.dataSync(),
    lossSum: model.lossSum(engine, { params, features, labels }).dataSync(),
    slices: slices.map((slice) => slice?.dataSync()),
  };
}

for (const [name, spec] of Object.entries(specs)) {
  test(`${name}: the gradient is that of central finite differences, for each node of a stack`, () => {
    const model = buildModel(spec);
    const batch = draw(model);
    const { loss, lossSum, slices } = modelGradient(model, batch, 'all');
    for (const node of [0, 1]) {
      const own = {
        params: batch.params[node]!,
        features: batch.features[node]!,
        labels: batch.labels[node]!,
      };
      const expected = referenceLoss(spec, own.params, own.features, own.labels);
      assertNear(loss[node]!, expected, 'loss');
      assertNear(lossSum[node]!, BATCH * expected, 'sum of losses');
      for (const [s, slice] of model.slices.entries()) {
        for (let i = 0; i < slice.length; i++) {
          const difference = finiteDifference(spec, own, slice.offset + i);
          assertNear(slices[s]![node * slice.length + i]!, difference, `${slice.name}[${i}] of node ${node}`);
        }
      }
    }
  });

  test(`${name}: a gradient for a group has that group's slices, with the same numbers`, () => {
    const model = buildModel(spec);
    const batch = draw(model);
    const all = modelGradient(model, batch, 'all');
    for (const group of ['body', 'head'] as const) {
      const { loss, slices } = modelGradient(model, batch, group);
      assert.deepEqual(loss, all.loss);
      for (const [s, slice] of model.slices.entries()) {
        assert.deepEqual(slices[s], slice.group === group ? all.slices[s] : undefined, slice.name);
      }
    }
  });

  test(`${name}: a scale is a factor of the gradient and not of the loss`, () => {
    const model = buildModel(spec);
    const batch = draw(model);
    const plain = modelGradient(model, batch, 'all');
    const scaled = modelGradient(model, batch, 'all', 0.25);
    assert.deepEqual(scaled.loss, plain.loss);
    for (const [s, slice] of plain.slices.entries()) {
      for (const [i, value] of slice!.entries()) assertNear(scaled.slices[s]![i]!, value / 4, `slice ${s}`);
    }
  });

  test(`${name}: slices lie one after the other and cover the params`, () => {
    const model = buildModel(spec);
    let offset = 0;
    for (const slice of model.slices) {
      assert.equal(slice.offset, offset);
      assert.equal(
        slice.length,
        slice.shape.reduce((product, size) => product * size, 1),
      );
      offset += slice.length;
    }
    assert.equal(model.length, offset);
  });

  test(`${name}: initial params are a function of the stream, within each slice's bound and spread over it`, () => {
    const model = buildModel(spec);
    const first = model.init(new Random('init'));
    assert.deepEqual(model.init(new Random('init')), first);
    assert.notDeepEqual(model.init(new Random('other')), first);
    assert.equal(first.length, model.length);
    const random = new Random('spread');
    const draws = Array.from({ length: 400 }, () => model.init(random));
    for (const { name, offset, length, initBound } of model.slices) {
      if (initBound === 0) {
        assert.ok(
          draws.every((params) => params.subarray(offset, offset + length).every((value) => value === 0)),
        );
        continue;
      }
      const values = draws.flatMap((params) => [...params.subarray(offset, offset + length)]);
      assert.ok(
        values.every((value) => Math.abs(value) <= initBound * (1 + 1e-6)),
        name,
      );
      // Uniform in ±b: mean 0, standard deviation b/√3; five standard errors.
      const sum = values.reduce((total, value) => total + value, 0);
      const squares = values.reduce((total, value) => total + value * value, 0);
      const deviation = initBound / Math.sqrt(3);
      assert.ok(
        Math.abs(sum / values.length) < (5 * deviation) / Math.sqrt(values.length),
        `mean of ${name}`,
      );
      assert.ok(Math.abs(squares / values.length / deviation ** 2 - 1) < 0.1, `variance of ${name}`);
    }
  });
}

test('a mlp of 4-6-5-3 with a head of two layers has the slices of a drawing on paper', () => {
  const { slices, length } = buildModel(specs['mlp with two hidden layers']!);
  assert.deepEqual(
    slices.map(({ name, shape, offset, group }) => [name, shape.join('×'), offset, group]),
    [
      ['dense1/kernel', '4×6', 0, 'body'],
      ['dense1/bias', '6', 24, 'body'],
      ['dense2/kernel', '6×5', 30, 'head'],
      ['dense2/bias', '5', 60, 'head'],
      ['dense3/kernel', '5×3', 65, 'head'],
      ['dense3/bias', '3', 80, 'head'],
    ],
  );
  assert.equal(length, 83);
  assert.equal(slices[2]!.initBound, 1 / Math.sqrt(6));
});

test('he-uniform kernels start in ±√(6/inputs), and no bias means no slice for it', () => {
  const { slices, length } = buildModel(specs['mlp without biases, as He et al. start it']!);
  assert.deepEqual(
    slices.map(({ name, initBound }) => [name, initBound]),
    [
      ['dense1/kernel', Math.sqrt(6 / 4)],
      ['dense2/kernel', 1],
    ],
  );
  assert.equal(length, 4 * 6 + 6 * 3);
});

test('a linear representation has its body in B and its head in w, which starts at zero', () => {
  const { slices, length } = buildModel(specs['linear-representation']!);
  assert.deepEqual(
    slices.map(({ name, shape, offset, group }) => [name, shape.join('×'), offset, group]),
    [
      ['representation', '4×2', 0, 'body'],
      ['head', '2', 8, 'head'],
    ],
  );
  assert.equal(length, 10);
  assert.deepEqual(
    slices.map(({ initBound }) => initBound),
    [Math.sqrt(3 / 4), 0],
  );
});

test('all of softmax regression and of the quadratic is head', () => {
  for (const name of ['softmax', 'quadratic']) {
    assert.ok(buildModel(specs[name]!).slices.every(({ group }) => group === 'head'));
  }
});

test('the cost in FLOPs is that of the multiplications and additions of one sample', () => {
  // 4·3 multiply-adds and 3 biases; the gradient: as much again, without that of the input.
  assert.deepEqual(buildModel(specs.softmax!).flops, { forward: 27, backward: 27 });
  // Forward: 2·4·6 + 6, ReLU 6, 2·6·3 + 3. Backward: 2·4·6 + 6 and 2·6·3 + 3 for the params, 6 and 2·6·3 for the inputs.
  assert.deepEqual(buildModel(specs['mlp with one hidden layer']!).flops, { forward: 99, backward: 135 });
});

test('a sample of any shape is flattened', () => {
  const image = buildModel({ use: 'softmax', options: {}, input: [2, 2, 1], classes: 2 });
  assert.equal(image.length, 4 * 2 + 2);
  const features = engine.ones([1, 3, 2, 2, 1]);
  const params = stackSlices(engine, image.slices, [new Float32Array(10).fill(1)]);
  const logits = image.logits!(engine, { params, features });
  assert.deepEqual(logits.shape, [1, 3, 2]);
  assert.deepEqual([...logits.dataSync()], [5, 5, 5, 5, 5, 5]);
});

test('models refuse data that they cannot learn, and unknown names are refused too', () => {
  const refusal = (spec: Partial<ModelSpec>) => () =>
    buildModel({ options: {}, input: [4], classes: 3, use: '', ...spec });
  const usage = (code: string) => (error: unknown) => error instanceof UsageError && error.code === code;
  assert.throws(refusal({ use: 'softmax', classes: 0 }), usage('model-data-mismatch'));
  assert.throws(refusal({ use: 'quadratic', options: { initBound: 0 } }), usage('model-data-mismatch'));
  assert.throws(refusal({ use: 'mlp', options: { hidden: [2], headLayers: 3 } }), usage('head-too-deep'));
  const linear = { use: 'linear-representation', options: { rank: 5 } };
  assert.throws(refusal(linear), usage('model-data-mismatch'));
  assert.throws(refusal({ ...linear, classes: 0 }), usage('rank-too-great'));
  const { gradient } = buildModel(specs['linear-representation']!);
  const params = [engine.ones([1, 4, 2]), engine.ones([1, 2])];
  const batch = { params, features: engine.ones([1, 1, 4]), labels: Int32Array.of(1) };
  assert.throws(() => gradient(engine, { ...batch, trainable: 'all' }), usage('model-data-mismatch'));
  assert.throws(refusal({ use: 'soft-max' }), /unknown model "soft-max"\. Did you mean "softmax"\?/);
});

test('options of models have the documented defaults, and unknown ones are refused', () => {
  const options = (id: string, value: unknown) =>
    models.find((model) => model.id === id)!.options.parse(value);
  const kernels = { bias: true, kernelInit: 'uniform' };
  assert.deepEqual(options('mlp', { hidden: [3] }), { hidden: [3], headLayers: 1, ...kernels });
  assert.deepEqual(options('cnn', { layers: [{ use: 'max-pool', window: 2 }] }), {
    layers: [{ use: 'max-pool', options: { window: 2, padding: 'valid' } }],
    headLayers: 1,
    ...kernels,
  });
  assert.deepEqual(options('linear-representation', {}), { rank: 2 });
  assert.deepEqual(options('quadratic', {}), { initBound: 0 });
  assert.throws(() => options('softmax', { hidden: [3] }));
  assert.throws(() => options('mlp', { hidden: [] }));
});

/** float32 arithmetic of a few dozen terms of about 1. */
function assertNear(actual: number, expected: number, what: string): void {
  assert.ok(
    Math.abs(actual - expected) <= 3e-6 * Math.max(1, Math.abs(expected)),
    `${what}: ${actual}, expected ${expected}`,
  );
}

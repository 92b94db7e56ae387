import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sgdWith } from '../../test/support/optimizers.js';
import { loadBackend } from '../compute/backend.js';
import { createMachine } from '../compute/machines.js';
import { runGroup, taskContext } from '../compute/run-group.js';
import type { Dataset } from '../data/dataset.js';
import { buildModel } from '../models/index.js';
import type { ModelSpec } from '../models/model.js';
import { Random } from '../random.js';
import { type EvaluateInput, type EvaluateOutput, evaluate } from './evaluate.js';
import { train } from './train.js';

/** One feature a sample; logit of class 0 is the bias, of class 1 the feature. */
const model: ModelSpec = { use: 'softmax', options: {}, input: [1], classes: 2 };
const params = Float32Array.of(0, 1, 0, 0);

function rowsOf(features: readonly number[], labels: readonly number[]): Dataset {
  return {
    id: 'test',
    shape: [1],
    features: Float32Array.from(features),
    scale: 1,
    labels: Int32Array.from(labels),
    classes: 2,
    train: 0,
    test: features.length,
  };
}

async function run(dataset: Dataset, inputs: readonly EvaluateInput[], backend: 'cpu' | 'wasm' = 'cpu') {
  const { tf } = await loadBackend(backend);
  return runGroup(evaluate as never, inputs, taskContext(tf, { dataset })) as EvaluateOutput[];
}

const log = Math.log;

for (const by of ['TensorFlow.js', 'cpu', 'wasm'] as const) {
  test(`by ${by}: accuracy and loss are those of a computation by hand; ties go to the lowest class`, async () => {
    // Odds e^x : 1 for class 1. Of the three ties the lowest class is right in two, the highest in one.
    const dataset = rowsOf([log(3), log(3), -log(3), 0, 0, 0], [1, 0, 0, 0, 0, 1]);
    const input: EvaluateInput = { model, params, rows: Uint32Array.of(0, 1, 2, 3, 4, 5) };
    const [output] =
      by === 'TensorFlow.js'
        ? await run(dataset, [input])
        : evaluate.run([input], taskContext(undefined, { dataset }, createMachine(by)));
    assert.equal(output!.accuracy, 4 / 6);
    const losses = [log(4 / 3), log(4), log(4 / 3), log(2), log(2), log(2)];
    assert.ok(
      Math.abs(output!.loss - losses.reduce((sum, loss) => sum + loss) / 6) < 1e-7,
      `${output!.loss}`,
    );
  });
}

test('only the given rows count', async () => {
  const dataset = rowsOf([log(3), log(3), -log(3)], [1, 0, 0]);
  const [first, second] = await run(dataset, [
    { model, params, rows: Uint32Array.of(1, 2) },
    { model, params, rows: Uint32Array.of(0, 2) },
  ]);
  assert.equal(first!.accuracy, 1 / 2);
  assert.equal(second!.accuracy, 1);
});

test('predictions by params that are NaN are wrong', async () => {
  const dataset = rowsOf([1, 1], [0, 1]);
  const broken = new Float32Array(4).fill(Number.NaN);
  const [output] = await run(dataset, [{ model, params: broken, rows: Uint32Array.of(0, 1) }]);
  assert.deepEqual(output, { loss: Number.NaN, accuracy: 0 });
});

test('more rows than are computed at once give the mean over all of them', async () => {
  const length = 700;
  const features = Array.from({ length }, (_, i) => (i % 3 === 0 ? 1 : -1));
  const dataset = rowsOf(features, new Array<number>(length).fill(1));
  const [output] = await run(dataset, [{ model, params, rows: Uint32Array.from(features.keys()) }]);
  const right = features.filter((feature) => feature > 0).length;
  assert.equal(output!.accuracy, right / length);
  const loss = (right * log(1 + Math.exp(-1)) + (length - right) * log(1 + Math.exp(1))) / length;
  assert.ok(Math.abs(output!.loss - loss) < 1e-6, `${output!.loss}, expected ${loss}`);
});

test('a quadratic has a loss, and no accuracy', async () => {
  const quadratic: ModelSpec = { use: 'quadratic', options: { initBound: 0 }, input: [3], classes: 0 };
  const dataset: Dataset = {
    ...rowsOf([2, 1, -1, 1, 0, 0], [0, 0]),
    shape: [3],
    classes: 0,
    test: 2,
  };
  const [output] = await run(dataset, [
    { model: quadratic, params: Float32Array.of(3, 0), rows: Uint32Array.of(0, 1) },
  ]);
  assert.deepEqual(output, { loss: 4.75, accuracy: Number.NaN });
});

for (const backend of ['cpu', 'wasm'] as const) {
  test(`${backend}: a node's numbers do not depend on the other nodes of the stack`, async () => {
    const random = new Random('evaluate');
    const spec: ModelSpec = { use: 'mlp', options: { hidden: [5], headLayers: 1 }, input: [4], classes: 2 };
    const dataset = { ...rowsOf([], []), shape: [4], test: 300 };
    const whole: Dataset = {
      ...dataset,
      features: Float32Array.from({ length: 1200 }, () => random.normal()),
      labels: Int32Array.from({ length: 300 }, () => random.integer(2)),
    };
    const inputs = [0, 1, 2].map(() => ({
      model: spec,
      params: buildModel(spec).init(random),
      rows: Uint32Array.from({ length: 290 }, () => random.integer(300)),
    }));
    const alone = [];
    for (const input of inputs) alone.push(...(await run(whole, [input], backend)));
    assert.deepEqual(await run(whole, inputs, backend), alone);
  });
}

test('an evaluation costs one forward pass per row', () => {
  assert.equal(evaluate.flops({ model, params, rows: new Uint32Array(10) }), 10 * (2 * 2 + 2));
  // Its params and the features of 256 rows.
  assert.equal(evaluate.footprint({ model, params, rows: new Uint32Array(10) }), 4 * 4 + 4 * 256);
});

test('what an adaptation leaves is evaluated, for each input its own', async () => {
  const dataset = rowsOf([1, -2, 3, 0.5], [1, 0, 0, 1]);
  const adaptation = {
    rows: Uint32Array.of(0, 1, 2, 3),
    batch: 2,
    optimizer: sgdWith(0.5),
    optimizerState: null,
    stepsTaken: 0,
  };
  const rows = Uint32Array.of(0, 2);
  for (const by of ['TensorFlow.js', 'cpu'] as const) {
    const { tf } = await loadBackend('cpu');
    const machine = by === 'cpu' ? createMachine('cpu') : undefined;
    const context = taskContext(tf, { dataset }, machine);
    const after = train.run([{ ...adaptation, model, params }], context)[0]!;
    const [adapted, plain, expected] = evaluate.run(
      [
        { model, params, rows, adaptation },
        { model, params, rows },
        { model, params: after.params, rows },
      ],
      context,
    );
    assert.deepEqual(adapted, expected, by);
    assert.notDeepEqual(adapted, plain, by);
  }
});

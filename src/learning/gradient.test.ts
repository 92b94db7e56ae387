/**
 * The task that gives a gradient: against a closed form, over many rows, alone and in stacks, for one group of params.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type LoadedBackend, loadBackend } from '../compute/backend.js';
import { runGroup, taskContext } from '../compute/run-group.js';
import type { Dataset } from '../data/dataset.js';
import { buildModel } from '../models/index.js';
import type { ModelSpec } from '../models/model.js';
import { Random } from '../random.js';
import { type GradientInput, type GradientOutput, gradientOf } from './gradient.js';

const ROWS = 600;
const random = new Random('gradient');
const quadratics: Dataset = {
  id: 'quadratics',
  shape: [3],
  features: Float32Array.from({ length: 3 * ROWS }, () => random.uniform()),
  scale: 1,
  labels: new Int32Array(ROWS),
  classes: 0,
  train: ROWS,
  test: 0,
};
const points: Dataset = {
  ...quadratics,
  labels: Int32Array.from({ length: ROWS }, () => random.integer(2)),
  classes: 2,
};
const quadratic: ModelSpec = { use: 'quadratic', options: { initBound: 0 }, input: [3], classes: 0 };
const mlp: ModelSpec = { use: 'mlp', options: { hidden: [4], headLayers: 1 }, input: [3], classes: 2 };

function run(backend: LoadedBackend, dataset: Dataset, inputs: readonly GradientInput[]) {
  const before = backend.tf.memory().numTensors;
  const outputs = runGroup(gradientOf as never, inputs, taskContext(backend.tf, { dataset }));
  assert.equal(backend.tf.memory().numTensors, before);
  return outputs as GradientOutput[];
}

function mlpInput(node: number, change: Partial<GradientInput> = {}): GradientInput {
  const own = new Random(`node ${node}`);
  return {
    model: mlp,
    params: buildModel(mlp).init(own),
    rows: Uint32Array.from({ length: 300 }, () => own.integer(ROWS)),
    trainable: 'all',
    ...change,
  };
}

const largestGap = (a: Float32Array, b: Float32Array) =>
  Math.max(...a.map((value, i) => Math.abs(value - b[i]!)));

for (const name of ['cpu', 'wasm'] as const) {
  test(`${name}: over more rows than are computed at once, gradient and loss are means over all rows`, async () => {
    const backend = await loadBackend(name);
    const x = [0.25, -1];
    // 256 + 1 rows, and a multiple of 256.
    for (const length of [257, 512]) {
      const rows = Uint32Array.from({ length }, (_, k) => (k * 7) % ROWS);
      const input = { model: quadratic, params: Float32Array.from(x), rows, trainable: 'all' as const };
      const [{ gradient, loss }] = run(backend, quadratics, [input]) as [GradientOutput];
      const expected = { gradient: [0, 0], loss: 0 };
      for (const row of rows) {
        const [a, ...b] = quadratics.features.subarray(3 * row, 3 * row + 3);
        for (const [k, target] of b.entries()) {
          expected.gradient[k]! += (a! * (x[k]! - target)) / length;
          expected.loss += ((a! / 2) * (x[k]! - target) ** 2) / length;
        }
      }
      for (const [k, value] of expected.gradient.entries()) assert.ok(Math.abs(gradient[k]! - value) < 1e-6);
      assert.ok(Math.abs(loss - expected.loss) < 1e-6, `${loss} is not ${expected.loss}`);
    }
  });

  test(`${name}: 256 rows are computed at once, and the parts are added up in float64`, async () => {
    const backend = await loadBackend(name);
    const input = mlpInput(0);
    const [all, first, rest] = [
      [0, 300],
      [0, 256],
      [256, 300],
    ].map(([from, to]) => run(backend, points, [{ ...input, rows: input.rows.slice(from, to) }])[0]!);
    const expected = first!.gradient.map((one, k) => (256 * one + 44 * rest!.gradient[k]!) / 300);
    assert.deepEqual(all!.gradient, expected);
  });

  test(`${name}: a node's gradient has the same bits alone and in a stack`, async () => {
    const backend = await loadBackend(name);
    const inputs = [0, 1, 2].map((node) => mlpInput(node));
    const stacked = run(backend, points, inputs);
    for (const [i, input] of inputs.entries()) assert.deepEqual(run(backend, points, [input])[0], stacked[i]);
    assert.notDeepEqual(stacked[0], stacked[1]);
  });

  test(`${name}: the gradient is 0 outside the wanted group, and inside it the same as if all params were wanted`, async () => {
    const backend = await loadBackend(name);
    const [all] = run(backend, points, [mlpInput(0)]) as [GradientOutput];
    const parts = (['body', 'head'] as const).map(
      (trainable) => run(backend, points, [mlpInput(0, { trainable })])[0]!.gradient,
    );
    for (const { group, offset, length } of buildModel(mlp).slices) {
      const part = (gradient: Float32Array) => gradient.subarray(offset, offset + length);
      const [inside, outside] = group === 'body' ? parts : parts.toReversed();
      assert.deepEqual(part(inside!), part(all.gradient));
      assert.ok(part(outside!).every((value) => value === 0));
      assert.ok(part(all.gradient).some((value) => value !== 0));
    }
  });
}

test('the mean over the same rows twice is the same, up to rounding', async () => {
  const backend = await loadBackend('cpu');
  const once = mlpInput(3);
  const rows = Uint32Array.from([...once.rows, ...once.rows]);
  const [one] = run(backend, points, [once]) as [GradientOutput];
  const [twice] = run(backend, points, [{ ...once, rows }]) as [GradientOutput];
  assert.ok(largestGap(one.gradient, twice.gradient) < 1e-6);
});

test('only inputs with equal numbers of rows, the same model and the same group of params are stacked', () => {
  const base = mlpInput(0);
  const key = gradientOf.group(base);
  assert.equal(gradientOf.group(mlpInput(1)), key);
  for (const change of [
    { rows: base.rows.subarray(1) },
    { trainable: 'head' as const },
    { model: { ...mlp, options: { hidden: [5], headLayers: 1 } } },
  ]) {
    assert.notEqual(gradientOf.group({ ...base, ...change }), key);
  }
});

test('a gradient costs a pass forward and one backward for each row, and counts as one step', () => {
  const input = mlpInput(0);
  const { flops, length } = buildModel(mlp);
  assert.equal(gradientOf.flops(input), input.rows.length * (flops.forward + flops.backward));
  assert.deepEqual(gradientOf.gradients?.(input), { steps: 1, samples: input.rows.length });
  assert.equal(gradientOf.footprint(input), 8 * length);
});

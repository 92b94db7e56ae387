/** Densities, averages over masks, and the search for masks: worked examples and laws. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { sgdWith } from '../../../test/support/optimizers.js';
import { loadBackend } from '../../compute/backend.js';
import { createMachine } from '../../compute/machines.js';
import { runGroup, taskContext } from '../../compute/run-group.js';
import type { AnyTask } from '../../compute/task.js';
import type { Dataset } from '../../data/dataset.js';
import { type TrainOutput, train } from '../../learning/train.js';
import { mix } from '../../learning/vectors.js';
import { buildModel } from '../../models/index.js';
import { Random } from '../../random.js';
import { applyMask, drawExactMask, onesOf, paramsMasks } from './masks.js';
import {
  dropAndRegrow,
  intersectionAverage,
  type MaskedTrainInput,
  maskedTrain,
  onesByErk,
} from './sparse.js';

const model = buildModel({
  use: 'mlp',
  options: { hidden: [5], headLayers: 1, bias: true, kernelInit: 'uniform' },
  input: [6],
  classes: 3,
});

test('small kernels are kept denser: shares in proportion to the sum of the dimensions', () => {
  // 22.5 of 45 weights, 11 : 8; rounded down.
  assert.deepEqual(
    paramsMasks(model, onesByErk(0.5)).kernels.map(({ length, ones }) => [length, ones]),
    [
      [30, 13],
      [15, 9],
    ],
  );
});

test('a kernel that would get more than it has is kept whole, and the rest of the budget goes to the others', () => {
  const kernel = (...shape: number[]) => ({
    name: 'kernel',
    shape,
    offset: 0,
    length: shape.reduce((a, b) => a * b),
    group: 'body' as const,
    initBound: 1,
  });
  // 0.8 · 104 = 83.2; 2 + 2 of 24 would be 13.9 of 4. So 79.2 for the other.
  assert.deepEqual(onesByErk(0.8)([kernel(10, 10), kernel(2, 2)]), [79, 4]);
  const layouts = [1, 1e-6].map((density) => paramsMasks(model, onesByErk(density)));
  for (const { length, ones } of layouts[0]!.kernels) assert.equal(ones, length);
  for (const { ones } of layouts[1]!.kernels) assert.equal(ones, 1);
});

test('a weight is averaged over the nodes that have it, and is 0 where no node has it', () => {
  const average = intersectionAverage([
    { values: Float32Array.of(1, 2, 0, 0), mask: Uint8Array.of(1, 1, 0, 0) },
    { values: Float32Array.of(3, 0, 0, 5), mask: Uint8Array.of(1, 0, 0, 1) },
    { values: Float32Array.of(8, 0, 0, 0), mask: Uint8Array.of(1, 0, 0, 1) },
  ]);
  assert.deepEqual([...average], [4, 2, 0, 2.5]);
});

test('the smallest kept weights are dropped, and the largest gradients among the off ones grow', () => {
  const search = {
    params: Float32Array.of(9, -1, 0, 0, 3, 7, -2, 0),
    gradient: Float32Array.of(9, 2, 1, -3, 9, 9, 9, 9),
    mask: Uint8Array.of(1, 1, 0, 0, 1, 1, 1, 1),
    // The last three stand in no kernel, as biases do.
    layout: {
      kernels: [{ group: 'body' as const, offset: 0, from: 0, length: 5, units: 1, ones: 3 }],
      length: 8,
      params: 8,
    },
  };
  // ⌈⅓ · 3⌉: −1 at place 1 goes; of the gradients 2, 1, −3 at places 1, 2, 3 the last is largest.
  assert.deepEqual([...dropAndRegrow({ ...search, rate: 1 / 3 })], [1, 0, 0, 1, 1, 1, 1, 1]);
  // ⌈0.4 · 3⌉ = 2: −1 and 3 go; places 4 and 3 grow, one of them anew.
  assert.deepEqual([...dropAndRegrow({ ...search, rate: 0.4 })], [1, 0, 0, 1, 1, 1, 1, 1]);
  assert.deepEqual([...dropAndRegrow({ ...search, rate: 0 })], [...search.mask]);
});

/** Masked models of one length, and an order of them. */
const models = fc.integer({ min: 1, max: 12 }).chain((length) => {
  const one = fc.record({
    values: fc.float32Array({ minLength: length, maxLength: length, noNaN: true, min: -8, max: 8 }),
    mask: fc.uint8Array({ minLength: length, maxLength: length, max: 1 }),
  });
  return fc.array(one, { minLength: 1, maxLength: 6 });
});

test('the average does not depend on the order, and lies between the values that are averaged', () => {
  const law = fc.property(models, (list) => {
    const average = intersectionAverage(list);
    const reversed = intersectionAverage([...list].reverse());
    for (const [i, value] of average.entries()) {
      assert.ok(Math.abs(value - reversed[i]!) <= 1e-6);
      const present = list.filter(({ mask }) => mask[i] === 1).map(({ values }) => values[i]!);
      if (present.length === 0) assert.equal(value, 0);
      else assert.ok(value >= Math.min(...present) - 1e-6 && value <= Math.max(...present) + 1e-6);
    }
  });
  fc.assert(law, { seed: 1 });
});

test('with full masks the average is that of uniform mixing', () => {
  const law = fc.property(models, (list) => {
    const full = list.map(({ values }) => ({ values, mask: new Uint8Array(values.length).fill(1) }));
    const weight = 1 / list.length;
    const row = { self: weight, neighbors: new Float64Array(list.length - 1).fill(weight) };
    const views = full
      .slice(1)
      .map(({ values }, neighbor) => ({ neighbor, view: { length: values.length, values } }));
    const mixed = mix(full[0]!.values, row, views);
    const average = intersectionAverage(full);
    for (const [i, value] of average.entries()) assert.ok(Math.abs(value - mixed[i]!) <= 1e-6);
  });
  fc.assert(law, { seed: 1 });
});

test('a search keeps the number of ones of every kernel, whatever the rate, and changes nothing else', () => {
  const law = fc.property(
    fc.integer({ min: 1, max: 9 }),
    fc.integer({ min: 1, max: 9 }),
    fc.double({ min: 0.01, max: 1, noNaN: true }),
    fc.double({ min: 0, max: 1, noNaN: true }),
    fc.nat(),
    (rows, columns, density, rate, seed) => {
      const random = new Random(`${seed}`);
      const size = rows * columns;
      const slices = [
        { ...model.slices[0]!, shape: [rows, columns], offset: 0, length: size },
        { ...model.slices[1]!, shape: [columns], offset: size, length: columns },
        { ...model.slices[2]!, shape: [columns, rows], offset: size + columns, length: size },
      ];
      const length = 2 * size + columns;
      const layout = paramsMasks({ slices, length }, onesByErk(density));
      const mask = drawExactMask(layout, random);
      const draw = () => Float32Array.from({ length }, () => random.normal());
      const next = dropAndRegrow({ params: draw(), gradient: draw(), mask, layout, rate });
      for (const each of [mask, next]) {
        for (const { from, length: own, ones } of layout.kernels) {
          assert.equal(onesOf(each.subarray(from, from + own)), ones);
        }
        assert.ok(each.subarray(size, size + columns).every((bit) => bit === 1));
      }
      const gone = mask.filter((bit, i) => bit > next[i]!).length;
      assert.ok(gone <= layout.kernels.reduce((sum, { ones }) => sum + Math.ceil(rate * ones), 0));
      if (density === 1) assert.deepEqual(next, mask);
    },
  );
  fc.assert(law, { seed: 1 });
});

test('masked training is a sequence of steps of train, masked after each, alone or in a group', async () => {
  const random = new Random('training');
  const dataset: Dataset = {
    id: 'test',
    shape: [6],
    features: Float32Array.from({ length: 8 * 6 }, () => random.normal()),
    scale: 1,
    labels: Int32Array.from({ length: 8 }, () => random.integer(3)),
    classes: 3,
    train: 8,
    test: 0,
  };
  const layout = paramsMasks(model, onesByErk(0.4));
  const mask = drawExactMask(layout, random);
  const draw = () =>
    applyMask(
      Float32Array.from({ length: model.length }, () => random.normal()),
      mask,
      layout,
    );
  const input: MaskedTrainInput = {
    model: model.spec,
    params: draw(),
    rows: Uint32Array.of(0, 1, 2, 3, 4, 5),
    batch: 3,
    optimizer: sgdWith(0.1, { momentum: 0.9, weightDecay: 0.01 }),
    optimizerState: draw(),
    stepsTaken: 0,
    mask,
    layout,
  };
  const { tf } = await loadBackend('cpu');
  const under = (array: Float32Array | null) => applyMask(array!, mask, layout);
  for (const machine of [undefined, createMachine('cpu'), createMachine('wasm')]) {
    const run = (task: AnyTask, ...inputs: object[]) =>
      runGroup(task, inputs, taskContext(tf, { dataset }, machine)) as TrainOutput[];
    const [output] = run(maskedTrain, input);
    const [first] = run(train, { ...input, rows: input.rows.slice(0, 3) });
    const params = under(first!.params);
    const optimizerState = under(first!.optimizerState);
    const rows = input.rows.slice(3);
    const [second] = run(train, { ...input, params, optimizerState, rows, stepsTaken: 1 });
    assert.deepEqual(output!.params, under(second!.params));
    assert.deepEqual(output!.optimizerState, under(second!.optimizerState));
    assert.equal(output!.loss, (first!.loss + second!.loss) / 2);
    assert.deepEqual(run(maskedTrain, { ...input, params: draw() }, input)[1], output);
  }
});

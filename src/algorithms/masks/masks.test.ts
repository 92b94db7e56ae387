/** Masks over the kernels of a model: how many are kept, where zeros stand, what is drawn. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { buildModel } from '../../models/index.js';
import { Random } from '../../random.js';
import {
  applyMask,
  drawIndependentMask,
  drawScores,
  keepCount,
  kernelMasks,
  meanMask,
  onesByRatio,
  onesOf,
  paramsMasks,
  topMask,
} from './masks.js';

/** Kernels of 6 × 5 and 5 × 3, with biases of 5 and 3 between and after them. */
const model = buildModel({
  use: 'mlp',
  options: { hidden: [5], headLayers: 1, bias: true, kernelInit: 'uniform' },
  input: [6],
  classes: 3,
});
const rule = onesByRatio(({ group }) => (group === 'head' ? 0.9 : 0.3));
const layout = kernelMasks(model, rule);
const LENGTH = 45;

const masks = fc
  .array(fc.constantFrom(0, 1), { minLength: LENGTH, maxLength: LENGTH })
  .map((bits) => Uint8Array.from(bits));
const ranks = fc.float32Array({ minLength: LENGTH, maxLength: LENGTH, noNaN: true });
const weights = fc.float32Array({ minLength: model.length, maxLength: model.length, noNaN: true });

test('kernels are masked, one after the other, each with its own share; biases are not', () => {
  assert.deepEqual(
    layout.kernels.map(({ offset, from, length, units, ones }) => [offset, from, length, units, ones]),
    [
      [0, 0, 30, 5, 9],
      // 15 − ⌊0.1 · 15⌋
      [35, 30, 15, 3, 14],
    ],
  );
  assert.equal(layout.length, LENGTH);
});

test('masks over all params have their kernels where the params have them', () => {
  const { kernels, length } = paramsMasks(model, rule);
  assert.equal(length, model.length);
  for (const [k, kernel] of kernels.entries()) {
    assert.deepEqual(kernel, { ...layout.kernels[k]!, from: kernel.offset });
  }
});

test('masked params are +0 where the mask is 0, even in place of infinities and NaN, for several vectors in a row', () => {
  const [first] = layout.kernels;
  const small = { kernels: [{ ...first!, offset: 0, from: 0, length: 3 }], length: 3, params: 3 };
  const values = Float32Array.of(1, -2, Number.NaN, 4, Number.NEGATIVE_INFINITY, 6);
  assert.deepEqual([...applyMask(values, Uint8Array.of(1, 0, 0), small)], [1, 0, 0, 4, 0, 0]);
});

test('⌊(1 − r)·d⌋ weights are left out, whatever the last bit of (1 − r)·d; at least one is always kept', () => {
  // (1 − 0.9)·10 is 0.99999… in float64, and (1 − 0.7)·10 is 3.0000…04.
  assert.equal(keepCount(10, 0.9), 9);
  assert.equal(keepCount(10, 0.7), 7);
  assert.equal(keepCount(10, 1), 10);
  assert.equal(keepCount(3, 0.1), 1);
});

test('the largest ranks of each kernel are kept, ties to the lowest index, and each kernel keeps its number', () => {
  fc.assert(
    fc.property(ranks, (values) => {
      const mask = topMask(values, layout);
      for (const { from, length, ones } of layout.kernels) {
        const order = Array.from({ length }, (_, i) => from + i).sort(
          (a, b) => Math.abs(values[b]!) - Math.abs(values[a]!) || a - b,
        );
        for (const [place, index] of order.entries()) assert.equal(mask[index], place < ones ? 1 : 0);
      }
    }),
    { seed: 1 },
  );
});

test('w ⊙ m is 0 exactly where the mask is 0, and w to the last bit everywhere else', () => {
  fc.assert(
    fc.property(weights, masks, (given, mask) => {
      const before = Float32Array.from(given);
      const params = applyMask(given, mask, layout);
      const off = new Set(
        layout.kernels.flatMap(({ offset, from, length }) =>
          Array.from({ length }, (_, i) => i)
            .filter((i) => mask[from + i] === 0)
            .map((i) => offset + i),
        ),
      );
      for (const [i, value] of params.entries()) assert.ok(Object.is(value, off.has(i) ? 0 : given[i]));
      assert.deepEqual(given, before);
    }),
    { seed: 2 },
  );
});

test('scores lie within 1/√inputs, and the same stream draws the same ones', () => {
  const scores = drawScores(layout, new Random('scores'));
  assert.deepEqual(drawScores(layout, new Random('scores')), scores);
  for (const [[from, to], inputs] of [
    [[0, 30], 6],
    [[30, 45], 5],
  ] as const) {
    const largest = Math.max(...scores.subarray(from, to).map(Math.abs));
    assert.ok(largest <= 1 / Math.sqrt(inputs) && largest > 0.5 / Math.sqrt(inputs), `${largest}`);
  }
});

test('a drawn mask has ones in the share of its kernel', () => {
  const large = kernelMasks(
    buildModel({ ...model.spec, input: [400] }),
    onesByRatio(({ group }) => (group === 'head' ? 1 : 0.3)),
  );
  const mask = drawIndependentMask(large, new Random('mask'));
  const ones = onesOf(mask.subarray(0, 2000));
  // Five standard deviations of 2000 draws.
  assert.ok(Math.abs(ones - 600) < 5 * Math.sqrt(2000 * 0.3 * 0.7), `${ones}`);
  assert.ok(mask.subarray(2000).every((bit) => bit === 1));
});

test('the mean of masks does not depend on their order, and is 0 and 1 only where they agree', () => {
  fc.assert(
    fc.property(fc.array(masks, { minLength: 1, maxLength: 6 }), (list) => {
      const mean = meanMask(list);
      assert.deepEqual(meanMask(list.toReversed()), mean);
      for (const [i, share] of mean.entries()) {
        assert.ok(share >= 0 && share <= 1);
        assert.equal(
          share === 0 || share === 1,
          list.every((mask) => mask[i] === list[0]![i]),
        );
      }
    }),
    { seed: 3 },
  );
});

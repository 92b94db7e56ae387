/** The numbers of MCE-PL: masks and gradients by hand, and what must hold of them whatever the scores. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  applyMask,
  keepCount,
  kernelMasks,
  type MaskLayout,
  meanMask,
  onesOf,
  removeThinUnits,
  topMask,
  unitCounts,
} from './masks.js';
import { aggregationTensor, scoreStep } from './mce-pl-step.js';

/** G alone. */
function straightThrough(
  input: Omit<Parameters<typeof scoreStep>[0], 'learningRate' | 'weightDecay'>,
  ofParams: Float32Array,
): Float32Array {
  return scoreStep({ ...input, learningRate: 0.1, weightDecay: 0 }, ofParams).gradient;
}

/** Layers of inputs × units, each keeping a share. */
function layers(...shapes: ReadonlyArray<readonly [number, number, number]>): MaskLayout {
  let offset = 0;
  const slices = shapes.map(([inputs, units]) => {
    const length = inputs * units;
    const slice = {
      name: `kernel at ${offset}`,
      shape: [inputs, units],
      offset,
      length,
      group: 'body' as const,
      initBound: 1,
    };
    offset += length;
    return slice;
  });
  return kernelMasks({ slices, length: offset }, (kernels) =>
    kernels.map(({ length }, k) => keepCount(length, shapes[k]![2])),
  );
}

const TWO = layers([4, 3, 0.3], [3, 5, 0.9]);
const LENGTH = TWO.length;
const scores = fc.float32Array({ minLength: LENGTH, maxLength: LENGTH, min: -4, max: 4, noNaN: true });
const shares = fc.float32Array({ minLength: LENGTH, maxLength: LENGTH, min: 0, max: 1, noNaN: true });
const masks = fc
  .array(fc.constantFrom(0, 1), { minLength: LENGTH, maxLength: LENGTH })
  .map((bits) => Uint8Array.from(bits));

/** Checks a law with a fixed seed. */
function always<Values extends [unknown, ...unknown[]]>(
  arbitraries: { [K in keyof Values]: fc.Arbitrary<Values[K]> },
  law: (...values: Values) => void,
): void {
  fc.assert(fc.property(...arbitraries, law), { seed: 3, numRuns: 200 });
}

test('by hand: two weights, scores 1 and −3, a neighbour that uses the first', () => {
  const layout = layers([1, 2, 0.5]);
  const z = Float32Array.of(1, -3);
  // mean|z| = 2: y = (1 + 2·1, −3 − 2·0) and, with half of the votes for the first, y = (1 + 2·½, −3).
  assert.deepEqual(aggregationTensor(z, Float32Array.of(1, 0), layout), Float32Array.of(3, -3));
  assert.deepEqual(aggregationTensor(z, Float32Array.of(0.5, 0), layout), Float32Array.of(2, -3));
  // Equal |y|: the lowest index is kept; without the whole vote the larger score is.
  assert.deepEqual([...topMask(Float32Array.of(3, -3), layout)], [1, 0]);
  assert.deepEqual([...topMask(Float32Array.of(2, -3), layout)], [0, 1]);
  const weights = Float32Array.of(5, 7);
  assert.deepEqual([...applyMask(weights, Uint8Array.of(0, 1), layout)], [0, 7]);
});

test('by hand: the gradient goes straight through, with the weight and the sign of the score', () => {
  const layout = layers([2, 1, 0.5]);
  const input = {
    weights: Float32Array.of(2, -1),
    scores: Float32Array.of(3, -4),
    average: Float32Array.of(0, 0),
    layout,
    lambda: 0,
  };
  // ∂L/∂(w ⊙ m) = (½, ¼): G = (½·2·1, ¼·(−1)·(−1)); with λ = 10 plus 10·y/‖y‖ = (6, −8).
  const gradient = Float32Array.of(0.5, 0.25);
  assert.deepEqual([...straightThrough(input, gradient)], [1, 0.25]);
  assert.deepEqual([...straightThrough({ ...input, lambda: 10 }, gradient)], [7, -7.75]);
});

test('a mask of d elements has d − ⌊(1 − r)·d⌋ ones in each layer', () => {
  always([fc.integer({ min: 0, max: 400 }), fc.integer({ min: 1, max: 1000 })], (length, thousandths) => {
    const ratio = thousandths / 1000;
    // In whole numbers: no rounding to argue about.
    const zeros = Math.floor(((1000 - thousandths) * length) / 1000);
    assert.equal(keepCount(length, ratio), length - zeros);
  });
  always([scores], (z) => {
    const mask = topMask(z, TWO);
    for (const { from, length, ones } of TWO.kernels) {
      assert.equal(onesOf(mask.subarray(from, from + length)), ones);
    }
  });
});

test('votes change no sign of a score, and a further vote never takes an element out of the mask', () => {
  always([scores, shares, fc.nat({ max: LENGTH - 1 })], (z, average, at) => {
    const y = aggregationTensor(z, average, TWO);
    for (const [i, value] of y.entries()) assert.equal(Math.sign(value), Math.sign(z[i]!));
    const before = topMask(y, TWO);
    const raised = Float32Array.from(average, (share, i) => (i === at ? Math.min(1, share + 0.5) : share));
    const after = topMask(aggregationTensor(z, raised, TWO), TWO);
    assert.ok(after[at]! >= before[at]!);
  });
});

test('masks do not depend on the scale of the scores, and equal scores give equal masks', () => {
  always([scores, shares], (z, average) => {
    const mask = topMask(aggregationTensor(z, average, TWO), TWO);
    const doubled = aggregationTensor(
      z.map((score) => 2 * score),
      average,
      TWO,
    );
    assert.deepEqual(topMask(doubled, TWO), mask);
    assert.deepEqual(topMask(aggregationTensor(Float32Array.from(z), average, TWO), TWO), mask);
  });
});

test('neighbours with the same mask as the node itself change nothing', () => {
  always([scores], (z) => {
    const own = topMask(z, TWO);
    const y = aggregationTensor(z, meanMask([own, own]), TWO);
    assert.deepEqual(topMask(y, TWO), own);
  });
});

test('the mean of masks lies in [0, 1], and the mean of one mask is that mask', () => {
  always([masks, masks, masks], (a, b, c) => {
    for (const [i, share] of meanMask([a, b, c]).entries()) {
      assert.equal(share, Math.fround((a[i]! + b[i]! + c[i]!) / 3));
    }
    assert.deepEqual([...meanMask([a])], [...a]);
  });
});

test('no gradient where the fixed weight is 0; the group term has norm λ in every unit that is not 0', () => {
  always([scores, shares, masks], (z, average, weights) => {
    const input = { weights: Float32Array.from(weights), scores: z, average, layout: TWO, lambda: 0 };
    const ones = new Float32Array(LENGTH).fill(1);
    const plain = straightThrough(input, ones);
    for (const [i, value] of plain.entries()) if (weights[i] === 0) assert.equal(Math.abs(value), 0);
    const group = straightThrough({ ...input, lambda: 0.5 }, new Float32Array(LENGTH));
    const y = aggregationTensor(z, average, TWO);
    for (const { from, length, units } of TWO.kernels) {
      for (let unit = 0; unit < units; unit++) {
        const norm = (values: Float32Array) => {
          let sum = 0;
          for (let i = unit; i < length; i += units) sum += values[from + i]! * values[from + i]!;
          return Math.sqrt(sum);
        };
        // Squares of tiny scores vanish; their direction is then unknown.
        if (norm(y) === 0) assert.equal(norm(group), 0);
        else if (norm(y) > 1e-15) assert.ok(Math.abs(norm(group) - 0.5) < 1e-5);
      }
    }
  });
});

test('the group term is the gradient of λ·Σ‖y_g‖: its product with y is that sum, and it does not change when y is doubled', () => {
  always([scores, shares], (z, average) => {
    const zeros = new Float32Array(LENGTH);
    const of = (values: Float32Array) =>
      straightThrough(
        { weights: zeros, scores: values, average, layout: TWO, lambda: 0.5 },
        new Float32Array(LENGTH),
      );
    const y = aggregationTensor(z, average, TWO);
    const product = of(z).reduce((sum, value, i) => sum + value * y[i]!, 0);
    let norms = 0;
    for (const { from, length, units } of TWO.kernels) {
      for (let unit = 0; unit < units; unit++) {
        norms += Math.hypot(...y.subarray(from, from + length).filter((_, i) => i % units === unit));
      }
    }
    assert.ok(Math.abs(product - 0.5 * norms) <= 1e-5 * norms + 1e-15, `${product} is not ${0.5 * norms}`);
    const negated = of(z.map((score) => -score));
    const same = of(z).map((value, i) => value + negated[i]!);
    assert.ok(same.every((value) => value === 0));
    const twice = of(z.map((score) => 2 * score));
    const gap = of(z).map((value, i) => Math.abs(value - twice[i]!));
    if (z.every((score) => score === 0 || Math.abs(score) > 1e-15)) assert.ok(Math.max(...gap) < 1e-6);
  });
});

test('after structured removal a unit keeps nothing, or more than the least number of weights', () => {
  always([masks, fc.nat({ max: 3 })], (mask, least) => {
    const thinned = removeThinUnits(mask, TWO, least);
    for (const layer of TWO.kernels) {
      const [before, after] = [unitCounts(mask, layer), unitCounts(thinned, layer)];
      for (const [unit, count] of after.entries()) {
        assert.equal(count, least === 0 || before[unit]! > least ? before[unit] : 0);
      }
    }
  });
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ModelSpec } from '../models/model.js';
import { maskOverlap, unitsRemaining } from './kernels.js';
import type { ProbeView } from './probe.js';

/** Kernels [2 × 3] and [3 × 2], with biases of 3 and 2 behind them. */
const MLP: ModelSpec = { use: 'mlp', options: { hidden: [3], headLayers: 1 }, input: [2], classes: 2 };

function viewOf(params: readonly (readonly number[])[], model = MLP): ProbeView {
  const nodes = params.map((numbers, id) => ({
    id: 2 * id,
    evaluated: { personal: { params: Float32Array.from(numbers) } },
  }));
  return { model, nodes } as unknown as ProbeView;
}

/** Params of the model with these kernels; biases are `bias`. */
const withKernels = (first: readonly number[], second: readonly number[], bias = 9) => [
  ...first,
  ...[bias, bias, bias],
  ...second,
  ...[bias, bias],
];

const A = withKernels([1, 0, 2, 0, 0, 0], [0, 0, 3, 0, 0, 4]);
const B = withKernels([5, 6, 0, 0, 0, 0], [0, 0, 7, 0, 0, 8], 0);
const C = withKernels([0, 0, 0, 1, 1, 1], [1, 1, 0, 1, 1, 0]);

test('mask overlap divides the kernel weights in use on both nodes by those in use on either, and averages over pairs', () => {
  // A and B: both have 3 (first, third and last of all), either has 5. C meets neither.
  const measured = maskOverlap.measure(viewOf([A, B, C]), [], { pairs: true });
  assert.deepEqual(measured, [
    { metric: 'mask-overlap:2', node: 0, value: 3 / 5 },
    { metric: 'mask-overlap:4', node: 0, value: 0 },
    { metric: 'mask-overlap:4', node: 2, value: 0 },
    { metric: 'mask-overlap', value: 3 / 5 / 3 },
  ]);
  assert.deepEqual(maskOverlap.measure(viewOf([A, B, C]), [], { pairs: false }), measured.slice(3));
});

test('empty masks overlap completely; a single node and a model without kernels give no figure', () => {
  const empty = withKernels([0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0]);
  const value = (...nodes: number[][]) => maskOverlap.measure(viewOf(nodes), [], { pairs: false });
  assert.deepEqual(value(empty, empty), [{ metric: 'mask-overlap', value: 1 }]);
  assert.deepEqual(value(empty, A), [{ metric: 'mask-overlap', value: 0 }]);
  assert.deepEqual(value(A), []);
  const quadratic = { use: 'quadratic', options: { initBound: 0 }, input: [3], classes: 0 };
  assert.deepEqual(
    maskOverlap.measure(
      viewOf(
        [
          [1, 2],
          [1, 2],
        ],
        quadratic,
      ),
      [],
      { pairs: true },
    ),
    [],
  );
});

test('mask overlap refuses nodes whose kernels differ, and names them', () => {
  const view = viewOf([A, B]);
  const other = { use: 'softmax', options: {}, input: [2], classes: 2 };
  Object.assign(view.nodes[1]!.evaluated.personal!, { model: other });
  assert.throws(() => maskOverlap.measure(view, [], { pairs: false }), {
    code: 'unequal-models',
    message: /got 12 kernel weights on node 0 and 4 on node 2: use one model, or remove the probe$/,
  });
});

test('mask overlap is the Jaccard index of the sets of indices', () => {
  const length = 70;
  const model = { use: 'softmax', options: {}, input: [length / 2], classes: 2 };
  const mask = fc.array(fc.constantFrom(0, 0, 1), { minLength: length, maxLength: length });
  fc.assert(
    fc.property(mask, mask, (one, other) => {
      const [[mean]] = [maskOverlap.measure(viewOf([one, other], model), [], { pairs: false })];
      const both = one.filter((bit, i) => bit === 1 && other[i] === 1).length;
      const either = one.filter((bit, i) => bit === 1 || other[i] === 1).length;
      assert.equal(mean!.value, either === 0 ? 1 : both / either);
    }),
    { seed: 1, numRuns: 200 },
  );
});

test('units with a weight count as remaining, by layer and node, whatever their biases', () => {
  assert.deepEqual(unitsRemaining.measure(viewOf([A, C]), [], {}), [
    // A: columns 0 and 2 of [2 × 3]; [3 × 2] has weights at (1, 0) and (2, 1).
    { metric: 'units-remaining:dense1', node: 0, value: 2 },
    { metric: 'units-remaining:dense2', node: 0, value: 2 },
    { metric: 'units-remaining:dense1', node: 2, value: 3 },
    { metric: 'units-remaining:dense2', node: 2, value: 2 },
    { metric: 'units-remaining:dense1', value: 2.5 },
    { metric: 'units-remaining:dense2', value: 2 },
  ]);
});

test('a bias behind a kernel, or a weight before it, is no weight of it', () => {
  const none = withKernels([0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0]);
  const values = unitsRemaining.measure(viewOf([none]), [], {}).map(({ value }) => value);
  assert.deepEqual(values, [0, 0, 0, 0]);
});

test('of several vectors of a node, the first counts', () => {
  const view = viewOf([A, B]);
  Object.assign(view.nodes[0]!.evaluated, { other: { params: Float32Array.from(C) } });
  assert.deepEqual(maskOverlap.measure(view, [], { pairs: false }), [
    { metric: 'mask-overlap', value: 3 / 5 },
  ]);
  const units = (of: ProbeView) => unitsRemaining.measure(of, [], {});
  assert.deepEqual(units(view), units(viewOf([A, B])));
});

test('mask overlap counts every weight of large kernels, the last ones too', () => {
  // 77 weights in a kernel [7 × 11] and 22 in one [11 × 2]: 99, three more than three words have bits.
  const model: ModelSpec = { use: 'mlp', options: { hidden: [11], headLayers: 1 }, input: [7], classes: 2 };
  const params = (places: readonly number[]) => {
    const numbers = new Array<number>(77 + 11 + 22 + 2).fill(0);
    for (const place of places) numbers[place] = 1;
    return numbers;
  };
  const overlap = (...masks: number[][]) =>
    maskOverlap.measure(viewOf(masks.map(params), model), [], { pairs: false })[0]!.value;
  for (const place of [31, 32, 63, 64, 76, 88, 109]) {
    assert.equal(overlap([0, place], [0]), 1 / 2, String(place));
    assert.equal(overlap([0, place], [0, place]), 1, String(place));
  }
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildModel } from '../models/index.js';
import { bodyLength, bodyOf, headOf, withBody } from './body.js';

/** Kernel 1 × 2 and bias 2 of the body, kernel 2 × 2 and bias 2 of the head. */
const model = buildModel({ use: 'mlp', options: { hidden: [2], headLayers: 1 }, input: [1], classes: 2 });
const params = Float32Array.from({ length: 10 }, (_, k) => k);

test('the body comes first here, and the head is what is left', () => {
  assert.equal(bodyLength(model), 4);
  assert.deepEqual([...bodyOf(model, params)], [0, 1, 2, 3]);
  assert.deepEqual(
    headOf(model, params).map((slice) => [...slice]),
    [
      [4, 5, 6, 7],
      [8, 9],
    ],
  );
});

test('a new body leaves the head and the old params as they are', () => {
  const joined = withBody(model, params, Float32Array.of(-1, -2, -3, -4));
  assert.deepEqual([...joined], [-1, -2, -3, -4, 4, 5, 6, 7, 8, 9]);
  assert.deepEqual([...bodyOf(model, params)], [0, 1, 2, 3]);
});

test('slices of the head between those of the body are left out of it', () => {
  const [kernel, bias, headKernel, headBias] = model.slices;
  const mixed = { ...model, slices: [headKernel!, kernel!, headBias!, bias!] };
  assert.deepEqual([...bodyOf(mixed, params)], [0, 1, 2, 3]);
  assert.deepEqual([...withBody(mixed, params, Float32Array.of(9, 9, 8, 8))].slice(0, 4), [9, 9, 8, 8]);
});

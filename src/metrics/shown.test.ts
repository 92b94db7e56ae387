import assert from 'node:assert/strict';
import { test } from 'node:test';
import { valuesOf } from '../learning/params.js';
import { paramsOf, shown } from './shown.js';

const sum = () => ({
  weights: [0.5, 0.5],
  vectors: [Float32Array.of(1, 2), Float32Array.of(3, 6)],
});

test('a probe that changes the params that it sees changes a copy, and evaluates that copy', () => {
  for (const params of [Float32Array.of(2, 4), sum()]) {
    const evaluated = shown({ params });
    evaluated.params[0] = 7;
    assert.deepEqual([...valuesOf(params)], [2, 4]);
    assert.deepEqual([...valuesOf(paramsOf(evaluated))], [7, 4]);
  }
});

test('a sum that no probe reads is evaluated as it is', () => {
  const params = sum();
  assert.equal(paramsOf(shown({ params })), params);
});

test('params that an algorithm may still change are copied at once', () => {
  const params = Float32Array.of(2, 4);
  const evaluated = shown({ params });
  params[0] = 9;
  assert.deepEqual([...valuesOf(paramsOf(evaluated))], [2, 4]);
});

test('what a probe sees can be saved', () => {
  const model = { use: 'softmax', options: {}, input: [1], classes: 2 };
  const evaluated = shown({ params: sum(), model });
  assert.deepEqual(structuredClone(evaluated), { params: Float32Array.of(2, 4), model });
  assert.notEqual(evaluated.model, model);
});

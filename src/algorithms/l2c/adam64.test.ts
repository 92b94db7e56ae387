import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adamStep, startMoments } from './adam64.js';

const settings = { learningRate: 0.1, beta1: 0.9, beta2: 0.99, weightDecay: 0, decoupled: false };

test('the first step goes by the learning rate against the sign of the gradient, whatever its size', () => {
  const { values } = adamStep([1, 1, 1], startMoments(3), [5, -1e-3, 0], settings);
  for (const [i, expected] of [0.9, 1.1, 1].entries()) assert.ok(Math.abs(values[i]! - expected) < 1e-5);
});

test('the second step is that of the formula, computed by hand', () => {
  const first = adamStep([0], startMoments(1), [1], settings);
  const { values, moments } = adamStep(first.values, first.moments, [-1], settings);
  // m = 0.9·0.1 − 0.1 = −0.01, m̂ = −0.01/0.19; v = 0.99·0.01 + 0.01 = 0.0199, v̂ = 1.
  assert.ok(Math.abs(values[0]! - (-0.1 + (0.1 * 0.01) / 0.19)) < 1e-8);
  assert.deepEqual([...moments.steps], [2]);
});

test('weight decay is part of the gradient, or shrinks beside the step where it is decoupled', () => {
  const decaying = { ...settings, weightDecay: 0.5 };
  const coupled = adamStep([2], startMoments(1), [0], decaying).values[0]!;
  assert.ok(Math.abs(coupled - 1.9) < 1e-6);
  const decoupled = adamStep([2], startMoments(1), [0], { ...decaying, decoupled: true }).values[0]!;
  assert.ok(Math.abs(decoupled - (2 - 0.1 * 0.5 * 2)) < 1e-12);
});

test('a coordinate that is left out of steps moves later as if there had been no such steps', () => {
  let late = adamStep([0, 0], startMoments(2), [1, 1], settings, []);
  for (let k = 0; k < 5; k++) late = adamStep(late.values, late.moments, [1, 1], settings, [0]);
  const both = adamStep(late.values, late.moments, [1, 1], settings);
  assert.equal(both.values[1], adamStep([0], startMoments(1), [1], settings).values[0]);
  assert.deepEqual([...both.moments.steps], [6, 1]);
});

test('coordinates that are not in places do not change, nor do the arguments', () => {
  const values = Float64Array.of(1, 2);
  const moments = startMoments(2);
  const stepped = adamStep(values, moments, [1, 1], settings, [1]);
  assert.equal(stepped.values[0], 1);
  assert.notEqual(stepped.values[1], 2);
  assert.equal(stepped.moments.mean[0], 0);
  assert.deepEqual([...values, ...moments.mean], [1, 2, 0, 0]);
});

import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import type * as tf from '@tensorflow/tfjs-core';
import { loadBackend } from '../compute/backend.js';
import { softmaxCrossEntropy, softmaxOf } from './losses.js';

let engine: typeof tf;
before(async () => {
  engine = (await loadBackend('cpu')).tf;
});

const near = (actual: ArrayLike<number>, expected: readonly number[]) => {
  assert.equal(actual.length, expected.length);
  for (const [i, value] of expected.entries()) {
    assert.ok(Math.abs(actual[i]! - value) < 1e-6, `[${i}]: ${actual[i]}, expected ${value}`);
  }
};

test('the softmax of odds 3 : 1 is three quarters and a quarter, even with huge logits', () => {
  near(softmaxOf(engine, engine.tensor([[[Math.log(3), 0]]])).dataSync(), [0.75, 0.25]);
  near(softmaxOf(engine, engine.tensor([[[1000, 0]]])).dataSync(), [1, 0]);
});

test('softmax cross-entropy of odds 3 : 1 is log 4/3 for the likely class and log 4 for the other', () => {
  const logits = engine.tensor([
    [
      [Math.log(3), 0],
      [Math.log(3), 0],
    ],
  ]);
  const { lossSum, gradient } = softmaxCrossEntropy(engine, logits, Int32Array.of(0, 1));
  near(lossSum.dataSync(), [Math.log(4 / 3) + Math.log(4)]);
  // (p − y) / batch, p = (3/4, 1/4).
  near(gradient.dataSync(), [-1 / 8, 1 / 8, 3 / 8, -3 / 8]);
});

test('softmax cross-entropy keeps nodes apart and stays finite with huge logits', () => {
  const logits = engine.tensor([[[1000, 0]], [[0, 1000]]]);
  const { lossSum, gradient } = softmaxCrossEntropy(engine, logits, Int32Array.of(0, 0));
  near(lossSum.dataSync(), [0, 1000]);
  near(gradient.dataSync(), [0, 0, -1, 1]);
});

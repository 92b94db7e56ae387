import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Matrix } from 'ml-matrix';
import {
  assertSame,
  distanceToOptimum,
  gradientsAt,
  paramsAfter,
  plus,
  ringWeights,
  start,
} from '../../../test/support/quadratic-recursions.js';

test('rounds are those of the paper', async () => {
  const weights = ringWeights(16);
  let x = start();
  let momentum = start();
  for (let round = 0; round < 9; round++) {
    const half = plus(x, plus(gradientsAt(x), momentum, 0.9), -0.1);
    const next = weights.mmul(half);
    momentum = plus(Matrix.mul(momentum, 0.8), Matrix.sub(x, next), (1 - 0.8) / 0.1);
    x = next;
  }
  assertSame(await paramsAfter(9, { use: 'qg-dsgdm', momentum: 0.9, memory: 0.8 }), x);
});

test('it ends where D-PSGD does, adapting first, whatever its momentum is', async () => {
  for (const momentum of [0, 0.5, 0.9]) {
    const distance = distanceToOptimum(await paramsAfter(600, { use: 'qg-dsgdm', momentum }));
    assert.ok(Math.abs(distance - 2.2335) < 2e-4, `momentum ${momentum}: ${distance}`);
  }
});

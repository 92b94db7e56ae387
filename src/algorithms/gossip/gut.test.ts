import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Matrix, solve } from 'ml-matrix';
import {
  assertSame,
  distanceToOptimum,
  gradientsAt,
  paramsAfter,
  plus,
  ROWS,
  ringWeights,
  start,
} from '../../../test/support/quadratic-recursions.js';

const WEIGHTS = ringWeights(16);

test('rounds are those of the paper, in its long form with the updates of the neighbours', async () => {
  const [eta, mu] = [0.1, 0.9];
  let x = start();
  let [y, delta, before] = [start(), start(), start()];
  let mixed = x;
  for (let round = 0; round < 9; round++) {
    const consensus = Matrix.sub(mixed, x);
    const next = plus(gradientsAt(mixed), consensus, -1 / eta);
    const old = Matrix.sub(WEIGHTS.mmul(before), before);
    const tracked = Matrix.sub(plus(WEIGHTS.mmul(y), old, -1 / eta), delta);
    y = plus(next, tracked, mu);
    [before, delta] = [x, next];
    x = plus(x, y, -eta);
    mixed = WEIGHTS.mmul(x);
  }
  assertSame(await paramsAfter(9, { use: 'gut', tracking: mu }), mixed);
});

test('it ends where D-PSGD does with a step size of (1 − μ)·η, far nearer to the optimum', async () => {
  const eta = 0.1 * (1 - 0.9);
  const identity = Matrix.eye(16);
  const step = Matrix.diag(ROWS.map(([a]) => eta * a!));
  const targets = new Matrix(ROWS.map(([, ...b]) => b));
  const shrunk = WEIGHTS.mmul(Matrix.sub(identity, step));
  const expected = solve(Matrix.sub(identity, shrunk), WEIGHTS.mmul(step).mmul(targets));
  const got = await paramsAfter(1500, { use: 'gut' });
  assertSame(got, expected, 1e-4);
  assert.ok(distanceToOptimum(got) < 0.4 * 2.2335, `${distanceToOptimum(got)}`);
});

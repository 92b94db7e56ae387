import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Matrix, solve } from 'ml-matrix';
import {
  assertSame,
  distanceToOptimum,
  GRAPHS,
  gradientsAt,
  paramsAfter,
  plus,
  ROWS,
  ringWeights,
  start,
} from '../../../test/support/quadratic-recursions.js';
import { runOnQuadratics } from '../../../test/support/quadratic-runs.js';

const WEIGHTS = ringWeights(16);

for (const { graph, topology, weights } of GRAPHS) {
  test(`rounds are those of the paper, in its long form with the updates of the neighbours, on ${graph}`, async () => {
    const [eta, mu] = [0.1, 0.9];
    let x = start();
    let [y, delta, before] = [start(), start(), start()];
    let mixed = x;
    for (let round = 0; round < 9; round++) {
      const consensus = Matrix.sub(mixed, x);
      const next = plus(gradientsAt(mixed), consensus, -1 / eta);
      const old = Matrix.sub(weights.mmul(before), before);
      const tracked = Matrix.sub(plus(weights.mmul(y), old, -1 / eta), delta);
      y = plus(next, tracked, mu);
      [before, delta] = [x, next];
      x = plus(x, y, -eta);
      mixed = weights.mmul(x);
    }
    assertSame(await paramsAfter(9, { use: 'gut', tracking: mu }, { topology }), mixed);
  });
}

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

test('a message has 4·d bytes', async () => {
  const run = await runOnQuadratics({
    rows: ROWS,
    algorithm: { use: 'gut' },
    stop: { after: '2 rounds' },
  });
  assert.equal(run.result.traffic.bytes.sent, 2 * 16 * 2 * (32 + 4 * 10));
});

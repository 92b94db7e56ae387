import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Matrix } from 'ml-matrix';
import {
  assertSame,
  distanceToOptimum,
  GRAPHS,
  gradientsAt,
  paramsAfter,
  plus,
  ROWS,
  start,
} from '../../../test/support/quadratic-recursions.js';
import { runOnQuadratics } from '../../../test/support/quadratic-runs.js';

for (const { graph, topology, weights } of GRAPHS) {
  test(`rounds are those of the paper, on ${graph}`, async () => {
    let x = start();
    let momentum = start();
    for (let round = 0; round < 9; round++) {
      const half = plus(x, plus(gradientsAt(x), momentum, 0.9), -0.1);
      const next = weights.mmul(half);
      momentum = plus(Matrix.mul(momentum, 0.8), Matrix.sub(x, next), (1 - 0.8) / 0.1);
      x = next;
    }
    assertSame(await paramsAfter(9, { use: 'qg-dsgdm', momentum: 0.9, memory: 0.8 }, { topology }), x);
  });
}

test('it ends where D-PSGD does, adapting first, whatever its momentum is', async () => {
  for (const momentum of [0, 0.5, 0.9]) {
    const distance = distanceToOptimum(await paramsAfter(600, { use: 'qg-dsgdm', momentum }));
    assert.ok(Math.abs(distance - 2.2335) < 2e-4, `momentum ${momentum}: ${distance}`);
  }
});

test('a message has 4·d bytes', async () => {
  const run = await runOnQuadratics({
    rows: ROWS,
    algorithm: { use: 'qg-dsgdm' },
    stop: { after: '2 rounds' },
  });
  assert.equal(run.result.traffic.bytes.sent, 2 * 16 * 2 * (32 + 4 * 10));
});

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
  test(`momentum builds up over the local steps of a round, and starts at 0 in the next, on ${graph}`, async () => {
    let x = start();
    for (let round = 0; round < 4; round++) {
      let v = Matrix.mul(x, 0);
      for (let step = 0; step < 3; step++) {
        v = plus(gradientsAt(x), v, 0.7);
        x = plus(x, v, -0.1);
      }
      x = weights.mmul(x);
    }
    assertSame(await paramsAfter(4, { use: 'd-fedavgm', localSteps: 3, momentum: 0.7 }, { topology }), x);
  });
}

test('with two steps and a momentum of 0.5 it ends where the reference does', async () => {
  const got = distanceToOptimum(await paramsAfter(300, { use: 'd-fedavgm', localSteps: 2, momentum: 0.5 }));
  assert.ok(Math.abs(got - 3.0393) < 2e-4, `${got}`);
});

test('a message has 2·d bytes in float16', async () => {
  const run = await runOnQuadratics({
    rows: ROWS,
    algorithm: { use: 'd-fedavgm', codec: 'float16' },
    stop: { after: '2 rounds' },
  });
  assert.equal(run.result.traffic.bytes.sent, 2 * 16 * 2 * (32 + 2 * 10));
});

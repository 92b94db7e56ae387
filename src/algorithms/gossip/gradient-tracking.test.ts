import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Matrix } from 'ml-matrix';
import { givenQuadratics } from '../../../test/support/given-quadratics.js';
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
import { planOf } from '../../testing/index.js';
import { readAtEnd } from '../../testing/run.js';

for (const order of ['adapt-then-combine', 'combine-then-adapt']) {
  for (const { graph, topology, weights } of GRAPHS) {
    test(`rounds are those of the paper: ${order}, on ${graph}`, async () => {
      let x = start();
      let gradients = gradientsAt(x);
      let y = gradients;
      for (let round = 0; round < 9; round++) {
        const stepped = plus(x, y, -0.1);
        x = order === 'adapt-then-combine' ? weights.mmul(stepped) : plus(weights.mmul(x), y, -0.1);
        const next = gradientsAt(x);
        y = Matrix.sub(plus(weights.mmul(y), next), gradients);
        gradients = next;
      }
      assertSame(await paramsAfter(9, { use: 'gradient-tracking', order }, { topology }), x);
    });
  }

  test(`it ends at the exact optimum where D-PSGD ends 2.2 and 2.5 beside it: ${order}`, async () => {
    const distance = distanceToOptimum(await paramsAfter(1200, { use: 'gradient-tracking', order }));
    assert.ok(distance < 1e-4, `${distance}`);
  });
}

test('trackers always sum to the gradients', async () => {
  const plan = planOf({
    nodes: ROWS.length,
    data: givenQuadratics(ROWS),
    model: 'quadratic',
    algorithm: { use: 'gradient-tracking', learningRate: 0.1, batch: 1 },
    stop: { after: '12 rounds' },
  });
  await readAtEnd(plan, (world) => {
    const states = world.actors
      .save()
      .map(({ state }) => (state as { own: Record<string, Float32Array> }).own);
    const sumOf = (name: string, k: number) => states.reduce((sum, own) => sum + own[name]![k]!, 0);
    for (let k = 0; k < 10; k++) {
      const [trackers, gradients] = [sumOf('tracker', k), sumOf('gradient', k)];
      assert.ok(Math.abs(trackers - gradients) < 1e-4, `${trackers}, ${gradients}`);
    }
  });
});

test('a message has 8·d bytes', async () => {
  const run = await runOnQuadratics({
    rows: ROWS,
    algorithm: { use: 'gradient-tracking' },
    stop: { after: '2 rounds' },
  });
  assert.equal(run.result.traffic.bytes.sent, 2 * 16 * 2 * (32 + 8 * 10));
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertNear, runOnQuadratics } from '../../test/support/quadratic-runs.js';
import { lastParams } from '../testing/index.js';

/** (a, b) of three clients. */
const ROWS = [
  [1, 4],
  [0.5, -2],
  [2, 1],
];

test('a client’s steps are those of f_i with a pull towards what it received', async () => {
  const algorithm = { use: 'fedprox', localSteps: 3, learningRate: 0.2, mu: 0.7 };
  const run = await runOnQuadratics({ rows: ROWS, algorithm, stop: { after: '4 rounds' } });
  let x = 0;
  for (let round = 0; round < 4; round++) {
    const ends = ROWS.map(([a, b]) => {
      let own = x;
      for (let k = 0; k < 3; k++) own -= 0.2 * (a! * (own - b!) + 0.7 * (own - x));
      return own;
    });
    x = ends.reduce((sum, end) => sum + end, 0) / 3;
  }
  assertNear(lastParams(run), [[x], [x], [x]]);
});

test('with μ = 0 it is fedavg, bit for bit', async () => {
  const run = (algorithm: { use: string }) => runOnQuadratics({ rows: ROWS, algorithm });
  const [prox, average] = [await run({ use: 'fedprox', mu: 0 } as never), await run({ use: 'fedavg' })];
  assert.equal(prox.result.fingerprints.params, average.result.fingerprints.params);
});

test('the average is weighted by samples', async () => {
  const run = await runOnQuadratics({
    rows: [
      [1, 3],
      [1, 6],
      [1, 6],
    ],
    own: [[0], [1, 2]],
    algorithm: { use: 'fedprox', learningRate: 0.5, mu: 1 },
    stop: { after: '1 round' },
  });
  // The first step starts where the pull is zero.
  assert.deepEqual(lastParams(run), [[2.5], [2.5]]);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertNear, runOnQuadratics } from '../../test/support/quadratic-runs.js';
import { lastParams } from '../testing/index.js';

/** (a, b_1, b_2); the last client has its row twice. */
const ROWS = [
  [1, 4, -1],
  [0.5, -2, 3],
  [2, 1, 1],
  [2, 1, 1],
];
const OWN = [[0], [1], [2, 3]];
const [RATE, BETA1, BETA2, EPSILON] = [0.1, 0.8, 0.9, 1e-3];

/** x after rounds in float64, of one coordinate: three local steps, and the averages of x, m and v̂, or of x alone. */
function reference(k: number, rounds: number, share: string): number {
  let [x, m, largest] = [0, 0, 0];
  const own = OWN.map(() => ({ m: 0, v: 0, largest: 0 }));
  const total = ROWS.length;
  for (let round = 0; round < rounds; round++) {
    const ends = OWN.map((rows, i) => {
      const [a, ...b] = ROWS[rows[0]!]!;
      const kept = own[i]!;
      // With the moments, all clients start from those of the server, and the mean square from the largest one.
      if (share === 'moments') Object.assign(kept, { m, v: largest, largest });
      const state = { x, m: kept.m, largest: kept.largest };
      for (let step = 0; step < 3; step++) {
        const g = a! * (state.x - b[k]!);
        state.m = BETA1 * state.m + (1 - BETA1) * g;
        kept.v = BETA2 * kept.v + (1 - BETA2) * g * g;
        state.largest = Math.max(state.largest, kept.v);
        state.x -= (RATE * state.m) / (Math.sqrt(state.largest) + EPSILON);
      }
      kept.m = state.m;
      kept.largest = state.largest;
      return { ...state, n: rows.length };
    });
    const mean = (of: (end: (typeof ends)[number]) => number) =>
      ends.reduce((sum, end) => sum + end.n * of(end), 0) / total;
    [x, m, largest] = [mean((end) => end.x), mean((end) => end.m), mean((end) => end.largest)];
  }
  return x;
}

const algorithm = {
  use: 'fedlalr',
  localSteps: 3,
  learningRate: RATE,
  beta1: BETA1,
  beta2: BETA2,
  epsilon: EPSILON,
};

for (const share of ['moments', 'model']) {
  test(`rounds are those of the equations, sharing: ${share}`, async () => {
    const stop = { after: '5 rounds' };
    const run = await runOnQuadratics({ rows: ROWS, own: OWN, algorithm: { ...algorithm, share }, stop });
    const x = [0, 1].map((k) => reference(k, 5, share));
    assertNear(lastParams(run), [x, x, x]);
  });
}

test('what is shared differs', () => {
  assert.ok(Math.abs(reference(0, 5, 'moments') - reference(0, 5, 'model')) > 1e-3);
});

test('a round costs 12·d down and 12·d + 4 up for each client, or a third of that', async () => {
  for (const [share, vectors] of [
    ['moments', 3],
    ['model', 1],
  ] as const) {
    const run = await runOnQuadratics({ rows: ROWS, own: OWN, algorithm: { ...algorithm, share } });
    const vector = 4 * 2 * vectors;
    assert.equal(run.result.traffic.bytes.sent, 3 * 3 * (32 + vector + (32 + vector + 4)));
  }
});

test('clients with equal data that share the model alone take the steps of AMSGrad on one machine', async () => {
  const rows = [ROWS[0]!, ROWS[0]!];
  const options = { ...algorithm, localSteps: 1, share: 'model' };
  const together = await runOnQuadratics({ rows, algorithm: options, stop: { after: '6 rounds' } });
  const optimizer = { use: 'amsgrad', beta1: BETA1, beta2: BETA2, epsilon: EPSILON };
  const alone = await runOnQuadratics({
    rows,
    algorithm: { use: 'local-only', learningRate: RATE, optimizer } as never,
    stop: { after: '6 rounds' },
  });
  assertNear(lastParams(together), lastParams(alone), 1e-6);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertNear, runOnQuadratics } from '../../test/support/quadratic-runs.js';
import { lastParams } from '../testing/index.js';

/** (a, b_1, b_2) of three clients. */
const ROWS = [
  [1, 4, 0],
  [0.5, -2, 1],
  [2, 1, -3],
];

interface Settings {
  readonly steps: number;
  readonly rounds: number;
  readonly rate: number;
  readonly globalRate: number;
  readonly control: 'gradient' | 'difference';
}

/** Algorithm 1 of the paper in float64, with all clients in every round: x after the rounds. */
function reference({ steps, rounds, rate, globalRate, control }: Settings): number[] {
  const dimension = ROWS[0]!.length - 1;
  const zero = () => new Array<number>(dimension).fill(0);
  let x = zero();
  let c = zero();
  const own = ROWS.map(zero);
  const gradient = (row: readonly number[], at: readonly number[]) =>
    at.map((value, k) => row[0]! * (value - row[k + 1]!));
  for (let round = 0; round < rounds; round++) {
    const [start, common] = [x, c];
    const ends = ROWS.map((row, i) => {
      let y = [...start];
      for (let step = 0; step < steps; step++) {
        const g = gradient(row, y);
        y = y.map((value, k) => value - rate * (g[k]! - own[i]![k]! + common[k]!));
      }
      return y;
    });
    for (const [i, y] of ends.entries()) {
      const next =
        control === 'gradient'
          ? gradient(ROWS[i]!, start)
          : own[i]!.map((value, k) => value - common[k]! + (start[k]! - y[k]!) / (steps * rate));
      c = c.map((value, k) => value + (next[k]! - own[i]![k]!) / ROWS.length);
      own[i] = next;
    }
    x = start.map(
      (value, k) => value + (globalRate / ROWS.length) * ends.reduce((sum, y) => sum + y[k]! - value, 0),
    );
  }
  return x;
}

for (const control of ['gradient', 'difference'] as const) {
  for (const globalRate of [1, 0.5]) {
    test(`rounds are those of the paper: control by ${control}, global step size ${globalRate}`, async () => {
      const algorithm = {
        use: 'scaffold',
        localSteps: 4,
        learningRate: 0.1,
        control,
        globalLearningRate: globalRate,
      };
      const run = await runOnQuadratics({ rows: ROWS, algorithm, stop: { after: '5 rounds' } });
      const expected = reference({ steps: 4, rounds: 5, rate: 0.1, globalRate, control });
      assertNear(
        lastParams(run),
        ROWS.map(() => expected),
      );
    });
  }
}

test('a round costs 8·d down and 8·d up for each client', async () => {
  const run = await runOnQuadratics({
    rows: ROWS,
    algorithm: { use: 'scaffold' },
    stop: { after: '2 rounds' },
  });
  assert.equal(run.result.traffic.bytes.sent, 2 * 3 * 2 * (32 + 8 * 2));
});

test('clients that take no part keep their control variates, and the run goes on', async () => {
  const algorithm = { use: 'scaffold', localSteps: 4, learningRate: 0.1, participation: 0.4 };
  const run = await runOnQuadratics({ rows: ROWS, algorithm, stop: { after: '300 rounds' } });
  const weights = ROWS.reduce((sum, [a]) => sum + a!, 0);
  const optimum = [1, 2].map((k) => ROWS.reduce((sum, row) => sum + row[0]! * row[k]!, 0) / weights);
  assertNear(
    lastParams(run),
    ROWS.map(() => optimum),
    1e-3,
  );
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertNear, runOnQuadratics } from '../../../test/support/quadratic-runs.js';
import { lastParams, testAlgorithm } from '../../testing/index.js';
import { paramsByRound } from '../../testing/params-probe.js';
import { epidemic } from './epidemic.js';

/** (a, b_1, b_2) of nine nodes. */
const ROWS = Array.from({ length: 9 }, (_, i) => [0.5 + i / 9, 3 - i, (i * i) % 5]);
const N = ROWS.length;
const S = 3;
const RATE = 0.2;
const ROUNDS = 6;

const runWith = (draw: string, more: object = {}) =>
  runOnQuadratics({
    rows: ROWS,
    algorithm: { use: 'epidemic', learningRate: RATE, draw, receivers: S, ...more },
    topology: 'ring',
    stop: { after: `${ROUNDS} rounds` },
  });

for (const draw of ['local', 'oracle']) {
  test(`draw: ${draw}: every node sends to ${S} others, and averages what it receives`, async () => {
    const run = await runWith(draw);
    const sent = [...run.result.trafficRows()];
    // The models from who sent to whom, in float64.
    let params = ROWS.map(() => [0, 0]);
    const degrees = new Set<number>();
    for (let round = 0; round < ROUNDS; round++) {
      const links = sent.filter((row) => row.round === round);
      for (let i = 0; i < N; i++) {
        const own = links.filter(({ from }) => from === i);
        assert.equal(own.length, S);
        assert.ok(own.every(({ to }) => to !== i));
        assert.equal(new Set(own.map(({ to }) => to)).size, S);
      }
      const stepped = params.map((x, i) =>
        x.map((value, k) => value - RATE * ROWS[i]![0]! * (value - ROWS[i]![k + 1]!)),
      );
      params = stepped.map((x, i) => {
        const from = links.filter(({ to }) => to === i).map((row) => stepped[row.from]!);
        degrees.add(from.length);
        return x.map((value, k) => from.reduce((sum, other) => sum + other[k]!, value) / (1 + from.length));
      });
    }
    assertNear(lastParams(run), params);
    if (draw === 'oracle') assert.deepEqual([...degrees], [S]);
    else assert.ok(degrees.size > 2, `${[...degrees]}`);
    const drawn = new Set(
      Array.from({ length: ROUNDS }, (_, round) =>
        JSON.stringify(sent.filter((row) => row.round === round).map(({ from, to }) => [from, to])),
      ),
    );
    assert.equal(drawn.size, ROUNDS);
  });
}

test('with the oracle, averaging preserves the mean of all models', async () => {
  // The step is too small for float32 to change a param.
  const run = await runOnQuadratics({
    rows: ROWS,
    model: { use: 'quadratic', initBound: 4, init: 'per-node' },
    algorithm: { use: 'epidemic', learningRate: 1e-20, draw: 'oracle', receivers: S },
    topology: 'ring',
    stop: { after: '12 rounds' },
  });
  const params = paramsByRound(run);
  const mean = (round: number) =>
    [0, 1].map((k) => params.get(round)!.reduce((sum, x) => sum + x[k]! / N, 0));
  assertNear([mean(12)], [mean(0)], 1e-5);
  const spread = (round: number) =>
    Math.max(...params.get(round)!.flatMap((x) => x.map((value, k) => Math.abs(value - mean(round)[k]!))));
  assert.ok(spread(12) < 1e-3 * spread(0), `${spread(12)}`);
});

test('receivers are log₂ of the nodes by default, and fewer than the nodes', async () => {
  const run = await runOnQuadratics({
    rows: ROWS,
    algorithm: { use: 'epidemic' },
    topology: 'ring',
    stop: { after: '1 round' },
  });
  const { messages, bytes } = run.result.traffic;
  assert.equal(messages.sent, N * 4);
  assert.equal(bytes.sent, N * 4 * (32 + 4 * 2));
  await assert.rejects(runWith('local', { receivers: 9 }), {
    code: 'too-many-receivers',
    message: /^expected at most 8 receivers, .* got 9/,
  });
});

test('it keeps the laws of algorithms', async () => {
  const { scenarios } = await testAlgorithm(epidemic);
  assert.ok(scenarios.length > 0);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { assertNear, runOnQuadratics } from '../../test/support/quadratic-runs.js';
import { lastParams } from '../testing/index.js';
import { means, nearestTo } from './multi-center.js';

/** (a, b); the last client has its row twice. */
const ROWS = [
  [1, -5],
  [0.5, -7],
  [1.5, 6],
  [1, 8],
  [1, 8],
];
const OWN = [[0], [1], [2], [3, 4]];

/** The centers of the clients in float64, with three steps of 0.1 and two repetitions of (E) and (M); at most one center is left empty at a time. */
function reference(K: number, rounds: number): number[][] {
  let centers: number[] | undefined;
  let assigned = OWN.map(() => 0);
  for (let round = 0; round < rounds; round++) {
    const points = OWN.map((own, i) => {
      const [a, b] = ROWS[own[0]!]!;
      let x = centers?.[assigned[i]!] ?? 0;
      for (let step = 0; step < 3; step++) x -= 0.1 * a! * (x - b!);
      return { x, n: own.length };
    });
    if (!centers) {
      centers = [points[0]!.x];
      while (centers.length < K) {
        const known: number[] = centers;
        const gaps = points.map(({ x }) => Math.min(...known.map((c) => Math.abs(x - c))));
        centers.push(points[gaps.indexOf(Math.max(...gaps))]!.x);
      }
    }
    for (let step = 0; step < 2; step++) {
      const known: number[] = centers;
      assigned = points.map(({ x }) => {
        const gaps = known.map((c) => Math.abs(x - c));
        return gaps.indexOf(Math.min(...gaps));
      });
      const far = points.map(({ x }, i) => Math.abs(x - known[assigned[i]!]!));
      centers = known.map((_, k) => {
        const members = points.filter((_, i) => assigned[i] === k);
        if (members.length === 0) return points[far.indexOf(Math.max(...far))]!.x;
        const total = members.reduce((sum, { n }) => sum + n, 0);
        return members.reduce((sum, { n, x }) => sum + n * x, 0) / total;
      });
    }
  }
  return assigned.map((k) => [centers![k]!]);
}

const algorithm = { use: 'multi-center', localSteps: 3, learningRate: 0.1, emSteps: 2 };

for (const K of [1, 2, 3]) {
  for (const rounds of [1, 4]) {
    test(`${rounds} rounds with ${K} centers are those of the equations`, async () => {
      const stop = { after: `${rounds} rounds` };
      const given = { ...algorithm, centers: K };
      const run = await runOnQuadratics({ rows: ROWS, own: OWN, algorithm: given, stop });
      assertNear(lastParams(run), reference(K, rounds));
    });
  }
}

test('with one center it is fedavg, bit for bit', async () => {
  const run = (use: string, more: object) =>
    runOnQuadratics({ rows: ROWS, own: OWN, algorithm: { use, localSteps: 3, ...more } });
  const [one, average] = [await run('multi-center', { centers: 1 }), await run('fedavg', {})];
  assert.deepEqual(lastParams(one), lastParams(average));
});

test('a client that has diverged takes no center of others', () => {
  const centers = [Float32Array.of(Number.NaN), Float32Array.of(3)];
  assert.equal(nearestTo(Float32Array.of(9), centers), 1);
  for (const before of [0, 1, -1])
    assert.equal(nearestTo(Float32Array.of(Number.NaN), centers, before), Math.max(0, before));
});

test('where half of the clients take part in a round, the groups keep their centers', async () => {
  const rows = [-9, -10, -11, -12, 9, 10, 11, 12].map((b) => [1, b]);
  const run = await runOnQuadratics({
    rows,
    own: rows.map((_, i) => [i]),
    algorithm: { ...algorithm, centers: 2, participation: 0.5 },
    stop: { after: '60 rounds' },
  });
  for (const [i, [x]] of lastParams(run).entries())
    assert.ok(Math.sign(x!) === Math.sign(rows[i]![1]!) && Math.abs(x!) > 8, `${i}: ${x}`);
});

test('each client gets one center: 4·d down and 4·d + 4 up', async () => {
  const stop = { after: '3 rounds' };
  const run = await runOnQuadratics({ rows: ROWS, own: OWN, algorithm: { ...algorithm, centers: 2 }, stop });
  assert.equal(run.result.traffic.bytes.sent, 3 * 4 * (32 + 4 + (32 + 4 + 4)));
  assert.equal(run.result.traffic.messages.sent, 3 * 4 * 2);
});

const points = fc.array(
  fc.record({
    values: fc
      .array(fc.integer({ min: -50, max: 50 }), { minLength: 2, maxLength: 2 })
      .map((list) => Float32Array.from(list)),
    samples: fc.integer({ min: 1, max: 9 }),
  }),
  { minLength: 1, maxLength: 8 },
);

test('neither step increases the weighted distance from the centers, and no center is left without a place', () => {
  const distance = (
    all: readonly { values: Float32Array; samples: number }[],
    nearest: readonly number[],
    centers: readonly Float32Array[],
  ) =>
    all.reduce(
      (sum, { values, samples }, p) =>
        sum + samples * values.reduce((gap, x, i) => gap + (x - centers[nearest[p]!]![i]!) ** 2, 0),
      0,
    );
  fc.assert(
    fc.property(points, fc.integer({ min: 1, max: 4 }), (all, K) => {
      const centers = Array.from({ length: K }, (_, k) => Float32Array.of(7 * k - 9, 3 * k));
      const before = all.map((_, p) => p % K);
      const after = all.map(({ values }) => nearestTo(values, centers));
      const [first, second] = [before, after].map((nearest) => distance(all, nearest, centers));
      assert.ok(second! <= first!);
      const moved = means(all, after, centers);
      assert.ok(distance(all, after, moved) <= second! * (1 + 1e-6) + 1e-6);
      assert.equal(moved.length, K);
    }),
    { seed: 1 },
  );
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { assertNear, runOnQuadratics } from '../../test/support/quadratic-runs.js';
import { lastParams, paramsProbe } from '../testing/index.js';
import { directedGraph } from '../topology/edges.js';
import type { TopologyEntry } from '../topology/entry.js';
import { topOf } from './pens.js';

/** (a, b) of three nodes. */
const ROWS = [
  [1, 4],
  [0.5, -2],
  [2, 1],
];

const algorithm = { use: 'pens', localSteps: 2, learningRate: 0.2 };
const measure = { at: 'adapted', probes: [{ use: paramsProbe }] };

/** Two steps of 0.2 on f_i. */
function trained(i: number, x: number): number {
  const [a, b] = ROWS[i]!;
  return [x, x].reduce((at) => at - 0.2 * a! * (at - b!), x);
}

for (const selectionRounds of [1, 100]) {
  test(`on a directed ring a node merges with what its predecessor sends: ${selectionRounds} rounds of selection`, async () => {
    const run = await runOnQuadratics({
      rows: ROWS,
      algorithm: { ...algorithm, sampled: 1, top: 1, selectionRounds },
      topology: 'directed-ring',
      measure,
      stop: { after: '5 rounds' },
    });
    let x = ROWS.map((_, i) => trained(i, 0));
    for (let period = 1; period < 5; period++) {
      const sent = x;
      x = x.map((own, i) => trained(i, (own + sent[(i + 2) % 3]!) / 2));
    }
    assertNear(
      lastParams(run),
      x.map((value) => [value]),
    );
    assert.equal(run.result.traffic.bytes.sent, 4 * 3 * (32 + 4));
    assert.equal(run.result.time, 5e9);
  });
}

/** Nodes 1, 2 and 3 send to node 0, and node 0 to node 1. */
const STAR: TopologyEntry<Record<string, never>> = {
  id: 'star-to-zero',
  description: 'three nodes send to one, which sends to one of them',
  options: z.strictObject({}),
  build: (_options, { nodes }) =>
    directedGraph(nodes, [
      [1, 0],
      [2, 0],
      [3, 0],
      [0, 1],
    ]),
};

const STAR_ROWS = [...ROWS, [1, -3]];

/** Two steps on f_i, and f_i. */
const steps = (i: number, x: number) => {
  const [a, b] = STAR_ROWS[i]!;
  return [x, x].reduce((at) => at - 0.2 * a! * (at - b!), x);
};
const lossAt = (i: number, x: number) => STAR_ROWS[i]![0]! * (x - STAR_ROWS[i]![1]!) ** 2;

const onStar = (options: object, rounds: number) =>
  runOnQuadratics({
    rows: STAR_ROWS,
    algorithm: { ...algorithm, ...options },
    topology: { use: STAR },
    measure,
    stop: { after: `${rounds} rounds` },
  });

test('of three models that have arrived a node averages its own with the two of least loss', async () => {
  const run = await onStar({ sampled: 3, top: 2, selectionRounds: 100 }, 5);
  let x = STAR_ROWS.map((_, i) => steps(i, 0));
  for (let period = 1; period < 5; period++) {
    const sent = x;
    const best = [1, 2, 3].sort((i, j) => lossAt(0, sent[i]!) - lossAt(0, sent[j]!)).slice(0, 2);
    const [first, second, ...others] = sent;
    x = [
      steps(0, best.reduce((sum, j) => sum + sent[j]!, first!) / 3),
      steps(1, (second! + first!) / 2),
      ...others,
    ];
  }
  assertNear(
    lastParams(run),
    x.map((value) => [value]),
  );
});

test('what waits when the first phase ends is dropped; then each model that arrives is merged', async () => {
  const run = await onStar({ sampled: 2, top: 1, selectionRounds: 2 }, 3);
  let [x, y, ...others] = STAR_ROWS.map((_, i) => steps(i, 0)) as [number, number, number, number];
  // Models of nodes 1 and 2 are judged; that of node 3 waits.
  const [best] = [y, others[0]].sort((a, b) => lossAt(0, a) - lossAt(0, b));
  [x, y] = [steps(0, (x + best!) / 2), steps(1, (y + x) / 2)];
  const sent = x;
  for (const model of [y, ...others]) x = steps(0, (x + model) / 2);
  y = steps(1, (y + sent) / 2);
  assertNear(
    lastParams(run),
    [x, y, ...others].map((value) => [value]),
  );
});

test('of equal losses the lowest sender is taken, a loss that is NaN is the largest, and the order of senders stays', () => {
  const judged = ['a', 'b', 'c', 'd'];
  assert.deepEqual(topOf(judged, [3, 1, 1, 0], 2), ['b', 'd']);
  assert.deepEqual(topOf(judged, [Number.NaN, 9, 8, Number.NaN], 3), ['a', 'b', 'c']);
  assert.deepEqual(topOf(judged, [1, 1, 1, 1], 1), ['a']);
});

test('nodes of two groups send within their group once they have found it', async () => {
  const rows = Array.from({ length: 8 }, (_, i) => [1, (i < 4 ? 10 : -10) + i]);
  const run = await runOnQuadratics({
    rows,
    algorithm: { ...algorithm, sampled: 4, top: 2, selectionRounds: 60 },
    topology: 'complete',
    stop: { after: '90 rounds' },
  });
  const group = (id: number) => (id < 4 ? 0 : 1);
  const sent = [...run.result.trafficRows()].filter(({ type }) => type === 'model');
  const across = (from: number, to: number) => {
    const messages = sent.filter(({ round }) => round >= from && round < to);
    assert.ok(messages.length > 0);
    return messages.filter((one) => group(one.from) !== group(one.to)).length / messages.length;
  };
  assert.ok(across(0, 60) > 0.4, `${across(0, 60)}`);
  assert.ok(across(60, 90) < 0.1, `${across(60, 90)}`);
  // Each node ends near the mean of its group.
  const ends = lastParams(run).map(([x]) => x!);
  for (const [i, x] of ends.entries()) assert.ok(Math.abs(x - (i < 4 ? 11.5 : -4.5)) < 3, `${i}: ${x}`);
});

test('more models to merge than to judge are refused', async () => {
  await assert.rejects(
    runOnQuadratics({ rows: ROWS, algorithm: { ...algorithm, sampled: 2, top: 3 }, topology: 'complete' }),
    /expected at most 2, .* got 3/,
  );
});

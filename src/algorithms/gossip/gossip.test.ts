import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertNear, runOnQuadratics } from '../../../test/support/quadratic-runs.js';
import { stepTimes } from '../../../test/support/step-times.js';
import { lastParams, testAlgorithm } from '../../testing/index.js';
import { gossip } from './gossip.js';

const network = { latency: { use: 'constant', value: '1ms' }, uplink: 'unlimited', downlink: 'unlimited' };

const ROWS = [
  [1, 4],
  [1, 8],
];

test('a model that arrives is merged at once by age, and the training that runs adds its change', async () => {
  // Node 0 steps at 2 ms: 2, age 1, which is at node 1 at 3 ms. That has 0 and age 0: it takes 2, age 1. At 2.5 ms node 1
  // has not ended; at 5 ms it adds its step from 0, which is 4: 6, age 2.
  const compute = await stepTimes(2, 5);
  const at = async (time: string, merge: string) => {
    const run = await runOnQuadratics({
      rows: ROWS,
      algorithm: { use: 'gossip', learningRate: 0.5, merge, period: '4ms' },
      topology: 'ring',
      compute,
      network,
      stop: { after: undefined, at: time },
    });
    return lastParams(run).map(([x]) => x!);
  };
  assert.deepEqual(await at('2500us', 'age'), [2, 0]);
  assert.deepEqual(await at('3500us', 'age'), [2, 2]);
  assert.deepEqual(await at('5500us', 'age'), [2, 6]);
  // 6 and age 2 are at node 0 at 6 ms, which has started from 2 at 4 ms: (2 + 2·6)/3, and its step of 1 at 6 ms before that.
  assertNear([await at('6500us', 'age')], [[(2 * 3 + 2 * 6) / 4, 6]]);
  // Averages: 1 at 3 ms, plus 4.
  assert.deepEqual(await at('5500us', 'average'), [2, 5]);
});

test('a node that is a hundred times as slow holds up nobody', async () => {
  const run = await runOnQuadratics({
    rows: Array.from({ length: 4 }, (_, i) => [1, i]),
    algorithm: { use: 'gossip', learningRate: 0.1 },
    topology: 'complete',
    compute: await stepTimes(100, 1, 1, 1),
    network,
    measure: { every: '100ms', probes: ['rounds'] },
    stop: { after: undefined, at: '1s' },
  });
  const counts = run.samples
    .filter(({ metric, node }) => metric === 'rounds' && node !== undefined)
    .slice(-4);
  assert.deepEqual(
    counts.map(({ value }) => value),
    [10, 1000, 1000, 1000],
  );
});

test('after a training a node sends to one random neighbour, 4·d + 4 bytes', async () => {
  const run = await runOnQuadratics({
    rows: Array.from({ length: 5 }, (_, i) => [1, i, i]),
    algorithm: { use: 'gossip' },
    topology: 'complete',
    network,
    stop: { after: '40 rounds' },
  });
  const { messages, bytes } = run.result.traffic;
  assert.equal(bytes.sent, messages.sent * (32 + 4 * 2 + 4));
  const rows = [...run.result.trafficRows()];
  for (let node = 0; node < 5; node++) {
    const own = rows.filter(({ from }) => from === node);
    assert.ok(own.length >= 40);
    assert.equal(new Set(own.map(({ to }) => to)).size, 4);
  }
});

test('it keeps the laws of algorithms', async () => {
  const { scenarios } = await testAlgorithm(gossip);
  assert.ok(scenarios.length > 0);
});

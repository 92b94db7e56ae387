import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertNear, runOnQuadratics } from '../../../test/support/quadratic-runs.js';
import { stepTimes } from '../../../test/support/step-times.js';
import { lastParams, paramsProbe, testAlgorithm } from '../../testing/index.js';
import { adPsgd } from './ad-psgd.js';

const network = { latency: { use: 'constant', value: '1ms' }, uplink: 'unlimited', downlink: 'unlimited' };

/** So small that float32 params stay as they are. */
const STILL = 1e-20;

test('two nodes: both have the average, the active one with its own step added', async () => {
  // Node 1 is so slow that its first training has not ended. Node 0 steps from 0 by 2; it asks with 0, both have 0, plus 2: 2.
  // It steps from 2 by 1; it asks with 2, both have 1, plus 1: 2. It steps from 2 by 1; it asks with 2, both have 1.5, plus 1: 2.5.
  const expected = [
    [2, 0],
    [2, 1],
    [2.5, 1.5],
  ];
  for (const [k, params] of expected.entries()) {
    const run = await runOnQuadratics({
      rows: [
        [1, 4],
        [1, 8],
      ],
      algorithm: { use: 'ad-psgd', learningRate: 0.5 },
      topology: 'ring',
      compute: await stepTimes(1e-6, 1e6),
      network,
      // A request and its answer take 2 ms; training takes next to nothing.
      stop: { after: undefined, at: `${2 * k + 3}ms` },
    });
    assertNear(
      lastParams(run),
      params.map((x) => [x]),
    );
  }
});

test('averages preserve the sum of all models, and bring them together, whatever the speeds', async () => {
  const run = await runOnQuadratics({
    rows: Array.from({ length: 6 }, () => [1, 0, 0]),
    model: { use: 'quadratic', initBound: 4, init: 'per-node' },
    algorithm: { use: 'ad-psgd', learningRate: STILL },
    topology: 'ring',
    compute: await stepTimes(7, 2, 1, 5, 3, 4),
    network,
    measure: { every: '100000 rounds', at: 'mixed', probes: [{ use: paramsProbe }] },
    stop: { after: '60 rounds' },
  });
  const all = run.samples.filter(({ metric }) => metric === 'x0');
  const at = (time: number) => all.filter((sample) => sample.time === time).map(({ value }) => value);
  const [first, last] = [at(0), at(Math.max(...all.map(({ time }) => time)))];
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value / 6, 0);
  const spread = (values: readonly number[]) => Math.max(...values) - Math.min(...values);
  assert.ok(spread(first) > 1);
  // At most one pair per active node is in the middle of an average.
  assert.ok(Math.abs(mean(first) - mean(last)) < 1e-3, `${mean(first)} and ${mean(last)}`);
  assert.ok(spread(last) < 1e-2 * spread(first), `${last}`);
});

test('with a period both colours begin their trainings at least so long one after the other', async () => {
  const run = async (period: string) => {
    const { result } = await runOnQuadratics({
      rows: [
        [1, 4],
        [1, 8],
      ],
      algorithm: { use: 'ad-psgd', learningRate: 0.5, period },
      topology: 'ring',
      compute: await stepTimes(1e-6, 1e-6),
      network,
      stop: { after: '4 rounds' },
    });
    return result.time;
  };
  // Three periods, and the answer to the request of the fourth training.
  assert.ok(Math.abs((await run('10ms')) - 32e6) < 1e3, `${await run('10ms')}`);
  assert.ok(Math.abs((await run('0s')) - 8e6) < 1e3, `${await run('0s')}`);
});

test('a slow node holds up nobody but who asks it: others go on with their trainings', async () => {
  const rounds = async (slow: number) => {
    const run = await runOnQuadratics({
      rows: Array.from({ length: 6 }, (_, i) => [1, i]),
      algorithm: { use: 'ad-psgd', learningRate: 0.1 },
      topology: 'ring',
      compute: await stepTimes(4, 4, slow, 4, 4, 4),
      network,
      measure: { every: '1s', probes: ['rounds'] },
      stop: { after: undefined, at: '1s' },
    });
    const counts = run.samples.filter(
      ({ metric, node, time }) => metric === 'rounds' && node !== undefined && time > 0,
    );
    return counts.slice(-6).map(({ value }) => value);
  };
  const [even, uneven] = [await rounds(4), await rounds(400)];
  assert.ok(uneven[2]! < even[2]! / 20, `${uneven}`);
  for (const i of [0, 1, 3, 4, 5])
    assert.ok(uneven[i]! >= 0.95 * even[i]!, `node ${i}: ${uneven[i]} and ${even[i]}`);
});

test('what a passive node has merged while it trained stays, and its staleness is counted', async () => {
  // Node 1 trains until 5 ms: from 0 by 4. Meanwhile it has merged 0, 2 and 2 of node 0, and has (0, 1, 1.5); then 1.5 + 4.
  const run = await runOnQuadratics({
    rows: [
      [1, 4],
      [1, 8],
    ],
    algorithm: { use: 'ad-psgd', learningRate: 0.5 },
    topology: 'ring',
    compute: await stepTimes(1e-6, 5.5),
    network,
    measure: { every: '100000 rounds', at: 'mixed', probes: [{ use: paramsProbe }, 'series'] },
    stop: { after: undefined, at: '6ms' },
  });
  const last = (metric: string) =>
    run.samples.filter((sample) => sample.metric === metric && sample.node === 1).at(-1)!.value;
  assert.equal(last('x0'), 5.5);
  assert.equal(last('staleness'), 3);
});

test('an answer that is late is ignored, and the node goes on with its own params', async () => {
  const run = await runOnQuadratics({
    rows: [
      [1, 4],
      [1, 8],
    ],
    algorithm: { use: 'ad-psgd', learningRate: 0.5, deadline: '1500us' },
    topology: 'ring',
    compute: await stepTimes(1e-6, 1e6),
    network,
    stop: { after: undefined, at: '4ms' },
  });
  assert.ok(run.result.traffic.messages.ignored > 0);
  // 0 → 2 → 3 by itself.
  assert.equal(lastParams(run)[0]![0], 3);
});

test('in a triangle one link joins two nodes of one colour: it is not used', async () => {
  const run = await runOnQuadratics({
    rows: [
      [1, 0],
      [1, 3],
      [1, 6],
    ],
    algorithm: { use: 'ad-psgd' },
    topology: 'complete',
    network,
    stop: { after: '20 rounds' },
  });
  const used = new Set(
    [...run.result.trafficRows()].map(({ from, to }) => [Math.min(from, to), Math.max(from, to)].join('-')),
  );
  assert.deepEqual(used, new Set(['0-1', '0-2']));
  // Requests and averages: 4·d and a number.
  const { messages, bytes } = run.result.traffic;
  assert.equal(bytes.sent, messages.sent * (32 + 4 * 1 + 4));
});

test('it keeps the laws of algorithms', async () => {
  const { scenarios } = await testAlgorithm(adPsgd);
  assert.ok(scenarios.length > 0);
});

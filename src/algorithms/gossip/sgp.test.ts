import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { assertNear, runOnQuadratics } from '../../../test/support/quadratic-runs.js';
import { lastParams, paramsProbe, testAlgorithm } from '../../testing/index.js';
import { directedGraph, type Edge } from '../../topology/edges.js';
import { sgp } from './sgp.js';

/** (a, b_1, b_2) of five nodes. */
const ROWS = [
  [1, 4, 0],
  [0.5, -2, 1],
  [2, 1, -3],
  [1.5, 0, 2],
  [0.7, -1, -1],
];
const N = ROWS.length;

/** Who receives from whom: 0 sends to three nodes, the others to one or two. Strongly connected. */
const SENDS: readonly number[][] = [[1, 2, 3], [2], [3, 4], [4], [0]];
const edges = SENDS.flatMap((list, from) => list.map((to): Edge => [from, to]));

/** The recursion of the header in float64: z after the rounds, and the push-sum weights. */
function reference(rate: number, rounds: number, steps: number) {
  const share = SENDS.map((list) => 1 / (1 + list.length));
  let u = ROWS.map(() => [0, 0]);
  let mu = ROWS.map(() => 1);
  for (let round = 0; round < rounds; round++) {
    u = u.map((own, i) => {
      let z = own.map((value) => value / mu[i]!);
      const start = z;
      for (let step = 0; step < steps; step++)
        z = z.map((value, k) => value - rate * ROWS[i]![0]! * (value - ROWS[i]![k + 1]!));
      return own.map((value, k) => value + z[k]! - start[k]!);
    });
    const into = (i: number) => [...SENDS.keys()].filter((j) => j === i || SENDS[j]!.includes(i));
    const mixed = (values: readonly number[]) =>
      ROWS.map((_, i) => into(i).reduce((sum, j) => sum + share[j]! * values[j]!, 0));
    const columns = [0, 1].map((k) => mixed(u.map((own) => own[k]!)));
    u = ROWS.map((_, i) => columns.map((column) => column[i]!));
    mu = mixed(mu);
  }
  return { z: u.map((own, i) => own.map((value) => value / mu[i]!)), mu };
}

const topology = {
  use: {
    id: 'given',
    description: 'given links',
    options: z.strictObject({}),
    build: () => directedGraph(N, edges),
  },
};

for (const steps of [1, 3]) {
  test(`models and weights are those of the recursion on a directed topology: ${steps} local steps`, async () => {
    const algorithm = { use: 'sgp', learningRate: 0.1, localSteps: steps };
    const run = await runOnQuadratics({
      rows: ROWS,
      algorithm,
      topology,
      measure: { at: 'mixed', probes: [{ use: paramsProbe }, 'series'] },
      stop: { after: '7 rounds' },
    });
    const { z, mu } = reference(0.1, 7, steps);
    assertNear(lastParams(run), z);
    const weights = run.samples.filter(
      ({ metric, round, node }) => metric === 'push-sum-weight' && round === 7 && node !== undefined,
    );
    assert.equal(weights.length, N);
    for (const { node, value } of weights)
      assert.ok(Math.abs(value - mu[node!]!) < 1e-12, `node ${node}: ${value}`);
    assert.ok(Math.abs(weights.reduce((sum, { value }) => sum + value, 0) - N) < 1e-12);
    assert.ok(mu.some((weight) => Math.abs(weight - 1) > 0.1));
  });
}

test('with a small step all nodes come near the optimum of the sum, which plain averaging on that topology misses', async () => {
  const total = ROWS.reduce((sum, [a]) => sum + a!, 0);
  const optimum = [1, 2].map((k) => ROWS.reduce((sum, row) => sum + row[0]! * row[k]!, 0) / total);
  const far = async (algorithm: { use: string; mixing?: string }) => {
    const run = await runOnQuadratics({
      rows: ROWS,
      algorithm: { learningRate: 0.01, ...algorithm },
      topology,
      stop: { after: '800 rounds' },
    });
    return Math.max(...lastParams(run).flatMap((x) => x.map((value, k) => Math.abs(value - optimum[k]!))));
  };
  const pushed = await far({ use: 'sgp' });
  const averaged = await far({ use: 'd-psgd', mixing: 'uniform' });
  assert.ok(pushed < 0.1, `${pushed}`);
  assert.ok(averaged > 3 * pushed, `${averaged} and ${pushed}`);
});

test('with doubly stochastic weights it is D-PSGD, and its weights stay 1', async () => {
  const settings = { rows: ROWS, topology: 'ring', stop: { after: '6 rounds' } };
  const mixing = 'metropolis-hastings';
  const sgp = await runOnQuadratics({ ...settings, algorithm: { use: 'sgp', learningRate: 0.1, mixing } });
  const dPsgd = await runOnQuadratics({
    ...settings,
    algorithm: { use: 'd-psgd', learningRate: 0.1, mixing },
  });
  assertNear(lastParams(sgp), lastParams(dPsgd), 1e-6);
});

test('a network that loses messages for good is refused; with reliable messages nothing is lost', async () => {
  const network = {
    drop: '30%',
    latency: { use: 'constant', value: '1ms' },
    uplink: '1Mbps',
    downlink: '1Mbps',
  };
  const lossy = (more: object) =>
    runOnQuadratics({
      rows: ROWS,
      algorithm: { use: 'sgp', learningRate: 0.1, ...more },
      topology,
      network,
      stop: { after: '7 rounds' },
    });
  await assert.rejects(lossy({}), { code: 'lost-mass', message: /reliable: true/ });
  const run = await lossy({ reliable: true });
  assert.ok(run.result.traffic.messages.retried > 5);
  assertNear(lastParams(run), reference(0.1, 7, 1).z);
});

test('a message has 4·d + 8 bytes', async () => {
  const run = await runOnQuadratics({
    rows: ROWS,
    algorithm: { use: 'sgp' },
    topology,
    stop: { after: '2 rounds' },
  });
  assert.equal(run.result.traffic.bytes.sent, 2 * edges.length * (32 + 4 * 2 + 8));
});

test('it keeps the laws of algorithms', async () => {
  const { scenarios } = await testAlgorithm(sgp);
  assert.ok(scenarios.length > 0);
});

/** A probe measures a run and cannot change it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { algorithms } from '../src/algorithms/index.js';
import type { AnyAlgorithm, NodeContext } from '../src/learning/algorithm.js';
import type { AnyProbe, ProbeView } from '../src/metrics/probe.js';
import { Random, Streams } from '../src/random.js';
import { type PlanSketch, planOf } from '../src/testing/index.js';
import { paramsByRound, paramsProbe } from '../src/testing/params-probe.js';
import { runToEnd } from '../src/testing/run.js';

const BUILT_IN = ['accuracy', 'global-accuracy', 'loss', 'global-loss', 'consensus-distance', 'bytes'];

const sketch: PlanSketch = {
  nodes: 5,
  data: { use: 'blobs', features: 8, classes: 3, train: 100, test: 20, validation: '20%' },
  model: { use: 'mlp', hidden: [4] },
  algorithm: { use: 'd-psgd', localSteps: 2, batch: 4, deadline: '200ms' },
  network: { latency: { use: 'uniform', from: '1ms', to: '40ms' }, drop: '10%' },
  stop: { after: '5 rounds' },
};

const fingerprintsOf = async (measure: NonNullable<PlanSketch['measure']>, change: PlanSketch = {}) =>
  (await runToEnd(planOf({ ...sketch, ...change, measure }))).result.fingerprints;

/** Overwrites every number, deletes every key, and empties every list that it can reach. */
function destroy(value: unknown, seen = new Set<unknown>()): void {
  if (typeof value !== 'object' || value === null || seen.has(value)) return;
  seen.add(value);
  if (ArrayBuffer.isView(value)) {
    (value as Float32Array).fill(13);
    return;
  }
  for (const key of Object.keys(value)) destroy((value as Record<string, unknown>)[key], seen);
  if (Array.isArray(value)) value.length = 0;
  else for (const key of Object.keys(value)) delete (value as Record<string, unknown>)[key];
}

test('a probe that destroys its arguments, before and after evaluations, changes nothing', async () => {
  const vandal: AnyProbe = {
    id: 'vandal',
    description: 'breaks what it sees',
    options: z.strictObject({}),
    requests(view: ProbeView) {
      destroy(view);
      return [];
    },
    measure(view, evaluations) {
      destroy(view);
      destroy(evaluations);
      return [];
    },
  };
  const quiet = await fingerprintsOf({ probes: [] });
  assert.deepEqual(await fingerprintsOf({ probes: [{ use: vandal }] }), quiet);
  assert.deepEqual(await fingerprintsOf({ probes: [{ use: vandal }], every: '7ms' }), quiet);
});

test('a probe that draws from a stream of its own changes nothing', async () => {
  const gambler: AnyProbe = {
    id: 'gambler',
    description: 'draws',
    options: z.strictObject({}),
    measure: ({ round }) => [{ metric: 'luck', value: new Random(`node 0/batches${round}`).uniform() }],
  };
  assert.deepEqual(
    await fingerprintsOf({ probes: [{ use: gambler }] }),
    await fingerprintsOf({ probes: [] }),
  );
});

/** What a probe could do if it got access to a node. */
const intrusions: ReadonlyArray<readonly [string, (node: NodeContext) => void, RegExp]> = [
  ['sends', (node) => node.send(1, 'model', { values: node.initialParams }), /silent event/],
  ['sets a timer', (node) => node.timer('rounds/deadline', 5), /silent event/],
  ['connects', (node) => node.connect(2), /silent event/],
];

for (const [what, intrude, message] of intrusions) {
  test(`a probe that ${what} through a stolen node ends the run with an error`, async () => {
    const nodes: NodeContext[] = [];
    const dPsgd: AnyAlgorithm = algorithms.find(({ id }) => id === 'd-psgd')!;
    const leaky: AnyAlgorithm = {
      ...dPsgd,
      init(node) {
        nodes[node.id] = node;
        return dPsgd.init(node);
      },
    };
    const intruder: AnyProbe = {
      id: 'intruder',
      description: what,
      options: z.strictObject({}),
      measure({ round }) {
        if (round === 2) intrude(nodes[0]!);
        return [];
      },
    };
    const plan = planOf({
      ...sketch,
      algorithm: { use: leaky, deadline: '200ms' },
      measure: { probes: [{ use: intruder }] },
    });
    await assert.rejects(runToEnd(plan), message);
  });
}

test('two probes that write the same metric end the run at its first measurement, and both are named', async () => {
  const other: AnyProbe = {
    id: 'other',
    description: 'writes what loss writes',
    options: z.strictObject({}),
    measure: () => [{ metric: 'loss-mean', value: 1 }],
  };
  const plan = planOf({ ...sketch, measure: { probes: ['loss', { use: other }] } });
  await assert.rejects(runToEnd(plan), {
    name: 'UsageError',
    path: 'measure.probes.1',
    message: /got "loss-mean" for the whole run twice: probes "loss" and "other" write it/,
  });
});

test('the distance to the true representation falls in a run on data that know it, and is refused for other data', async () => {
  const measure = { probes: ['representation-distance'] };
  const linear: PlanSketch = {
    nodes: 4,
    data: {
      ...{ use: 'linear-representation', dimension: 6, samples: 400, test: 10, noise: 0.1 },
      split: 'by-node',
    },
    model: 'linear-representation',
    algorithm: {
      ...{ use: 'deprl', headSteps: 5, bodySteps: 1, batch: 4 },
      ...{ headLearningRate: 0.1, learningRate: 0.1 },
    },
    stop: { after: '60 rounds' },
    measure,
  };
  const { samples } = await runToEnd(planOf(linear));
  const values = samples.map(({ value }) => value);
  assert.equal(values.length, 61);
  assert.ok(values.every((value) => value >= 0 && value <= 1));
  assert.ok(values.at(-1)! < values[0]! / 4, `${values[0]} → ${values.at(-1)}`);
  await assert.rejects(runToEnd(planOf({ ...sketch, measure })), { name: 'UsageError', code: 'no-truth' });
});

test('how often a run is measured, and by which probes, changes no fingerprint', async () => {
  const quiet = await fingerprintsOf({ every: '1000000 rounds', probes: [] });
  for (const every of ['1 round', '3 rounds', '5ms', '1s']) {
    assert.deepEqual(await fingerprintsOf({ every, probes: BUILT_IN }), quiet, every);
  }
});

test('consensus distance and bytes of a run are those computed from params and traffic', async () => {
  const run = await runToEnd(
    planOf({
      ...sketch,
      network: {},
      model: { use: 'mlp', hidden: [4], init: 'per-node' },
      measure: { probes: ['consensus-distance', 'bytes', 'rounds', { use: paramsProbe }] },
    }),
  );
  const value = (metric: string, round: number) =>
    run.samples.find((sample) => sample.metric === metric && sample.round === round)!.value;
  for (const [round, nodes] of paramsByRound(run)) {
    const mean = nodes[0]!.map((_, k) => nodes.reduce((sum, x) => sum + x[k]!, 0) / nodes.length);
    const squares = nodes.flatMap((x) => x.map((one, k) => (one - mean[k]!) ** 2));
    const distance = Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / nodes.length);
    assert.ok(Math.abs(value('consensus-distance', round) - distance) < 1e-9);
  }
  assert.equal([...paramsByRound(run).keys()].length, 6);
  const params = 8 * 4 + 4 + 4 * 3 + 3;
  // A ring of five: ten links.
  assert.equal(value('sent-bytes', 5), 5 * 10 * (32 + 4 * params));
  assert.equal(value('values-bytes', 5), 5 * 10 * 4 * params);
  assert.equal(value('sent-bytes', 0), 0);
  assert.equal(value('rounds-least', 5), 5);
});

test('a node that computes all the time is fully utilised, and a node that sends nothing has idle links', async () => {
  const measure = { probes: ['utilisation', 'bytes'] };
  const { result } = await runToEnd(planOf({ algorithm: { use: 'local-only' }, measure }));
  assert.equal(result.final['compute-utilisation'], 1);
  assert.equal(result.final['uplink-utilisation'], 0);
  assert.equal(result.final['sent-bytes'], 0);
});

test('the loss of quadratics is that computed from the params', async () => {
  const plan = planOf({
    data: { use: 'quadratic', dimension: 3, split: 'by-node' },
    model: { use: 'quadratic', initBound: 1 },
    algorithm: { use: 'd-psgd', localSteps: 1, batch: 1 },
    measure: { at: 'mixed', probes: ['loss', 'global-loss', { use: paramsProbe }] },
  });
  const random = new Streams(plan.seed).stream('data/source');
  const { features } = await plan.data.source.entry.load(plan.data.source.options, {
    random,
    nodes: 4,
    directory: '.',
  });
  const lossOf = (x: readonly number[], row: number) => {
    const [a, ...b] = features.subarray(4 * row, 4 * row + 4);
    return (a! / 2) * b.reduce((sum, target, k) => sum + (x[k]! - target) ** 2, 0);
  };
  const run = await runToEnd(plan);
  for (const [round, nodes] of paramsByRound(run)) {
    for (const [node, x] of nodes.entries()) {
      const value = (metric: string) =>
        run.samples.find(
          (sample) => sample.metric === metric && sample.round === round && sample.node === node,
        )!.value;
      const expected = [0, 1, 2, 3].map((row) => lossOf(x, row));
      assert.ok(Math.abs(value('loss') / expected[node]! - 1) < 1e-5);
      assert.ok(Math.abs((4 * value('global-loss')) / expected.reduce((a, b) => a + b) - 1) < 1e-5);
    }
  }
});

test('the price of a target is reported when it is met, and left out when it is not', async () => {
  const measure = { probes: ['accuracy', 'bytes'] };
  const met = await runToEnd(planOf({ measure: { ...measure, target: '1%' } }));
  assert.deepEqual(met.result.target, { accuracy: 0.01, bytes: 0, time: 0, round: 0 });
  const missed = await runToEnd(
    planOf({ measure: { ...measure, target: '100%' }, stop: { after: '1 round' } }),
  );
  assert.equal(missed.result.target, undefined);
});

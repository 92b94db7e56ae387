/** Runs in which nothing is learned: the traffic of the real run, without its vectors. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { algorithms } from '../src/algorithms/index.js';
import { UsageError } from '../src/errors.js';
import type { AnyAlgorithm } from '../src/learning/algorithm.js';
import { Simulation } from '../src/simulation/simulation.js';
import { planOf, testAlgorithm } from '../src/testing/index.js';
import { runToEnd } from '../src/testing/run.js';
import { mycel } from './support/cli.js';
import { scenarioText } from './support/scenario-base.js';
import { workIn } from './support/work-in.js';

workIn('mycel-timing-');

/** Everything that makes times uneven: loss, nodes that go down, devices and shards of their own. */
const uneven = {
  nodes: 5,
  data: {
    use: 'blobs',
    publicRows: 40,
    features: 9,
    classes: 3,
    train: 203,
    test: 30,
    split: { use: 'dirichlet', alpha: 1 },
  },
  model: { use: 'mlp', hidden: [6, 4] },
  topology: 'ring',
  compute: { use: 'log-normal', median: '2MFLOPS', sigma: 0.7 },
  network: {
    latency: { use: 'log-normal', median: '20ms', sigma: 0.8 },
    uplink: '200kbps',
    downlink: '500kbps',
    drop: '10%',
  },
  faults: [{ use: 'random-node-down', up: '400ms', down: '60ms' }],
  measure: { every: '1 round', probes: ['accuracy', 'bytes', 'rounds', 'utilisation', 'work'] },
  stop: { after: '6 rounds', at: '1h' },
};

/** Methods that refuse to lose messages for good: they run without faults, and send again what is dropped. */
const LOSSLESS = ['choco-sgd', 'sgp', 'dfedpgp'];

function planFor(use: AnyAlgorithm | string, timingOnly: boolean, more: Record<string, unknown> = {}) {
  const isServed = typeof use !== 'string' && use.roles !== undefined;
  const isPatient = typeof use === 'string' || use.options.safeParse({ deadline: '300ms' }).success;
  const { topology, ...rest } = uneven;
  const id = typeof use === 'string' ? use : use.id;
  return planOf({
    ...rest,
    ...(LOSSLESS.includes(id) && { faults: [] }),
    ...(!isServed && { topology }),
    ...(timingOnly && { timingOnly }),
    algorithm: {
      use,
      ...(isPatient && { deadline: '300ms' }),
      ...(LOSSLESS.includes(id) && { reliable: true }),
      ...more,
    },
  } as never);
}

/** The entry itself, by which `planFor` tells whether it has a server and a deadline. */
const entryOf = (id: string) => algorithms.find((entry) => entry.id === id)!;

for (const algorithm of algorithms.filter(({ contentFree }) => contentFree)) {
  test(`${algorithm.id}: the traffic of a run in which nothing is learned is that of the real run`, async () => {
    const real = await runToEnd(planFor(algorithm, false));
    const timing = await runToEnd(planFor(algorithm, true));
    assert.deepEqual([...timing.result.trafficRows()], [...real.result.trafficRows()]);
    assert.ok(algorithm.id === 'local-only' || real.result.traffic.messages.sent > 9);
    for (const key of ['time', 'rounds', 'work', 'traffic'] as const)
      assert.deepEqual(timing.result[key], real.result[key], key);
    // All that needs no model is measured, at the same times.
    const counted = real.samples.filter(({ metric }) => !metric.startsWith('accuracy'));
    assert.deepEqual(timing.samples, counted);
    assert.ok(counted.length < real.samples.length);
    assert.equal(timing.result.fingerprints.params, 'none');
  });
}

test('models are exchanged by quantised and sparse codecs of a fixed size, too', async () => {
  for (const codec of ['float16', { use: 'top-k', fraction: '20%' }]) {
    const real = await runToEnd(planFor('d-psgd', false, { codec }));
    const timing = await runToEnd(planFor('d-psgd', true, { codec }));
    assert.deepEqual([...timing.result.trafficRows()], [...real.result.trafficRows()]);
  }
});

test('each algorithm is run without learning, or says why it cannot be', () => {
  for (const { id, contentFree, contentBound } of algorithms)
    assert.equal(contentFree === true, contentBound === undefined, id);
});

test('structured pruning is timed where its groups are of one size, and refused where the choice decides the bytes', async () => {
  // 9 inputs: halves of 5 and of 4.
  const uneven = runToEnd(planFor(entryOf('federated-pruning'), true, { pattern: 'half-columns' }));
  await assert.rejects(uneven, {
    code: 'timing-only',
    message: /got grouped-values\(.* for the messages "global"/,
  });
  for (const pattern of ['columns', 'rows']) {
    const more = { pattern, rampRounds: 3, sparsity: 0.6 };
    const real = await runToEnd(planFor(entryOf('federated-pruning'), false, more));
    const timing = await runToEnd(planFor(entryOf('federated-pruning'), true, more));
    assert.deepEqual([...timing.result.trafficRows()], [...real.result.trafficRows()]);
  }
});

test('personal sparse models are timed with densities and senders of their own', async () => {
  for (const more of [{ density: [0.2, 0.7] }, { neighbors: 2, dropShare: 0.3, annealRounds: 4 }]) {
    const real = await runToEnd(planFor('dis-pfl', false, more));
    const timing = await runToEnd(planFor('dis-pfl', true, more));
    assert.deepEqual([...timing.result.trafficRows()], [...real.result.trafficRows()]);
  }
});

test('what depends on what is learned is refused with its reason', async () => {
  const refused = async (use: string, more: Record<string, unknown> = {}) => {
    const error: unknown = await runToEnd(planFor(entryOf(use), true, more)).catch(
      (thrown: unknown) => thrown,
    );
    assert.ok(error instanceof UsageError, String(error));
    assert.equal(error.code, 'timing-only');
    return error;
  };
  const reasons = {
    l2c: 'keeps the neighbours with the largest mixing weights',
    pens: 'sends to the nodes whose models have had the least loss',
    dpfl: 'chooses by its validation loss',
    'multi-center': 'serves the clients center by center',
  };
  for (const [use, reason] of Object.entries(reasons)) {
    const error = await refused(use);
    assert.match(
      error.message,
      new RegExp(`^expected an algorithm .*, got "${use}", which ${reason}.*: leave`),
    );
    assert.equal(error.path, 'algorithm');
  }
  const sized = await refused('mce-pl', { codec: 'entropy-mask' });
  assert.match(sized.message, /^expected codecs whose sizes .* got entropy-mask.* for the messages "mask"/);
  assert.equal(sized.path, 'algorithm.codec');
});

test('a task without an outline is refused by its name', async () => {
  const localOnly = algorithms.find(({ id }) => id === 'local-only')!;
  const task = { id: 'mine', module: import.meta.url, export: 'mine' } as never;
  const use = { ...localOnly, tasks: () => [task] };
  await assert.rejects(runToEnd(planFor(use, true)), { code: 'timing-only', message: /, got "mine": / });
});

test('an algorithm that says so and whose messages depend on what it learns is found by testAlgorithm', async () => {
  const dPsgd = algorithms.find(({ id }) => id === 'd-psgd')!;
  await testAlgorithm(dPsgd);
  const secretive: AnyAlgorithm = {
    ...dPsgd,
    on: {
      ...dPsgd.on,
      computed(node, state, result) {
        const { params } = result.output as { params: Float32Array };
        dPsgd.on.computed!(node, state, result);
        if (params[0] !== 0) node.send(node.neighbors.out[0]!, 'model', { values: params });
      },
    },
  };
  await assert.rejects(testAlgorithm(secretive), /contentFree/);
});

test('a saved run goes on as if it had not been saved', async () => {
  const plan = planFor('d-psgd', true);
  const whole = await runToEnd(plan);
  const simulation = await Simulation.create(plan, { backend: 'cpu', workers: 0 });
  await simulation.step(90);
  const state = structuredClone(simulation.save());
  await simulation.close();
  const { result } = await runToEnd(plan, undefined, state);
  assert.deepEqual([...result.trafficRows()], [...whole.result.trafficRows()]);
  assert.deepEqual(result.fingerprints, whole.result.fingerprints);
});

test('on the command line: the same traffic.csv, a note of what is not measured, and no mixing of results', async () => {
  writeFileSync('a.yaml', scenarioText({ measure: 'measure: { probes: [accuracy, bytes] }' }));
  const run = (...args: string[]) => mycel('run', 'a.yaml', '--no-tables', ...args);
  assert.equal((await run('--out', 'real')).code, 0);
  const { code, out } = await run('--out', 'timing', '--timing-only');
  assert.equal(code, 0);
  assert.match(out, /^timing only: nothing was learned, so these probes measure nothing: accuracy$/m);
  assert.ok(!existsSync('timing/a/1/artifacts.json'));
  const traffic = (folder: string) => readFileSync(`${folder}/a/1/traffic.csv`, 'utf8');
  assert.equal(traffic('timing'), traffic('real'));
  const summary = JSON.parse(readFileSync('timing/a/1/summary.json', 'utf8'));
  assert.equal(summary.scenario.timingOnly, true);
  assert.deepEqual(summary.computed, { by: 'nothing' });
  const mixed = await run('--out', 'real', '--timing-only');
  assert.equal(mixed.code, 2);
  assert.match(mixed.err, /timingOnly was missing and is true/);
});

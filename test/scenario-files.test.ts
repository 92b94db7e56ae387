import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadScenario, readScenario } from '../src/scenario/load.js';
import { planScenario } from '../src/scenario/plan.js';
import { scenarioSchema } from '../src/scenario/schema.js';
import { scenarioText } from './support/scenario-base.js';

/** The scenarios that come with Mycel, without their files of data; tests run from the root of the repository. */
const files = readdirSync('scenarios', { recursive: true })
  .map((name) => join('scenarios', String(name)))
  .filter((name) => name.endsWith('.yaml'))
  .sort();

test('every scenario that comes with Mycel is valid', async () => {
  assert.ok(files.length >= 5);
  for (const file of files) assert.ok(planScenario(await loadScenario(file)).length > 0, file);
});

test('a resolved scenario gives the same plan, and is its own resolved form', async () => {
  for (const file of files) {
    for (const { plan } of (await loadScenario(file)).variants) {
      const again = (await readScenario(JSON.stringify(plan.resolved), file)).variants[0]!.plan;
      assert.deepEqual(again.resolved, plan.resolved);
      const plain = (value: typeof plan) => JSON.stringify({ ...value, resolved: undefined });
      assert.equal(plain(again), plain(plan));
    }
  }
});

test('the sections are resolved with every default, and quantities as they are written', async () => {
  const data =
    'data: { use: blobs, features: 8, classes: 2, train: 80, test: 20, separation: 5, noise: 40, split: iid }';
  const { variants } = await readScenario(scenarioText({ data }), 'a.yaml');
  assert.deepEqual(variants[0]!.plan.resolved, {
    title: 'a',
    seed: 1,
    nodes: 4,
    data: {
      use: 'blobs',
      features: 8,
      classes: 2,
      train: 80,
      test: 20,
      separation: 5,
      noise: 40,
      validation: '0%',
      split: { use: 'iid' },
    },
    model: { use: 'softmax', init: 'common' },
    topology: { use: 'ring', allowDisconnected: false },
    network: {
      latency: { use: 'constant', value: '10ms' },
      uplink: '1Mbps',
      downlink: '1Mbps',
      sharing: { use: 'fair' },
      drop: '0%',
      retry: { timeout: '1s', tries: 'unlimited' },
      overrides: [],
    },
    compute: { use: 'constant', speed: '10GFLOPS' },
    algorithm: {
      use: 'd-psgd',
      localSteps: 1,
      batch: 8,
      optimizer: { use: 'sgd', momentum: 0, weightDecay: 0 },
      learningRate: 0.05,
      decay: 1,
      restartOptimizer: false,
      reliable: false,
      finalLocalEpochs: 0,
      order: 'adapt-then-combine',
      mixing: { use: 'metropolis-hastings' },
      codec: { use: 'float32' },
      errorFeedback: false,
    },
    faults: [],
    measure: {
      every: '1 round',
      at: ['adapted', 'mixed'],
      probes: [{ use: 'accuracy' }, { use: 'consensus-distance' }],
    },
    stop: { after: '3 rounds', at: '100d', diverged: 'stop' },
    backend: 'auto',
  });
});

test('units become numbers in the plan', async () => {
  const text = scenarioText({
    measure: 'measure: { every: 250ms, target: 85% }',
    stop: 'stop: { at: 2h }',
    backend: 'backend: cpu',
  });
  const [run] = planScenario(await readScenario(text, 'a.yaml'));
  assert.deepEqual(run!.measure.every, { time: 250_000_000 });
  assert.equal(run!.measure.target, 0.85);
  assert.deepEqual(run!.stop, { after: undefined, at: 7_200_000_000_000, diverged: 'stop' });
  assert.equal(run!.network.uplink, 1_000_000);
  assert.equal(run!.backend, 'cpu');
});

test('JSON is read like YAML', async () => {
  const { variants } = await readScenario(scenarioText(), 'a.yaml');
  const { variants: fromJson } = await readScenario(
    JSON.stringify(variants[0]!.plan.resolved, null, 2),
    'a.json',
  );
  assert.deepEqual(fromJson[0]!.plan.resolved, variants[0]!.plan.resolved);
});

test('a scenario is planned once for every variant and seed, variants first', async () => {
  const text = scenarioText({ seed: '', compare: 'compare: { topology: [ring, complete] }' });
  const runs = planScenario(await readScenario(text, 'a.yaml', { seeds: [3, 4] }));
  assert.deepEqual(
    runs.map(({ variant, seed, resolved, topology }) => [
      variant.name,
      seed,
      (resolved as { seed: number }).seed,
      topology?.entry.id,
    ]),
    [
      ['ring', 3, 3, 'ring'],
      ['ring', 4, 4, 'ring'],
      ['complete', 3, 3, 'complete'],
      ['complete', 4, 4, 'complete'],
    ],
  );
});

test('an override can change any path, and an empty one removes a key', async () => {
  const text = scenarioText({ faults: 'faults: [{ use: node-down, node: 1, at: 1s, for: 2s }]' });
  const set = [
    'network.drop=1%',
    'faults.0.at=5s',
    'faults.0.for=',
    'measure.probes=[loss]',
    'topology=complete',
  ];
  const [run] = planScenario(await readScenario(text, 'a.yaml', { set }));
  assert.equal(run!.network.drop, 0.01);
  assert.deepEqual(
    run!.faults.map(({ entry, options }) => [entry.id, options]),
    [['node-down', { node: 1, at: 5_000_000_000, task: 'pause' }]],
  );
  assert.deepEqual(
    run!.measure.probes.map(({ entry }) => entry.id),
    ['loss'],
  );
  assert.equal(run!.topology?.entry.id, 'complete');
});

test('an override by number creates a missing list, starting with its first item', async () => {
  const down = (node: number) => `{ use: node-down, node: ${node}, at: 1s }`;
  const load = (...set: string[]) => readScenario(scenarioText(), 'a.yaml', { set });
  const [run] = planScenario(
    await load(`faults.0=${down(2)}`, `faults.1=${down(3)}`, 'measure.probes.0=loss'),
  );
  assert.deepEqual(
    run!.faults.map(({ options }) => options.node),
    [2, 3],
  );
  assert.deepEqual(
    run!.measure.probes.map(({ entry }) => entry.id),
    ['loss'],
  );
  await assert.rejects(load(`faults.1=${down(2)}`), {
    message:
      /^--set faults\.1=.*: expected a map, or a list with this index, at faults, got nothing; override the whole of faults instead$/,
  });
});

test('a plan has the name of its file and the folder of the file', async () => {
  const [run] = planScenario(await loadScenario('scenarios/quickstart.yaml'));
  assert.equal(run!.file, 'scenarios/quickstart.yaml');
  assert.ok(existsSync(join(run!.data.directory, 'quickstart.yaml')));
});

test('the examples of the reference are valid, and it has every section', async () => {
  const reference = readFileSync('docs/scenarios.md', 'utf8');
  const [whole, model, compare] = [...reference.matchAll(/```yaml\n([^`]*)```/g)].map((match) => match[1]!);
  assert.equal((await readScenario(whole!, 'a.yaml')).variants.length, 3);
  const { variants } = await readScenario(scenarioText({ model: model!, compare: compare! }), 'a.yaml');
  assert.deepEqual(
    variants.map(({ name }) => name),
    ['float32', 'sparse'],
  );
  for (const key of Object.keys(scenarioSchema.shape)) {
    assert.match(reference, new RegExp(`^\\| (\`${key}\`|\\[\`${key}\`\\]\\(#${key}\\)) \\|`, 'm'), key);
  }
});

test('the overrides of the reference can be applied', async () => {
  const reference = readFileSync('docs/scenarios.md', 'utf8');
  const commands = [...reference.matchAll(/^mycel run (\S+) (.*)$/gm)];
  assert.ok(commands.length >= 3);
  for (const [, file, flags] of commands) {
    const set = [...flags!.matchAll(/--set (?:'([^']*)'|(\S+))/g)].map((match) => match[1] ?? match[2]!);
    assert.ok((await loadScenario(file!, { set })).variants.length > 0);
  }
});

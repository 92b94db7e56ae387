/** The section `sweep`: which runs it stands for, and its mistakes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UsageError } from '../errors.js';
import { type LoadOptions, readScenario } from './load.js';
import { planScenario } from './plan.js';

const base = `seed: 3
nodes: 4
data: { use: blobs, features: 8, classes: 2, train: 80, test: 20, split: { use: iid } }
model: { use: softmax }
topology: { use: ring }
network: { latency: { use: constant, value: 10ms }, uplink: 1Mbps, downlink: 1Mbps }
algorithm: { use: d-psgd, localSteps: 1, batch: 8, deadline: 1s }
stop: { after: 3 rounds }
`;

const read = (section: string, options: LoadOptions = { sweep: true }) =>
  readScenario(`${base}${section}`, 'a.yaml', options);
const namesOf = async (section: string) => (await read(section)).variants.map(({ name }) => name);

const GRID = `sweep:
  values:
    algorithm.localSteps: [1, 5]
    network.drop: [0%, 5%]
  seeds: 1..3
`;

test('all combinations are run, with all seeds; their names say path and value', async () => {
  const scenario = await read(GRID);
  assert.deepEqual(
    scenario.variants.map(({ name, plan }) => [name, plan.algorithm.options.localSteps, plan.network.drop]),
    [
      ['local-steps-1-drop-0pct', 1, 0],
      ['local-steps-1-drop-5pct', 1, 0.05],
      ['local-steps-5-drop-0pct', 5, 0],
      ['local-steps-5-drop-5pct', 5, 0.05],
    ],
  );
  assert.deepEqual(scenario.seeds, [1, 2, 3]);
  assert.equal(planScenario(scenario).length, 12);
  for (const { resolved } of planScenario(scenario)) assert.ok(!Object.hasOwn(resolved as object, 'sweep'));
});

test('seeds of the command line come first, and without a sweep the scenario is run as it stands', async () => {
  assert.deepEqual((await read(GRID, { sweep: true, seeds: [9] })).seeds, [9]);
  const plain = await read(GRID, {});
  assert.deepEqual([plain.seeds, plain.variants.map(({ name }) => name)], [[3], [undefined]]);
});

test('combinations are left out where all values of a map hold, each one of a list', async () => {
  const except = (text: string) => namesOf(`${GRID}  except: ${text}\n`);
  assert.deepEqual(await except('[{ algorithm.localSteps: 5, network.drop: 5% }]'), [
    'local-steps-1-drop-0pct',
    'local-steps-1-drop-5pct',
    'local-steps-5-drop-0pct',
  ]);
  assert.deepEqual(await except('[{ algorithm.localSteps: [1, 5], network.drop: 5% }]'), [
    'local-steps-1-drop-0pct',
    'local-steps-5-drop-0pct',
  ]);
  // Also values that are the scenario's own.
  assert.deepEqual(await except('[{ algorithm.use: d-psgd, algorithm.localSteps: 1 }]'), [
    'local-steps-5-drop-0pct',
    'local-steps-5-drop-5pct',
  ]);
  await assert.rejects(except('[{ nodes: 4 }]'), /sweep\.except: expected some combinations to remain/);
});

test('a sweep multiplies what is compared, and one value of a path holds for all', async () => {
  const compare = 'compare: { topology: [ring, complete] }\n';
  assert.deepEqual(await namesOf(`${compare}sweep: { values: { nodes: [4, 6], network.drop: [1%] } }\n`), [
    'ring-nodes-4-drop-1pct',
    'ring-nodes-6-drop-1pct',
    'complete-nodes-4-drop-1pct',
    'complete-nodes-6-drop-1pct',
  ]);
});

test('mistakes have their places', async () => {
  const mistake = async (section: string, message: RegExp) =>
    assert.rejects(read(section), (error: unknown) => {
      assert.ok(error instanceof UsageError);
      assert.match(error.message, message);
      return true;
    });
  await mistake(
    'sweep: { values: { network.drop: 5% } }\n',
    /^a\.yaml:9:\d+ sweep\.values\.\S+: expected a list/,
  );
  await mistake('sweep: { value: {} }\n', /^a\.yaml:9:\d+ sweep\.value: .*values/);
  await mistake('sweep: { seeds: 5..1 }\n', /^a\.yaml:9:\d+ sweep\.seeds: expected a seed such as 1/);
  await mistake('sweep: { values: { algorithm.localSteps: [1, 0] } }\n', /^a\.yaml:9:\d+ .*at least 1/);
  await mistake('sweep: { values: { seed: [1, 2] } }\n', /^a\.yaml:9:\d+ .*expected a path outside of/);
  await mistake('sweep: 5\n', /^a\.yaml:9:\d+ sweep: expected/);
  // Without the sweep, too.
  await assert.rejects(read('sweep: 5\n', {}), /a\.yaml:9:\d+ sweep: expected/);
});

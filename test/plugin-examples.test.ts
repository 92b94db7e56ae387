/** The entries of scenarios/plugins keep the laws of their kinds, and the guide quotes them as they are. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { DataSource } from '../src/data/index.js';
import { UsageError } from '../src/errors.js';
import type { AnyAlgorithm } from '../src/learning/algorithm.js';
import type { AnyProbe } from '../src/metrics/index.js';
import type { ModelEntry } from '../src/models/model.js';
import type { AnyFault } from '../src/network/faults/index.js';
import type { AnyLatency } from '../src/network/latency/index.js';
import { arbitraryVector, planOf, testAlgorithm, testCodec, testSource } from '../src/testing/index.js';
import { runToEnd } from '../src/testing/run.js';
import type { CodecEntry } from '../src/wire/index.js';
import { latencyFrom, table } from './support/latency.js';
import { logOf } from './support/network.js';
import { projectRoot } from './tidy/source.js';

const folder = join(projectRoot(), 'scenarios', 'plugins');
const urlOf = (name: string) => pathToFileURL(join(folder, `${name}.js`)).href;

async function entry<E>(name: string): Promise<E> {
  return ((await import(urlOf(name))) as { default: E }).default;
}

test('gossip on arrival keeps the laws of algorithms, and a slow node holds up nobody', async () => {
  const use = await entry<AnyAlgorithm>('gossip-on-arrival');
  const { scenarios, encoded, refused } = await testAlgorithm(use);
  assert.deepEqual([scenarios.length, refused], [2, []]);
  assert.ok(encoded.model! > 20);
  // Node 0 takes fifty times as long as the others.
  const plan = planOf({
    algorithm: { use, localSteps: 1, batch: 8 },
    compute: {
      use: {
        id: 'one-slow',
        description: 'node 0 is slow',
        options: use.options,
        speeds: () => Float64Array.of(2e4, 1e6, 1e6, 1e6),
      },
    },
    measure: { every: '50ms', probes: ['rounds'] },
    stop: { after: undefined, at: '1s' },
  });
  const { samples } = await runToEnd(plan);
  const last = samples.filter(({ metric, time }) => metric === 'rounds' && time === 1e9);
  const [slow, ...others] = last.map(({ value }) => value);
  assert.equal(others.length, 3);
  assert.ok(
    others.every((rounds) => rounds > 20 * slow!),
    `${slow} and ${others} rounds`,
  );
});

test('a model that is older counts less', async () => {
  const { on } = await entry<AnyAlgorithm>('gossip-on-arrival');
  const mixed = (round: number) => {
    const state = { params: Float32Array.of(0) };
    const node = { round: 3, options: { weight: 0.5 } } as never;
    on.message!(node, state, {
      from: 1,
      type: 'model',
      round,
      body: { length: 1, values: Float32Array.of(1) },
    });
    return state.params[0];
  };
  assert.deepEqual([mixed(3), mixed(5), mixed(2), mixed(0)], [0.5, 0.5, 0.25, 0.125]);
});

test('the CSV source gives scaled features of all lines, and names a mistake with its line', async () => {
  const csv = await entry<DataSource>('csv');
  const options = { file: 'penguins.csv', label: 'species' };
  const { train, test, classes, features, labels } = await testSource(csv, { options, directory: folder });
  assert.deepEqual([train, test, classes], [256, 86, 3]);
  // Species in order of their names: Adelie, Chinstrap, Gentoo.
  assert.deepEqual(
    [0, 1, 2].map((k) => labels.filter((label) => label === k).length),
    [151, 68, 123],
  );
  for (let feature = 0; feature < 4; feature++) {
    const known = [...features.filter((_, place) => place % 4 === feature).subarray(0, train)];
    const mean = known.reduce((sum, value) => sum + value, 0) / train;
    const variance = known.reduce((sum, value) => sum + (value - mean) ** 2, 0) / train;
    assert.ok(Math.abs(mean) < 1e-6 && Math.abs(variance - 1) < 1e-5, `${mean}, ${variance}`);
  }
  const mistake = { options: { ...options, label: 'island' }, directory: folder };
  await assert.rejects(testSource(csv, mistake), (error) => {
    assert.ok(error instanceof UsageError);
    assert.match(error.message, /^expected a column "island", got species, beak_length_mm/);
    return true;
  });
});

test('the model of low rank has the params of its two kernels, and learns on all of them', async () => {
  const use = await entry<ModelEntry<{ rank: number }>>('low-rank');
  const spec = { use: 'low-rank', input: [28, 28, 1], classes: 10, options: { rank: 4 } };
  assert.equal(use.build(spec).length, 784 * 4 + 4 * 10 + 10);
  assert.throws(() => use.build({ ...spec, options: { rank: 10 } }), UsageError);
  const plan = planOf({
    model: { use, module: urlOf('low-rank'), rank: 2 },
    algorithm: { use: 'd-psgd', localSteps: 20, batch: 16, learningRate: 0.5 },
    measure: { probes: ['loss'] },
    stop: { after: '10 rounds' },
  });
  const { samples, result } = await runToEnd(plan);
  const first = samples.find(({ metric }) => metric === 'loss-mean')!.value;
  assert.ok(result.final['loss-mean']! < first / 2);
});

test('the probe of fairness gives Jain’s index and the worst nodes', async () => {
  const { measure } = await entry<AnyProbe>('fairness');
  const results = (accuracies: number[]) =>
    accuracies.map((accuracy, node) => ({ node, label: 'adapted', accuracy, rows: Uint32Array.of(0) }));
  const numbers = (accuracies: number[], worst: number) =>
    measure({} as never, results(accuracies) as never, { worst }).map(({ metric, value }) => [metric, value]);
  assert.deepEqual(numbers([0.5, 0.5], 0.1), [
    ['fairness-index', 1],
    ['fairness-worst', 0.5],
  ]);
  assert.deepEqual(numbers([1, 0, 0, 0], 0.5), [
    ['fairness-index', 1 / 4],
    ['fairness-worst', 0],
  ]);
  assert.deepEqual(numbers([], 0.5), []);
});

test('the codec of 8 bits keeps the laws of codecs: half a scale at most, and nothing that is not finite gets lost', async () => {
  const { create } = await entry<CodecEntry<object>>('int8');
  const length = 9;
  testCodec({
    make: () => create({}, { length }),
    body: arbitraryVector(length),
    matches({ values }, decoded) {
      if (!values.every(Number.isFinite)) return decoded.values.every(Number.isNaN);
      const scale = Math.max(...values.map(Math.abs)) / 127;
      return values.every((value, i) => Math.abs(value - decoded.values[i]!) <= scale * 0.5001 + 1e-43);
    },
  });
  const { bytes, valuesBytes } = create({}, { length }).encode(
    { values: new Float32Array(length) },
    {} as never,
  );
  assert.deepEqual([bytes.length, valuesBytes], [13, 13]);
});

test('an outage takes its whole region down and brings it back, whatever other regions do', async () => {
  const use = await entry<AnyFault>('regional-outage');
  const outage = (regions: unknown) => ({ use, regions, every: '20ms', lasts: '5ms', task: 'lose' });
  const both = await logOf({ nodes: 4, faults: [outage(['0-1', [3]])] }, 1e8);
  const alone = await logOf({ nodes: 4, faults: [outage(['0-1'])] }, 1e8);
  assert.ok(alone.length >= 4);
  assert.deepEqual(
    both.filter((line) => !/ 3\b/.test(line)),
    alone,
  );
  const [down, other, up] = alone.map((line) => line.split(' '));
  assert.deepEqual(
    [down!.slice(1), other!.slice(1)],
    [
      ['down', '0', 'lose'],
      ['down', '1', 'lose'],
    ],
  );
  assert.deepEqual([down![0], Number(up![0])], [other![0], Number(down![0]) + 5e6]);
  await assert.rejects(logOf({ nodes: 4, faults: [outage([[4]])] }, 1e8), UsageError);
});

test('latency by building: a moment within, by the time of day between, losses on the old cable only', async () => {
  const use = await entry<AnyLatency>('buildings');
  const given = { use, file: 'buildings.txt', loss: '30%' };
  const model = await latencyFrom(given, { nodes: 8, directory: folder });
  assert.deepEqual(table(model, 8)[0], [0, 0.2, 0.2, 10, 10, 10, 10, 10]);
  const at = (now: number) => model.draw(() => assert.fail(), { from: 0, to: 3, now });
  assert.deepEqual([4.9e9, 5e9, 9.9e9, 10e9].map(at), [10e6, 5e6, 5e6, 10e6]);
  const loss = (from: number, to: number) => model.loss!({ from, to, now: 0 });
  assert.deepEqual([loss(0, 3), loss(3, 2), loss(0, 1), loss(0, 6), loss(6, 3)], [0.3, 0.3, 0, 0, 0]);
  const sound = await latencyFrom({ ...given, loss: '0%' }, { nodes: 8, directory: folder });
  assert.equal(sound.loss, undefined);
  await assert.rejects(latencyFrom(given, { nodes: 9, directory: folder }), {
    message: 'buildings.txt:9: expected 9 lines, got 8',
    path: 'network.latency.file',
  });
});

test('the guide has an example of every module in scenarios/plugins, with its scenario', () => {
  const guide = readFileSync(join(projectRoot(), 'docs', 'plugins.md'), 'utf8');
  const modules = readdirSync(folder).filter((name) => name.endsWith('.js'));
  assert.ok(modules.length >= 7);
  for (const name of modules) {
    assert.ok(guide.includes(`<!-- file scenarios/plugins/${name} -->`), name);
    assert.ok(guide.includes(`scenarios/plugins/${name.replace('.js', '.yaml')}`), name);
  }
});

/** Runs that cannot fit are refused, before anything is allocated where the plan tells it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lengthOf } from '../data/dataset.js';
import { sources } from '../data/index.js';
import { Random } from '../random.js';
import { planOf } from '../testing/plans.js';
import { loadConstants } from './constants.js';
import { checkMemory, estimateMemory, extentOf, extentOfPlan } from './memory.js';
import { Simulation } from './simulation.js';

const TWO = { backend: 'wasm', workers: 2 } as const;

test('a run that does not fit into the memory is refused with the estimate and its parts, and one that fits is not', async () => {
  const plan = planOf({});
  const extent = extentOf(plan, await loadConstants(plan));
  const needed = estimateMemory(extent, TWO);
  assert.ok(needed > estimateMemory(extent, { ...TWO, workers: 0 }));
  const tensorflow = { ...TWO, backend: 'tensorflow' } as const;
  assert.equal(estimateMemory(extent, tensorflow), estimateMemory(extent, { ...tensorflow, workers: 1 }));
  checkMemory(extent, TWO, needed);
  checkMemory(extent, TWO, undefined);
  assert.throws(() => checkMemory(extent, TWO, needed - 1), {
    name: 'UsageError',
    code: 'out-of-memory',
    message:
      /got one that needs about \d.* \(\d+ nodes × [\d,]+ params: .*; data: .*; ledger: .*\): take fewer nodes/,
  });
  const large = { ...extent, data: 4e9 };
  assert.throws(() => checkMemory(large, TWO, undefined), {
    code: 'out-of-memory',
    path: 'data',
    message: /at most 3\.50 GB.* got 4\.00 GB/,
  });
  checkMemory(large, tensorflow, undefined);
});

test('the ledger counts by the links, types of messages and rounds', async () => {
  const cellsOf = async (change: object) => {
    const plan = planOf({ nodes: 6, topology: 'complete', stop: { after: '10 rounds' }, ...change });
    return extentOf(plan, await loadConstants(plan)).cells;
  };
  assert.equal(await cellsOf({}), 30 * 10);
  assert.equal(await cellsOf({ topology: 'ring' }), 12 * 10);
  assert.equal(await cellsOf({ stop: { after: '30 rounds' } }), 30 * 30);
});

test('what sources say of their size is what they load', async () => {
  const context = { random: new Random('size'), nodes: 3, directory: '.' };
  const own: Record<string, object> = {
    blobs: { features: 5, classes: 3, train: 20, test: 10, publicRows: 4 },
    'gaussian-attributes': { dimension: 6, train: 20, test: 10, publicRows: 4 },
    'linear-representation': { dimension: 6, rank: 2, samples: 20, test: 10 },
    quadratic: { dimension: 6 },
  };
  const withSize = sources.filter(({ size }) => size !== undefined);
  assert.deepEqual(new Set(withSize.map(({ id }) => id)), new Set(Object.keys(own)));
  for (const source of withSize) {
    const options = source.options.parse(own[source.id]);
    const { rows, shape, classes, bytesPerFeature, labels = 1 } = source.size!(options, context);
    const dataset = await source.load(options, context);
    assert.deepEqual([shape, classes], [dataset.shape, dataset.classes], source.id);
    assert.equal(rows, dataset.train + dataset.test + (dataset.publicRows ?? 0));
    assert.equal(rows * lengthOf(shape) * bytesPerFeature, dataset.features.byteLength);
    const targets = dataset.targets?.byteLength ?? 0;
    assert.equal(4 * labels * rows, dataset.labels.byteLength + targets);
  }
});

test('data and models that cannot fit are refused before they are made', async () => {
  const blobs = { use: 'blobs', train: 100, test: 10, features: 10, classes: 2, split: 'iid' };
  for (const change of [
    { data: { ...blobs, features: 1e9 } },
    { data: { ...blobs, train: 1e9 } },
    { data: { ...blobs, classes: 1e9 } },
    { data: blobs, model: { use: 'mlp', hidden: [1e9, 1e9] } },
    { data: blobs, nodes: 1e6, model: { use: 'mlp', hidden: [1000] }, topology: 'ring' },
  ]) {
    const plan = planOf(change as never);
    const started = Simulation.create(plan, { ...TWO, memory: 8e9 });
    await assert.rejects(started, { name: 'UsageError', code: 'out-of-memory' });
    assert.ok(extentOfPlan(plan));
  }
});

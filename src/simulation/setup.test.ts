import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planOf } from '../testing/plans.js';
import { topologies } from '../topology/index.js';
import { checkMemory, estimateMemory, setUp } from './setup.js';

test('a run that does not fit into the memory is refused with the estimate, and one that fits is not', async () => {
  const setup = await setUp(planOf({}));
  const two = { backend: 'wasm', workers: 2 } as const;
  const needed = estimateMemory(setup, two);
  assert.ok(needed > estimateMemory(setup, { ...two, workers: 0 }));
  const native = { ...two, backend: 'tensorflow' } as const;
  assert.equal(estimateMemory(setup, native), estimateMemory(setup, { ...native, workers: 1 }));
  assert.doesNotThrow(() => checkMemory(setup, two, needed));
  assert.doesNotThrow(() => checkMemory(setup, two, undefined));
  assert.throws(() => checkMemory(setup, two, needed - 1), {
    name: 'UsageError',
    code: 'out-of-memory',
    message: /got one that needs about \d.* nodes × \d+ params/,
  });
});

test('a fault of a node that the run does not have is refused before the run', async () => {
  const faults = [{ use: 'node-down', node: 99, at: '1s' }];
  const plan = planOf({ faults, algorithm: { use: 'd-psgd', deadline: '1s' } } as never);
  await assert.rejects(setUp(plan), { name: 'UsageError', path: 'faults.0.node' });
});

test('what the build of a topology throws is said to be of that topology', async () => {
  const broken = {
    ...topologies[0]!,
    id: 'broken',
    build() {
      throw new TypeError('no such thing');
    },
  };
  const plan = planOf({});
  const topology = { ...plan.topology!, entry: broken };
  await assert.rejects(setUp({ ...plan, topology }), {
    name: 'PluginError',
    message: 'topology "broken": no such thing',
  });
});

test('nodes that start differently are refused where an algorithm needs them alike', async () => {
  const model = { use: 'softmax', init: 'per-node' };
  for (const use of ['mce-pl', 'fedmask', 'transference', 'meta-l2c']) {
    const error = { name: 'UsageError', code: 'common-init', path: 'model.init', message: new RegExp(use) };
    await assert.rejects(setUp(planOf({ model, algorithm: { use } } as never)), error);
  }
  await setUp(planOf({ model, algorithm: { use: 'd-psgd' } } as never));
});

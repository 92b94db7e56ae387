import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planOf } from '../testing/plans.js';
import { topologies } from '../topology/index.js';
import { loadConstants } from './constants.js';

test('a fault of a node that the run does not have is refused before the run', async () => {
  const faults = [{ use: 'node-down', node: 99, at: '1s' }];
  const plan = planOf({ faults, algorithm: { use: 'd-psgd', deadline: '1s' } } as never);
  await assert.rejects(loadConstants(plan), { name: 'UsageError', path: 'faults.0.node' });
});

test('an error that the build of a topology throws names the topology', async () => {
  const broken = {
    ...topologies[0]!,
    id: 'broken',
    build() {
      throw new TypeError('no such thing');
    },
  };
  const plan = planOf({});
  const topology = { ...plan.topology!, entry: broken };
  await assert.rejects(loadConstants({ ...plan, topology }), {
    name: 'PluginError',
    message: 'topology "broken": no such thing',
  });
});

test('init: per-node is refused where an algorithm needs the same initial params on all nodes', async () => {
  const model = { use: 'softmax', init: 'per-node' };
  for (const use of ['mce-pl', 'fedmask', 'transference', 'meta-l2c']) {
    const error = { name: 'UsageError', code: 'common-init', path: 'model.init', message: new RegExp(use) };
    await assert.rejects(loadConstants(planOf({ model, algorithm: { use } } as never)), error);
  }
  await loadConstants(planOf({ model, algorithm: { use: 'd-psgd' } } as never));
});

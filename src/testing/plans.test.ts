import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { planOf } from './index.js';

test('an empty sketch is D-PSGD on a ring of four nodes for three rounds', () => {
  const plan = planOf();
  assert.equal(plan.algorithm.entry.id, 'd-psgd');
  assert.equal(plan.topology?.entry.id, 'ring');
  assert.equal(plan.nodes, 4);
  assert.equal(plan.network.latency.entry.id, 'constant');
  assert.deepEqual(plan.stop, { after: 3, at: 3600e9, diverged: 'stop' });
});

test('quantities are text with units, and the keys `split`, `validation` and `init` are not passed on as options', () => {
  const plan = planOf({
    data: { use: 'blobs', train: 50, split: { use: 'dirichlet', alpha: 0.5 }, validation: '10%' },
    model: { use: 'mlp', hidden: [3], init: 'per-node' },
    network: { drop: '5%' },
    faults: [{ use: 'node-down', node: 1, at: '2s' }],
    stop: { at: '5s' },
  });
  assert.equal(plan.data.validation, 0.1);
  assert.equal(plan.data.split.options.alpha, 0.5);
  assert.equal(plan.data.source.options.train, 50);
  assert.equal(plan.model.init, 'per-node');
  assert.equal(plan.network.drop, 0.05);
  assert.deepEqual(plan.faults[0]?.options, { node: 1, at: 2e9, task: 'pause' });
  assert.equal(plan.stop.at, 5e9);
});

test('an algorithm with a server has no topology in its plan', () => {
  assert.equal(planOf({ algorithm: 'fedavg' }).topology, undefined);
});

test('an entry may be given as an object in place of a name, with its options', () => {
  const entry = {
    id: 'mine',
    description: 'a probe',
    options: z.strictObject({ factor: z.number().default(2) }),
    measure: () => [],
  };
  const plan = planOf({ measure: { probes: [{ use: entry }, { use: entry, factor: 3 }] } });
  assert.deepEqual(
    plan.measure.probes.map(({ options }) => options),
    [{ factor: 2 }, { factor: 3 }],
  );
});

test('unknown names and wrong options are refused, and the error names their entry', () => {
  assert.throws(() => planOf({ topology: 'rign' }), /unknown topology "rign"\. Did you mean "ring"\?/);
  assert.throws(
    () => planOf({ algorithm: { use: 'd-psgd', batch: 0 } }),
    /algorithm\.batch: expected a whole number of at least 1, got 0/,
  );
  assert.throws(() => planOf({ network: { latency: 5 } }), /network/);
});

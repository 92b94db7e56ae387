import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runToEnd } from 'mycel';
import { planOf } from 'mycel/testing';
import probe from './my-probe.js';

test('the numbers are those of the accuracies of the nodes', async () => {
  const plan = planOf({
    nodes: 5,
    data: {
      use: 'blobs',
      features: 6,
      classes: 3,
      train: 200,
      test: 90,
      split: { use: 'dirichlet', alpha: 0.5 },
    },
    measure: { probes: ['accuracy', { use: probe, level: 0.6 }] },
  });
  const { result, samples } = await runToEnd(plan, { backend: 'cpu' });
  const accuracies = samples
    .filter(({ metric, round, node }) => metric === 'accuracy' && round === 3 && node !== undefined)
    .map(({ value }) => value);
  assert.equal(accuracies.length, 5);
  assert.equal(result.final['my-probe-gap'], Math.max(...accuracies) - Math.min(...accuracies));
  assert.equal(result.final['my-probe-good'], accuracies.filter((value) => value >= 0.6).length / 5);
});

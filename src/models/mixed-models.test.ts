import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readScenario } from '../scenario/load.js';
import { loadConstants } from '../simulation/constants.js';
import { planOf } from '../testing/plans.js';
import { runToEnd } from '../testing/run.js';

const MIXED = { use: 'mixed', models: [{ use: 'mlp', hidden: [4] }, 'softmax'] };
const LOCAL = { use: 'local-only', localSteps: 1, batch: 4 };

const scenario = (model: string) =>
  [
    'seed: 1',
    'nodes: 2',
    'data: { use: blobs, features: 6, classes: 3, train: 40, test: 10, split: iid }',
    `model: ${model}`,
    'topology: ring',
    'network: { latency: { use: constant, value: 1ms }, uplink: 1Mbps, downlink: 1Mbps }',
    'algorithm: { use: local-only, batch: 4 }',
    'stop: { after: 1 round }',
  ].join('\n');

test('nodes get the models in turn, and nodes with the same model start alike', async () => {
  const constants = await loadConstants(planOf({ nodes: 5, model: MIXED, algorithm: LOCAL } as never));
  assert.deepEqual(
    constants.models.map(({ spec }) => spec.use),
    ['mlp', 'softmax', 'mlp', 'softmax', 'mlp'],
  );
  for (let node = 0; node < 5; node++) {
    assert.equal(constants.initialParams(node).length, constants.modelOf(node).length);
    assert.equal(constants.initialParams(node), constants.initialParams(node % 2));
  }
  const own = await loadConstants(
    planOf({ nodes: 5, model: { ...MIXED, init: 'per-node' }, algorithm: LOCAL } as never),
  );
  assert.notDeepEqual(own.initialParams(2), own.initialParams(0));
  assert.equal(own.initialParams(3).length, own.modelOf(3).length);
});

test('a list of one model gives the same run as that model, bit for bit', async () => {
  const params = async (model: object) => {
    const plan = planOf({ nodes: 3, model, algorithm: LOCAL } as never);
    return (await runToEnd(plan)).result.fingerprints;
  };
  assert.deepEqual(
    await params({ use: 'mixed', models: [{ use: 'mlp', hidden: [4] }] }),
    await params({ use: 'mlp', hidden: [4] }),
  );
});

test('probes evaluate each node with its own model', async () => {
  const { samples } = await runToEnd(
    planOf({ nodes: 4, model: MIXED, algorithm: LOCAL, measure: { probes: ['accuracy', 'loss'] } } as never),
  );
  const accuracies = samples.filter(({ metric, node }) => metric === 'accuracy' && node !== undefined);
  assert.equal(accuracies.length, 4 * 4);
  assert.ok(accuracies.every(({ value }) => value >= 0 && value <= 1));
});

test('an algorithm that averages params refuses models that differ', async () => {
  await assert.rejects(loadConstants(planOf({ model: MIXED } as never)), {
    name: 'UsageError',
    code: 'mixed-models',
    message: /since d-psgd exchanges their params/,
  });
});

test('a probe that compares params refuses models that differ', async () => {
  const measure = { probes: ['consensus-distance'] };
  await assert.rejects(runToEnd(planOf({ model: MIXED, algorithm: LOCAL, measure } as never)), {
    name: 'UsageError',
    code: 'unequal-models',
  });
});

test('mistakes of every model in the list are reported, and each model is resolved with its defaults', async () => {
  const { variants } = await readScenario(
    scenario('{ use: mixed, models: [softmax, { use: mlp, hidden: [4] }] }'),
    'a.yaml',
  );
  assert.deepEqual((variants[0]!.plan.resolved as { model: unknown }).model, {
    use: 'mixed',
    models: [
      { use: 'softmax' },
      { use: 'mlp', hidden: [4], headLayers: 1, bias: true, kernelInit: 'uniform' },
    ],
    init: 'common',
  });
  const refused = (model: string, message: RegExp) =>
    assert.rejects(readScenario(scenario(model), 'a.yaml'), { name: 'UsageError', message });
  await refused(
    '{ use: mixed, models: [{ use: mlpp, hidden: [4] }] }',
    /model\.models\.0\.use.*unknown model "mlpp"/,
  );
  await refused(
    '{ use: mixed, models: [softmax, { use: mlp, hidde: [4] }] }',
    /model\.models\.1\.hidde.*option of model mlp "hidde"/,
  );
  await refused('{ use: mixed, models: [mixed] }', /unknown model "mixed"/);
});

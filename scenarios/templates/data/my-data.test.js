import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runToEnd } from 'mycel';
import { planOf, testSource } from 'mycel/testing';
import source from './my-data.js';

test('the source keeps the laws of all data sources', async () => {
  const { features, labels } = await testSource(source, { options: { train: 100, test: 20, noise: 0 } });
  // Without noise, the samples of class 0 lie on the unit circle.
  for (let row = 0; row < 120; row += 2) {
    const [x, y] = [Number(features[2 * row]), Number(features[2 * row + 1])];
    assert.equal(labels[row], 0);
    assert.ok(Math.abs(x * x + y * y - 1) < 1e-6);
  }
});

test('a hidden layer learns what softmax regression cannot', async () => {
  const accuracies = [];
  for (const model of ['softmax', { use: 'mlp', hidden: [32] }]) {
    const plan = planOf({
      data: { use: source, train: 600 },
      model,
      topology: 'complete',
      algorithm: { use: 'd-psgd', localSteps: 20, learningRate: 0.5 },
      measure: { probes: ['accuracy'] },
      stop: { after: '40 rounds' },
    });
    const { result } = await runToEnd(plan, { backend: 'cpu' });
    accuracies.push(Number(result.final['accuracy-mean']));
  }
  const [softmax, mlp] = accuracies;
  assert.ok(Number(mlp) > Number(softmax) + 0.03, `${accuracies}`);
});

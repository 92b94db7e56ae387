import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runToEnd } from 'mycel';
import { planOf } from 'mycel/testing';
import model from './my-model.js';

const spec = { use: 'my-model', input: [12], classes: 3, options: { wide: 16, narrow: 8 } };

test('the params are those of the three dense layers, of which two are the head', () => {
  const { length, slices } = model.build(spec);
  assert.equal(length, (12 + 1) * 16 + (16 + 1) * 8 + (8 + 1) * 3);
  const head = slices.filter(({ group }) => group === 'head').map(({ length }) => length);
  assert.equal(
    head.reduce((sum, size) => sum + size, 0),
    (16 + 1) * 8 + (8 + 1) * 3,
  );
});

test('it learns', async () => {
  const plan = planOf({
    // `module` is where threads import the model from.
    model: { use: model, module: new URL('./my-model.js', import.meta.url).href, wide: 16, narrow: 8 },
    data: { use: 'blobs', features: 12, classes: 3, train: 240, test: 90 },
    algorithm: { use: 'd-psgd', localSteps: 10, learningRate: 0.2 },
    measure: { probes: ['accuracy', 'loss'] },
    stop: { after: '20 rounds' },
  });
  const { samples, result } = await runToEnd(plan, { backend: 'cpu' });
  const before = samples.find(({ metric }) => metric === 'loss-mean');
  assert.ok(Number(result.final['loss-mean']) < Number(before?.value) / 2);
  assert.ok(Number(result.final['accuracy-mean']) > 0.8);
});

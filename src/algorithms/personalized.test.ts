/** DePRL, FedRep, Ditto: what is shared, what stays, and what it costs. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withValues } from '../../test/support/evaluated.js';
import type { Evaluated } from '../learning/algorithm.js';
import { bodyLength, bodyOf, withBody } from '../learning/body.js';
import { buildModel } from '../models/index.js';
import { planOf } from '../testing/plans.js';
import { runToEnd } from '../testing/run.js';
import { deprl } from './deprl.js';

const NODES = 4;
const ROUNDS = 3;
const model = buildModel({
  use: 'mlp',
  options: { hidden: [5], headLayers: 1, bias: true, kernelInit: 'uniform' },
  input: [6],
  classes: 3,
});

const sketch = (algorithm: object, topology: object = {}) => ({
  nodes: NODES,
  data: { use: 'blobs', features: 6, classes: 3, train: 80, test: 30, split: 'iid' },
  model: { use: 'mlp', hidden: [5] },
  algorithm: { learningRate: 0.1, batch: 5, ...algorithm },
  stop: { after: `${ROUNDS} rounds` },
  ...topology,
});

test('the body of a model can be taken out of its params and put back', () => {
  assert.equal(bodyLength(model), 6 * 5 + 5);
  const params = Float32Array.from({ length: model.length }, (_, i) => i);
  const body = bodyOf(model, params);
  assert.deepEqual([...body], [...params.subarray(0, 35)]);
  const zero = withBody(model, params, new Float32Array(35));
  assert.deepEqual([...zero.subarray(35)], [...params.subarray(35)]);
  assert.ok(zero.subarray(0, 35).every((value) => value === 0));
});

test('a round of deprl costs 32 + 4·d_φ bytes per link, and nothing else', async () => {
  const { result } = await runToEnd(planOf(sketch({ use: 'deprl' }, { topology: 'ring' }) as never));
  assert.equal(result.traffic.messages.sent, ROUNDS * NODES * 2);
  assert.equal(result.traffic.bytes.sent, ROUNDS * NODES * 2 * (32 + 4 * bodyLength(model)));
});

test('fedrep costs 4·d_φ down and 4·d_φ + 4 up for each client per round, ditto 4·d and 4·d + 4', async () => {
  for (const [use, length] of [
    ['fedrep', bodyLength(model)],
    ['ditto', model.length],
  ] as const) {
    const { result } = await runToEnd(planOf(sketch({ use }) as never));
    assert.equal(result.traffic.bytes.sent, ROUNDS * NODES * (2 * 32 + 8 * length + 4), use);
  }
});

test('the preset of deprl fills in the values of the released code, and options that are given override them', () => {
  const parsed = deprl.options.parse({ preset: 'paper-code', batch: 8 });
  assert.equal(parsed.headEpochs, 3);
  assert.equal(parsed.bodyEpochs, 1);
  assert.deepEqual(parsed.optimizer, { use: 'sgd', options: { momentum: 0.9, weightDecay: 1e-5 } });
  assert.equal(parsed.mixing.entry.id, 'uniform');
  assert.equal(parsed.batch, 8);
  assert.equal(deprl.options.parse({}).headEpochs, undefined);
});

test('nodes that start alike and mix completely have the same body and differ in their heads', async () => {
  const states: Array<Readonly<Record<string, Evaluated<Float32Array>>>> = [];
  const watched = {
    ...deprl,
    evaluate(...given: Parameters<typeof deprl.evaluate>) {
      const evaluated = deprl.evaluate(...given);
      states.push(withValues(evaluated));
      return evaluated;
    },
  };
  const plan = planOf(sketch({ use: 'deprl' }, { topology: 'complete' }) as never);
  await runToEnd({ ...plan, algorithm: { ...plan.algorithm, entry: watched } });
  const last = states.slice(-NODES).map(({ mixed }) => mixed!.params);
  for (const params of last.slice(1)) {
    const gap = bodyOf(model, params).map((value, i) => Math.abs(value - bodyOf(model, last[0]!)[i]!));
    assert.ok(Math.max(...gap) < 1e-6);
    assert.notDeepEqual([...params.subarray(35)], [...last[0]!.subarray(35)]);
  }
});

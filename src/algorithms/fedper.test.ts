import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bodyLength, bodyOf } from '../learning/body.js';
import { planOf } from '../testing/plans.js';
import { readAtEnd, runToEnd } from '../testing/run.js';

const NODES = 3;

const sketch = (algorithm: object, rounds = 1) => ({
  nodes: NODES,
  data: {
    ...{ use: 'blobs', features: 6, classes: 3, train: 60, test: 30 },
    split: { use: 'dirichlet', alpha: 0.5, minimum: 5 },
  },
  model: { use: 'mlp', hidden: [5] },
  algorithm: { localSteps: 3, batch: 5, learningRate: 0.1, ...algorithm },
  stop: { after: `${rounds} rounds` },
});

const ends = (algorithm: object) =>
  readAtEnd(planOf(sketch(algorithm) as never), (world) =>
    Array.from({ length: NODES }, (_, node) => ({
      model: world.constants.model,
      shard: world.constants.shards[node]!.train.length,
      adapted: Float32Array.from(world.evaluate(node).adapted!.params as Float32Array),
      mixed: world.evaluate(node).mixed,
    })),
  );

test('a client trains body and head together, as alone in the first round', async () => {
  const [own, alone] = [await ends({ use: 'fedper' }), await ends({ use: 'local-only' })];
  for (const [node, { adapted }] of own.entries()) assert.deepEqual(adapted, alone[node]!.adapted);
});

test('the server averages bodies by samples, and each client keeps its head', async () => {
  const own = await ends({ use: 'fedper' });
  const { model } = own[0]!;
  const length = bodyLength(model);
  assert.equal(new Set(own.map(({ shard }) => shard)).size, NODES);
  const total = own.reduce((sum, { shard }) => sum + shard, 0);
  for (const { adapted, mixed } of own) {
    const params = mixed!.params as Float32Array;
    const body = bodyOf(model, params);
    for (let i = 0; i < length; i++) {
      const mean = own.reduce((sum, one) => sum + one.shard * bodyOf(model, one.adapted)[i]!, 0) / total;
      assert.ok(Math.abs(body[i]! - mean) < 1e-6, `[${i}]: ${body[i]}, expected ${mean}`);
    }
    // An MLP's head is its last layer.
    assert.deepEqual(params.subarray(length), adapted.subarray(length));
  }
  assert.notDeepEqual(own[0]!.adapted.subarray(length), own[1]!.adapted.subarray(length));
});

test('a round costs 4·d_φ down and 4·d_φ + 4 up for each client', async () => {
  const { result } = await runToEnd(planOf(sketch({ use: 'fedper' }, 2) as never));
  const body = 4 * (6 * 5 + 5);
  assert.equal(result.traffic.bytes.sent, 2 * NODES * (32 + body + (32 + body + 4)));
});

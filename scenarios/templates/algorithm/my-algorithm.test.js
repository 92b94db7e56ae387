import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runToEnd } from 'mycel';
import { planOf, testAlgorithm } from 'mycel/testing';
import algorithm from './my-algorithm.js';

test('the algorithm keeps the laws of all algorithms', async () => {
  // The same seed gives the same bits, states can be saved, nothing is lost or sent twice, no deadlock under faults …
  const { encoded } = await testAlgorithm(algorithm);
  assert.ok(Number(encoded.model) > 0, 'no message was ever encoded');
});

test('every node sends its whole model to both neighbours in every round', async () => {
  const plan = planOf({
    nodes: 6,
    data: { use: 'blobs', features: 12, classes: 3, train: 240, test: 60 },
    model: 'softmax', // (12 + 1) × 3 = 39 params
    topology: 'ring',
    algorithm: { use: algorithm },
    stop: { after: '4 rounds' },
  });
  const { result } = await runToEnd(plan, { backend: 'cpu' });
  // float32 has 4 bytes: 6 nodes send to 2 neighbours in each of 4 rounds.
  assert.equal(result.traffic.parts.values, 4 * 39 * 6 * 2 * 4);
});

test('the shorter the step, the further apart the nodes stay', async () => {
  const distances = [];
  for (const step of [0.25, 1]) {
    const plan = planOf({ algorithm: { use: algorithm, step }, measure: { at: 'mixed' } });
    const { result } = await runToEnd(plan, { backend: 'cpu' });
    distances.push(Number(result.final['consensus-distance']));
  }
  const [short, whole] = distances;
  assert.ok(Number(short) > Number(whole), `${distances}`);
});

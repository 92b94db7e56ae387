/** Transference on the Gaussian tasks: what is sent when, what averages keep, and what a coordinator leaves alone. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { record } from '../../../test/support/recording.js';
import type { AnyAlgorithm } from '../../learning/algorithm.js';
import { paramsByRound, paramsProbe } from '../../testing/params-probe.js';
import { type PlanSketch, planOf } from '../../testing/plans.js';
import { runToEnd } from '../../testing/run.js';
import { transference } from './transference.js';

/** The reduced network of the Gaussian tasks, with a few rows. */
const reduced = (entry: AnyAlgorithm, options: object, nodes = 4): PlanSketch => ({
  nodes,
  data: { use: 'gaussian-attributes', train: 400, test: 20, publicRows: 256, split: 'attributes' },
  model: { use: 'mlp', hidden: [32, 32, 64, 64, 64, 32] },
  topology: 'complete',
  algorithm: {
    use: entry,
    learningRate: 5e-5,
    batch: 16,
    epochBatches: 2,
    window: 2,
    freezeOnConsensus: true,
    ...options,
  },
  measure: { probes: [{ use: paramsProbe }] },
  stop: { after: '6 rounds' },
});
const BODY = 13_920;
const WASM = { backend: 'wasm', workers: 0 } as const;

test('an average takes 12 messages of 4·d_s bytes before the clusters are found, and 4 after', async () => {
  const { algorithm, sent } = record(transference);
  const { result } = await runToEnd(planOf(reduced(algorithm, {})), WASM);
  const count = (round: number, type: string) =>
    sent
      .filter((message) => message.round === round && message.type === type)
      .reduce((sum, { to }) => sum + to.length, 0);
  for (let round = 0; round < 6; round++) {
    assert.equal(count(round, 'transfer'), round === 0 || round === 2 ? 12 : 0);
    for (const type of ['shared-1', 'shared-2']) assert.equal(count(round, type), round < 2 ? 12 : 4);
  }
  const averages = 2 * (2 * 12 + 4 * 4);
  const { values, header } = result.traffic.parts;
  assert.equal(values, 2 * 12 * (4 * BODY + 4) + averages * 4 * BODY);
  assert.equal(header, (2 * 12 + averages) * 32);
});

test('an average keeps the mean of each cluster and makes its members equal, before and after W is found', async () => {
  const { algorithm, sent } = record(transference);
  const finished = await runToEnd(planOf(reduced(algorithm, { sharedSteps: 1 })), WASM);
  const after = paramsByRound(finished);
  for (let round = 0; round < 6; round++) {
    const bodies = sent
      .filter((message) => message.round === round && message.type === 'shared-1')
      .sort((a, b) => a.from - b.from)
      .map(({ body }) => (body as { values: Float32Array }).values);
    for (const cluster of round < 2
      ? [[0, 1, 2, 3]]
      : [
          [0, 3],
          [1, 2],
        ]) {
      for (let k = 0; k < BODY; k += 97) {
        const mean = cluster.reduce((sum, i) => sum + bodies[i]![k]!, 0) / cluster.length;
        for (const i of cluster) assert.ok(Math.abs(after.get(round + 1)![i]![k]! - mean) < 1e-7);
      }
    }
  }
});

test('a coordinator gives five nodes with weights of a third the same bits, with either average', async () => {
  for (const average of ['V', 'Z']) {
    const finished = async (exchange: string) => {
      const options = { average, exchange, learningRate: 1e-3, freezeOnConsensus: false };
      const sketch = reduced(transference, options, 5);
      return runToEnd(planOf({ ...sketch, model: { use: 'mlp', hidden: [16, 16] } }), WASM);
    };
    const [peers, star] = [await finished('all-to-all'), await finished('coordinator')];
    assert.equal(star.result.fingerprints.params, peers.result.fingerprints.params);
    assert.ok(peers.topology.some(({ weight }) => weight === 1 / 3));
    assert.ok(star.result.traffic.bytes.sent < peers.result.traffic.bytes.sent);
  }
});

/** Ditto on quadratics, by hand, and between its limits: local training and the global model. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { givenQuadratics } from '../../test/support/given-quadratics.js';
import { leaks, record } from '../../test/support/recording.js';
import { lastParams, paramsByRound, paramsProbe } from '../testing/params-probe.js';
import { type PlanSketch, planOf } from '../testing/plans.js';
import { runToEnd } from '../testing/run.js';
import { ditto } from './ditto.js';

const blobs = (algorithm: object): PlanSketch => ({
  nodes: 4,
  data: { use: 'blobs', features: 6, classes: 3, train: 80, test: 30 },
  model: { use: 'mlp', hidden: [5] },
  algorithm: { learningRate: 0.1, ...algorithm } as never,
  measure: { probes: [{ use: paramsProbe }] },
  stop: { after: '4 rounds' },
});

/** ½(v − b)² with b = 3 for client 0 and 6 for client 1, which has two such rows; x starts at 0, v at `start`. */
async function quadratics(start: number, options: object, rounds: number) {
  let server: { own: { values: Float32Array } } | undefined;
  const { algorithm } = record(ditto, {
    init(state, id) {
      if (id === 2) server = state as never;
      else (state as unknown as { own: { personal: Float32Array } }).own.personal = Float32Array.of(start);
    },
  });
  const rows = [3, 6, 6].map((target) => [1, target]);
  const plan = planOf({
    nodes: 2,
    data: givenQuadratics(rows, [[0], [1, 2]]),
    model: 'quadratic',
    algorithm: { use: algorithm, localSteps: 1, batch: 1, ...options },
    measure: { probes: [{ use: paramsProbe }] },
    stop: { after: `${rounds} rounds` },
  });
  const finished = await runToEnd(plan);
  return { personal: lastParams(finished).flat(), global: server!.own.values[0]! };
}

test('by hand: personal steps are pulled to x as received, and x is averaged as in FedAvg', async () => {
  const options = { learningRate: 0.5, mu: 1, personalSteps: 1 };
  // v ← 2 − ½((2 − b) + (2 − 0)); x_i ← 0 − ½(0 − b); x ← (1.5 + 2·3)/3.
  assert.deepEqual(await quadratics(2, options, 1), { personal: [1.5, 3], global: 2.5 });
  // v ← v − ½((v − b) + (v − 2.5)); x_i ← 2.5 − ½(2.5 − b) = 2.75 and 4.25.
  assert.deepEqual(await quadratics(2, options, 2), { personal: [2.75, 4.25], global: 3.75 });
});

test('personal models converge to (b + μ·x) / (1 + μ): the node’s own minimum for μ = 0, x for large μ', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: 80 }), fc.integer({ min: -8, max: 8 }), async (mu, start) => {
      // The first step of this length arrives, and the others stay.
      const options = { learningRate: 1 / (1 + mu), mu, personalSteps: 3 };
      const { personal } = await quadratics(start, options, 1);
      for (const [i, b] of [3, 6].entries()) {
        assert.ok(
          Math.abs(personal[i]! - b / (1 + mu)) < 1e-5,
          `${personal[i]} for μ = ${mu}, from ${start}`,
        );
      }
    }),
    { seed: 4, numRuns: 25 },
  );
});

test('with mu: 0 personal models are trained as without other nodes', async () => {
  // Whole shards a step: the order of rows, which the steps on x shift, is then a matter of rounding.
  const whole = { localSteps: 2, batch: 20 };
  const alone = lastParams(await runToEnd(planOf(blobs({ use: 'local-only', ...whole }))));
  const free = lastParams(await runToEnd(planOf(blobs({ use: 'ditto', mu: 0, ...whole }))));
  const pulled = lastParams(await runToEnd(planOf(blobs({ use: 'ditto', mu: 1, ...whole }))));
  const distance = (a: readonly number[][], b: readonly number[][]) =>
    Math.max(...a.flat().map((value, k) => Math.abs(value - b.flat()[k]!)));
  assert.ok(distance(free, alone) < 1e-5, `${distance(free, alone)}`);
  assert.ok(distance(pulled, alone) > 1e-3, `${distance(pulled, alone)}`);
});

test('personal models are in no message', async () => {
  const tapped = record(ditto);
  const plan = planOf(blobs({ use: 'ditto', mu: 0.5, batch: 5 }));
  const finished = await runToEnd({ ...plan, algorithm: { ...plan.algorithm, entry: tapped.algorithm } });
  const [initial, ...rounds] = [...paramsByRound(finished).values()];
  assert.equal(rounds.length, 4);
  for (const params of rounds.flat()) {
    // What has not moved yet is the global model's too.
    const own = params.map((value, k) => (value === initial![0]![k] ? 0 : value));
    assert.ok(!leaks(tapped.bodies, Float32Array.from(own)));
  }
});

test('a run costs as much as FedAvg', async () => {
  const traffic = async (use: string) =>
    (await runToEnd(planOf(blobs({ use, participation: 0.5 })))).result.traffic;
  assert.deepEqual((await traffic('ditto')).parts, (await traffic('fedavg')).parts);
  assert.ok((await traffic('ditto')).parts.values > 0);
});

/** Runs of MCE-PL: an iteration by hand, and what holds at all times. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { givenFirstClass } from '../../../test/support/given-rows.js';
import { leaks, record, recordStates } from '../../../test/support/recording.js';
import { lastParams, paramsByRound, paramsProbe } from '../../testing/params-probe.js';
import { type PlanSketch, planOf } from '../../testing/plans.js';
import { runToEnd } from '../../testing/run.js';
import { meanMask } from './masks.js';
import { mcePl } from './mce-pl.js';

const NODES = 4;
const MASKED = 20 * 8 + 8 * 3;
const sketch = (algorithm: object = {}, changes: Partial<PlanSketch> = {}): PlanSketch => ({
  nodes: NODES,
  data: { use: 'blobs', features: 20, classes: 3, train: 160, test: 40, split: 'iid' },
  model: { use: 'mlp', hidden: [8] },
  topology: 'ring',
  algorithm: { use: 'mce-pl', batch: 10, ...algorithm },
  measure: { probes: [{ use: paramsProbe }] },
  stop: { after: '5 rounds' },
  ...changes,
});

/** A run of these, and the states of all nodes at each measurement. */
async function looked(given: PlanSketch, algorithm = mcePl) {
  const { algorithm: entry, states } = recordStates(algorithm);
  const plan = planOf(given);
  await runToEnd({ ...plan, algorithm: { ...plan.algorithm, entry } });
  return states;
}

test('by hand: an iteration of two nodes with two weights, ln 3 both, and the row 1 of the first class', async () => {
  const L = Math.log(3);
  const { algorithm, sent } = record(mcePl, {
    init(state, id) {
      const { own } = state;
      own.weights = Float32Array.of(L, L, 0, 0);
      own.scores = id === 0 ? Float32Array.of(2, -1) : Float32Array.of(1, -5);
      own.average = new Float32Array(2);
      own.params = id === 0 ? Float32Array.of(L, 0, 0, 0) : Float32Array.of(0, L, 0, 0);
    },
  });
  const rates = { learningRate: 1, fineTuneRate: 0.5, weightDecay: 0.25, lambda: 0.125, keepHead: 0.5 };
  const seen = await looked(
    {
      nodes: 2,
      data: givenFirstClass([[1], [1]]),
      topology: 'complete',
      algorithm: { use: 'mce-pl', batch: 1, ...rates },
      stop: { after: '1 round' },
    },
    algorithm,
  );
  const [first, second] = [seen.at(-2)!, seen.at(-1)!];
  const near = (values: Float32Array, expected: readonly number[]) => {
    for (const [k, value] of values.entries()) assert.ok(Math.abs(value - expected[k]!) < 1e-6, `${values}`);
  };
  // Node 0 keeps its first weight: logits (ln 3, 0), chances (3/4, 1/4), slopes (−1/4, 1/4); signs of scores (+, −).
  const ofFirst = [-L / 4 + 0.125, -L / 4 - 0.125] as const;
  near(first.gradient, ofFirst);
  // Node 1 keeps the other: chances (1/4, 3/4), slopes (−3/4, 3/4).
  const ofSecond = [(-3 * L) / 4 + 0.125, (-3 * L) / 4 - 0.125] as const;
  near(second.gradient, ofSecond);
  // (1) |z| stays the largest where it was: these masks are exchanged.
  assert.deepEqual(
    sent.map(({ from, body }) => [from, ...(body as { mask: Uint8Array }).mask]),
    [
      [0, 1, 0],
      [1, 0, 1],
    ],
  );
  assert.deepEqual([...first.average, ...second.average], [0, 1, 1, 0]);
  // z − G − z/4, and then half of G again where the neighbour has a weight.
  near(first.scores, [1.5 - ofFirst[0], -0.75 - 1.5 * ofFirst[1]]);
  near(second.scores, [0.75 - 1.5 * ofSecond[0], -3.75 - ofSecond[1]]);
  // y_0 ≈ (1.65, −0.15 − 0.90); y_1 ≈ (1.80 + 2.30, −2.80): node 1 goes over to the weight of its neighbour.
  assert.deepEqual([...first.mask, ...second.mask], [1, 0, 1, 0]);
  assert.deepEqual([...second.params], [Math.fround(L), 0, 0, 0]);
});

test('a missing mask is left out of the average, and the average is over those that have arrived', async () => {
  const { algorithm, sent } = record(mcePl, { lose: ({ from, to }) => from === 3 && to === 0 });
  const states = await looked(
    sketch({ deadline: '200ms', learningRate: 50 }, { stop: { after: '1 round' } }),
    algorithm,
  );
  const masks = sent.map(({ body }) => (body as { mask: Uint8Array }).mask);
  const averages = states.slice(-NODES).map(({ average }) => average);
  assert.notDeepEqual(masks[1], masks[3]);
  assert.deepEqual(averages, [
    meanMask([masks[1]!]),
    meanMask([masks[0]!, masks[2]!]),
    meanMask([masks[1]!, masks[3]!]),
    meanMask([masks[0]!, masks[2]!]),
  ]);
});

test('at all times all nodes have the same weights, or 0 where their mask is 0, and their number of ones', async () => {
  const seen = await looked(sketch({ learningRate: 50 }));
  assert.ok(seen.length >= 6 * NODES);
  for (const { weights, mask, params } of seen) {
    assert.deepEqual(weights, seen[0]!.weights);
    const ones = (from: number, to: number) => mask.subarray(from, to).reduce((sum, bit) => sum + bit, 0);
    assert.deepEqual(
      [ones(0, 160), ones(160, MASKED)],
      [160 - Math.floor(0.7 * 160), 24 - Math.floor(0.1 * 24)],
    );
    // Kernel, bias of 8, kernel, bias of 3.
    for (const [i, value] of params.entries()) {
      const bit = i < 160 ? mask[i] : i >= 168 && i < 192 ? mask[i - 8] : 1;
      assert.equal(value, bit === 0 ? 0 : weights[i]);
    }
  }
  assert.notDeepEqual(seen.at(-1)!.mask, seen.at(-2)!.mask);
  assert.notDeepEqual(seen.at(-1)!.mask, seen[NODES - 1]!.mask);
});

test('nodes with the same row keep the same mask all the time', async () => {
  const data = givenFirstClass(Array(NODES).fill([1, -2, 3, -1, 0.5, 2]));
  const plan = planOf(sketch({ batch: 1 }, { data, topology: 'complete' }));
  const rounds = [...paramsByRound(await runToEnd(plan)).values()];
  for (const nodes of rounds) for (const params of nodes) assert.deepEqual(params, nodes[0]);
  assert.notDeepEqual(rounds.at(-1), rounds[0]);
});

test('a node without neighbours trains its mask alone', async () => {
  const alone = {
    topology: { use: 'erdos-renyi', probability: '0%', connected: false, allowDisconnected: true },
  };
  const [mce, independent] = await Promise.all([
    runToEnd(planOf(sketch({}, alone))),
    runToEnd(planOf(sketch({ aggregate: 'independent' }))),
  ]);
  assert.deepEqual(lastParams(mce), lastParams(independent));
  assert.equal(mce.result.traffic.bytes.sent, 0);
});

test('a message is ⌈d/8⌉ bytes of mask; no score leaves its node', async () => {
  const states: Array<{ own: { scores: Float32Array } }> = [];
  const tapped = record(mcePl);
  const { algorithm } = record(tapped.algorithm, { init: (state) => void states.push(state as never) });
  const plan = planOf(sketch());
  const { result } = await runToEnd({ ...plan, algorithm: { ...plan.algorithm, entry: algorithm } });
  const messages = NODES * 2 * 5;
  assert.equal(result.traffic.parts.values, messages * Math.ceil(MASKED / 8));
  assert.equal(tapped.bodies.length, NODES * 5);
  assert.equal(states.length, NODES);
  for (const { own } of states) assert.ok(!leaks(tapped.bodies, own.scores));
});

test('if no mask arrives by the deadline the last average stays', async () => {
  const quick = { deadline: '200ms', learningRate: 50 };
  const { algorithm: deaf } = record(mcePl, { lose: ({ round }) => round >= 2 });
  const last = async (given: PlanSketch, algorithm?: typeof mcePl) =>
    (await looked(given, algorithm)).slice(-NODES).map(({ average }) => average);
  const afterTwo = await last(sketch(quick, { stop: { after: '2 rounds' } }));
  assert.deepEqual(await last(sketch(quick), deaf), afterTwo);
  assert.notDeepEqual(await last(sketch(quick)), afterTwo);
});

/** MCE-PL with each codec for masks: the same learning, other bytes, and nodes that are out of step. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { messages } from '../../../test/support/mixing-runs.js';
import { record, recordStates } from '../../../test/support/recording.js';
import type { AnyAlgorithm } from '../../learning/algorithm.js';
import type { Plan } from '../../simulation/plan.js';
import { testAlgorithm } from '../../testing/algorithm.js';
import { paramsByRound, paramsProbe } from '../../testing/params-probe.js';
import { type PlanSketch, planOf } from '../../testing/plans.js';
import { type FinishedRun, runToEnd } from '../../testing/run.js';
import type { MaskBody } from '../../wire/mask.js';
import { maskCodecs } from '../../wire/mask-codecs.js';
import { mcePl } from './mce-pl.js';

const NODES = 5;
const ROUNDS = 12;
/** 30 × 16 and 16 × 3 masked weights. */
const WEIGHTS = 30 * 16 + 16 * 3;

const sketch = (codec: string, changes: Partial<PlanSketch> = {}, algorithm: object = {}): PlanSketch => ({
  nodes: NODES,
  data: { use: 'blobs', features: 30, classes: 3, train: 200, test: 60, split: 'iid' },
  model: { use: 'mlp', hidden: [16] },
  topology: 'ring',
  algorithm: { use: 'mce-pl', batch: 10, codec, ...algorithm },
  measure: { probes: [{ use: paramsProbe }, 'series', 'bytes', 'accuracy'] },
  stop: { after: `${ROUNDS} rounds` },
  ...changes,
});

const WASM = { backend: 'wasm', workers: 0 } as const;
const run = (...given: Parameters<typeof sketch>) => runToEnd(planOf(sketch(...given)), WASM);
const withEntry = (plan: Plan, entry: AnyAlgorithm): Plan => ({
  ...plan,
  algorithm: { ...plan.algorithm, entry },
});

/** Samples of the metrics whose names begin so. */
const series = ({ samples }: FinishedRun, name: string) =>
  samples
    .filter(({ metric }) => metric.startsWith(name))
    .map(({ metric, node, round, value }) => ({ metric, node, round, value }));

test('no codec changes what is learned; those that depend on the content send less in the long run', async () => {
  const reference = await run('packed-mask');
  const messages = NODES * 2 * ROUNDS;
  assert.equal(reference.result.traffic.parts.values, messages * Math.ceil(WEIGHTS / 8));
  const sizes: Record<string, number> = {};
  for (const { id } of maskCodecs) {
    const finished = await run(id);
    assert.deepEqual(paramsByRound(finished), paramsByRound(reference), id);
    assert.deepEqual(series(finished, 'accuracy'), series(reference, 'accuracy'), id);
    sizes[id] = finished.result.traffic.bytes.sent;
    const outOfStep = series(finished, 'masks-out-of-step');
    assert.ok(outOfStep.length > 0 && outOfStep.every(({ value }) => value === 0), id);
  }
  assert.ok(sizes['entropy-mask']! < sizes['packed-mask']!);
  assert.ok(sizes['difference-mask']! < sizes['entropy-mask']!);
  // One byte a message says which it was; the choice saves more where masks still change a lot.
  assert.ok(sizes['smallest-of']! <= sizes['difference-mask']! + messages);
});

test('the bytes of a run are those of its encodings, once for each neighbour, and 32 per message', async () => {
  for (const { id } of maskCodecs) {
    const { algorithm, bodies } = record(mcePl);
    const { result } = await runToEnd(withEntry(planOf(sketch(id)), algorithm), WASM);
    assert.equal(bodies.length, NODES * ROUNDS);
    const encoded = bodies.reduce((sum, { bytes }) => sum + bytes.length, 0);
    assert.equal(result.traffic.bytes.sent, 2 * (encoded + 32 * bodies.length), id);
  }
});

/** A run with all that was sent, and every node's state after each round. */
async function observed(...given: Parameters<typeof sketch>) {
  const { algorithm: heard, sent } = record(mcePl);
  const { algorithm, states } = recordStates(heard);
  const finished = await runToEnd(withEntry(planOf(sketch(...given)), algorithm), WASM);
  const masks = sent.map(({ body, ...rest }) => ({ ...rest, ...(body as MaskBody) }));
  return { finished, masks, states };
}

test('with drops and churn a node that is out of step ignores the mask, and every mask that is used is the one that was sent', async () => {
  const troubled = {
    network: { latency: { use: 'constant', value: '10ms' }, uplink: '1Mbps', downlink: '1Mbps', drop: '20%' },
    faults: [{ use: 'random-node-down', nodes: [1, 3], up: '400ms', down: '100ms', task: 'lose' }],
  };
  for (const codec of ['difference-mask', 'smallest-of']) {
    const { finished, masks, states } = await observed(codec, troubled, { deadline: '50ms', refresh: 4 });
    assert.equal(finished.result.stopped, 'rounds');
    const used = states.flatMap(({ lastReceived }) => Object.entries(lastReceived));
    assert.ok(used.length > 0);
    for (const [from, { id, mask }] of used) {
      const source = masks.find((one) => one.from === Number(from) && one.round === id - 1);
      assert.deepEqual(mask, source!.mask);
    }
    const outOfStep = Math.max(...states.map((state) => state.outOfStep));
    assert.ok(finished.result.traffic.messages.ignored >= outOfStep);
    if (codec === 'difference-mask') assert.ok(outOfStep > 0);
  }
});

test('after a node was down all nodes are in step again, long before the next refresh', async () => {
  const faults = [{ use: 'node-down', node: 1, at: '35ms', for: '200ms' }];
  const changes = { faults, stop: { after: '30 rounds' } };
  const { finished, masks, states } = await observed('difference-mask', changes, {
    deadline: '30ms',
    refresh: 1000,
  });
  const whole = masks.filter(({ round, reference }) => round > 0 && !reference);
  assert.ok(whole.length > 0 && whole.length < masks.length / 4, `${whole.length} of ${masks.length}`);
  assert.ok(messages(finished, 'whole') > 0);
  const last = states.slice(-NODES);
  for (const [node, { lastReceived }] of last.entries()) {
    for (const [from, { id }] of Object.entries(lastReceived)) {
      assert.equal(id, 30, `node ${node} knows the last mask of ${from}`);
    }
  }
});

test('a mask that could not be delivered is no reference', () => {
  const state = { own: { lastSent: { id: 3, mask: Uint8Array.of(1) } } };
  mcePl.on.undelivered?.({} as never, state as never, {} as never);
  assert.equal(state.own.lastSent, null);
});

test('a refresh in every iteration is the same as a codec without differences', async () => {
  const whole = await run('difference-mask', {}, { refresh: 1 });
  const entropy = await run('entropy-mask');
  const references = 4 * NODES * 2 * ROUNDS;
  assert.equal(whole.result.traffic.parts.values, entropy.result.traffic.parts.values);
  assert.equal(whole.result.traffic.bytes.sent, entropy.result.traffic.bytes.sent + references);
});

for (const { id } of maskCodecs) {
  test(`mce-pl keeps the laws of algorithms with ${id}`, async () => {
    const report = await testAlgorithm(mcePl, { options: { codec: id, refresh: 2, batch: 8 } });
    assert.deepEqual(report.scenarios, ['quadratic', 'blobs']);
    assert.ok(report.encoded.mask! > 0);
  });
}

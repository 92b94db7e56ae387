/** MCE-PL with each codec for masks: the same learning, other bytes, and what happens to who is out of step. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testAlgorithm } from '../check/algorithm.js';
import { lastParams, paramsProbe } from '../check/params-probe.js';
import { type PlanSketch, planOf } from '../check/plans.js';
import { runToEnd } from '../check/run.js';
import { maskCodecs } from '../wire/mask-codecs.js';
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
  measure: { probes: [{ use: paramsProbe }, 'series', 'bytes'] },
  stop: { after: ROUNDS },
  ...changes,
});

const WASM = { backend: 'wasm', workers: 0 } as const;
const run = (...given: Parameters<typeof sketch>) => runToEnd(planOf(sketch(...given)), WASM);

test('no codec changes what is learned; those that look at the content send less in the long run', async () => {
  const reference = await run('packed-mask');
  const messages = NODES * 2 * ROUNDS;
  assert.equal(reference.result.traffic.parts.values, messages * Math.ceil(WEIGHTS / 8));
  const sizes: Record<string, number> = {};
  for (const { id } of maskCodecs) {
    const finished = await run(id);
    assert.deepEqual(lastParams(finished), lastParams(reference), id);
    sizes[id] = finished.result.traffic.bytes.sent;
    const outOfStep = finished.samples.filter(({ metric }) => metric === 'masks-out-of-step');
    assert.ok(outOfStep.length > 0 && outOfStep.every(({ value }) => value === 0), id);
  }
  assert.ok(sizes['entropy-mask']! < sizes['packed-mask']!);
  assert.ok(sizes['difference-mask']! < sizes['entropy-mask']!);
  // One byte a message says which it was; the choice saves more where masks still change a lot.
  assert.ok(sizes['smallest-of']! <= sizes['difference-mask']! + messages);
});

test('with drops, churn and a deadline differences come to their end: who is out of step waits for a whole mask', async () => {
  const troubled = {
    network: { latency: { use: 'constant', value: '10ms' }, uplink: '1Mbps', downlink: '1Mbps', drop: '20%' },
    faults: [{ use: 'random-node-down', nodes: [1, 3], up: '400ms', down: '100ms', task: 'lose' }],
  };
  for (const codec of ['difference-mask', 'smallest-of']) {
    const { result, samples } = await run(codec, troubled, { deadline: '50ms', refresh: 4 });
    assert.equal(result.stopped, 'rounds');
    assert.ok(lastParams({ samples }).flat().every(Number.isFinite));
    const outOfStep = samples.filter(
      ({ metric, node }) => metric === 'masks-out-of-step' && node !== undefined,
    );
    if (codec === 'difference-mask') assert.ok(outOfStep.some(({ value }) => value > 0));
  }
});

test('a refresh in every iteration is as good as no differences at all', async () => {
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

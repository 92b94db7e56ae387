/** Every algorithm of the list in a bad network: it comes to its end, with finite params, and says what it did not use. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lastParams, paramsProbe } from '../check/params-probe.js';
import { type PlanSketch, planOf } from '../check/plans.js';
import { runToEnd } from '../check/run.js';
import { algorithms } from './index.js';

const ROUNDS = 8;

/** A fifth of the messages is lost, many come after the deadline, and two nodes of six come and go. */
const trouble: PlanSketch = {
  nodes: 6,
  data: {
    use: 'blobs',
    shared: 30,
    features: 6,
    classes: 3,
    train: 240,
    test: 30,
    split: 'iid',
    validation: '20%',
  },
  model: { use: 'mlp', hidden: [5] },
  network: {
    latency: { use: 'log-normal', median: '30ms', sigma: 1 },
    uplink: '2Mbps',
    downlink: '2Mbps',
    drop: '20%',
    retry: { timeout: '100ms', tries: 5 },
  },
  faults: [
    { use: 'random-node-down', nodes: [1], up: '500ms', down: '150ms', task: 'lose' },
    { use: 'random-node-down', nodes: [4], up: '700ms', down: '300ms', task: 'pause' },
  ],
  measure: { probes: [{ use: paramsProbe }] },
  stop: { after: ROUNDS, at: '10min' },
};

for (const { id, roles } of algorithms) {
  test(`${id} comes through drops, late messages and nodes that come and go`, async () => {
    const exchanges = id !== 'local-only';
    const sketch = {
      ...trouble,
      ...(!roles && { topology: 'complete' }),
      algorithm: { use: id, ...(exchanges && { deadline: '100ms' }) },
    };
    const { result, samples } = await runToEnd(planOf(sketch as PlanSketch), { backend: 'wasm', workers: 0 });
    assert.equal(result.stopped, 'rounds');
    const { messages } = result.traffic;
    if (exchanges) assert.ok(messages.dropped > 0 && messages.delivered > 0);
    assert.ok(lastParams({ samples }).flat().every(Number.isFinite));
  });
}

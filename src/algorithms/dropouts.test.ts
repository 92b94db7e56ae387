/** Every algorithm of the list in a bad network: it comes to its end, with finite params, and says what it did not use. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AnyAlgorithm, NodeContext } from '../learning/algorithm.js';
import { lastParams, paramsProbe } from '../testing/params-probe.js';
import { type PlanSketch, planOf } from '../testing/plans.js';
import { runToEnd } from '../testing/run.js';
import { parseDuration } from '../units.js';
import { algorithms } from './index.js';

const ROUNDS = 8;

/** A fifth of the messages is lost, many come after the deadline, and two nodes of six come and go. */
const trouble: PlanSketch = {
  nodes: 6,
  data: {
    use: 'blobs',
    publicRows: 30,
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
  stop: { after: `${ROUNDS} rounds`, at: '10min' },
};

/** They refuse to lose a message for good: what is dropped is sent again, and no node goes down. */
const LOSSLESS = ['choco-sgd', 'sgp', 'dfedpgp'];

/** Whether the algorithm has an option, and it may have that value. */
const has = ({ options }: AnyAlgorithm, given: object) => options.safeParse(given).success;

function sketchOf(algorithm: AnyAlgorithm, topology: string, options: object = {}): PlanSketch {
  const { id, roles } = algorithm;
  const { retry: _retry, ...network } = trouble.network as Readonly<Record<string, unknown>>;
  const patience = { deadline: '100ms' };
  // Without rounds in common a training takes next to no time, and a run would end before its first message arrives.
  const pace = { period: '100ms' };
  const time = { ...(has(algorithm, patience) && patience), ...(has(algorithm, pace) && pace) };
  return {
    ...trouble,
    ...(!roles && { topology }),
    ...(LOSSLESS.includes(id) && { faults: [], network }),
    algorithm: { use: id, ...time, ...(LOSSLESS.includes(id) && { reliable: true }), ...options },
  } as PlanSketch;
}

for (const algorithm of algorithms) {
  const { id } = algorithm;
  test(`${id} survives drops, late messages and churn, and is the same run with any number of workers`, async () => {
    const plan = planOf(sketchOf(algorithm, 'complete'));
    const { result, samples } = await runToEnd(plan, { backend: 'wasm', workers: 0 });
    assert.equal(result.stopped, 'rounds');
    const { messages } = result.traffic;
    const lost = messages.dropped + messages.cut;
    if (id !== 'local-only') assert.ok(lost > 0 && messages.delivered > 0, JSON.stringify(messages));
    assert.ok(lastParams({ samples }).flat().every(Number.isFinite));
    const again = await runToEnd(plan, { backend: 'wasm', workers: 2 });
    assert.deepEqual(again.result.fingerprints, result.fingerprints);
  });
}

/** Every node leaves its first neighbour and takes a new one, after each of its first rounds. */
function rewiring(algorithm: AnyAlgorithm): AnyAlgorithm {
  const { on } = algorithm;
  const again = (node: NodeContext) => node.timer('rewire', parseDuration('40ms'));
  return {
    ...algorithm,
    on: {
      ...on,
      start(node, state) {
        again(node as NodeContext);
        on.start(node, state);
      },
      timer(node, state, name) {
        if (name !== 'rewire') return on.timer?.(node, state, name);
        const [first] = node.neighbors.out;
        const next = (node.id + 2 + node.round) % node.nodes;
        if (first !== undefined && node.neighbors.out.length > 1) node.disconnect(first);
        if (next !== node.id && !node.neighbors.out.includes(next)) node.connect(next);
        if (node.round < ROUNDS / 2) again(node as NodeContext);
      },
    },
  };
}

/** Without messages, and without a deadline: a node would wait for a neighbour that it got in the middle of a round. */
const UNMOVED = ['local-only', ...LOSSLESS];

for (const algorithm of algorithms.filter(({ id, roles }) => !roles && !UNMOVED.includes(id))) {
  test(`${algorithm.id} survives a changing topology`, async () => {
    // Links in one direction only have no Metropolis–Hastings weights.
    const options = {
      ...(has(algorithm, { mixing: 'uniform' }) && { mixing: 'uniform' }),
      // Its projection lets gradients grow.
      ...(algorithm.id === 'cga' && { learningRate: 0.01 }),
    };
    const plan = planOf(sketchOf(algorithm, 'ring', options));
    const entry = rewiring(algorithm);
    const { result, samples, topology } = await runToEnd(
      { ...plan, algorithm: { ...plan.algorithm, entry } },
      { backend: 'wasm', workers: 0 },
    );
    assert.equal(result.stopped, 'rounds');
    assert.ok(topology.some(({ time, change }) => time > 0 && change === 'remove'));
    assert.ok(lastParams({ samples }).flat().every(Number.isFinite));
  });
}

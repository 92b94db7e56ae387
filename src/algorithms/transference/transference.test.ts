/** Transference: who helps whom, what W becomes of it, what it costs, and what stays at home. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { leaks, record } from '../../../test/support/recording.js';
import { bodyLength } from '../../learning/body.js';
import { weightedSum } from '../../learning/vectors.js';
import { buildModel } from '../../models/index.js';
import { testAlgorithm } from '../../testing/algorithm.js';
import { lastParams, paramsProbe } from '../../testing/params-probe.js';
import { type PlanSketch, planOf } from '../../testing/plans.js';
import { runToEnd } from '../../testing/run.js';
import { blockMixing } from './clustering.js';
import { similarities } from './graph.js';
import { transference } from './transference.js';

const NODES = 4;
const EPOCH = 6;
const hidden = { hidden: [16, 16] };
const model = buildModel({
  use: 'mlp',
  options: { ...hidden, headLayers: 1, bias: true, kernelInit: 'uniform' },
  input: [10],
  classes: 2,
});
const BODY = bodyLength(model);

/** The Gaussian tasks, where nodes 0 and 3 help each other, and 1 and 2; small, with a high learning rate. */
const gaussian = (algorithm: object, changes: Partial<PlanSketch> = {}): PlanSketch => ({
  nodes: NODES,
  data: { use: 'gaussian-attributes', train: 2000, test: 200, publicRows: 400, split: 'attributes' },
  model: { use: 'mlp', ...hidden },
  topology: 'complete',
  algorithm: {
    use: 'transference',
    learningRate: 1e-3,
    batch: 32,
    epochBatches: EPOCH,
    window: 2,
    freezeOnConsensus: true,
    ...algorithm,
  },
  measure: { probes: [{ use: paramsProbe }, 'bytes'] },
  stop: { after: `${6 * EPOCH} rounds` },
  ...changes,
});

const WASM = { backend: 'wasm', workers: 0 } as const;
const run = (sketch: PlanSketch) => runToEnd(planOf(sketch), WASM);

/** The last weights that each node recorded, [to][from]; its own weight is the rest up to 1. */
async function lastMixing(sketch: PlanSketch): Promise<number[][]> {
  const { topology } = await run(sketch);
  const mixing = Array.from({ length: NODES }, () => new Array<number>(NODES).fill(1 / NODES));
  for (const { time, from, to, weight } of topology) if (time > 0) mixing[to]![from] = weight ?? 0;
  for (const [i, row] of mixing.entries())
    row[i] = 1 - row.reduce((sum, w, j) => (j === i ? sum : sum + w), 0);
  return mixing;
}

const PAIRS = [
  [0.5, 0, 0, 0.5],
  [0, 0.5, 0.5, 0],
  [0, 0.5, 0.5, 0],
  [0.5, 0, 0, 0.5],
];

test('by hand: Z_ij is the inner product of the gradients over the loss of j', () => {
  const z = similarities([Float32Array.of(1, 2), Float32Array.of(3, -4)], [0.5, 2]);
  assert.deepEqual(z, [Float64Array.of(10, -2.5), Float64Array.of(-10, 12.5)]);
});

test('Z is asymmetric only through the losses, and its diagonal is not negative', () => {
  const vector = fc.float32Array({ minLength: 3, maxLength: 3, noNaN: true, min: -9, max: 9 });
  const node = fc.tuple(vector, fc.double({ min: 0.1, max: 5, noNaN: true }));
  fc.assert(
    fc.property(fc.array(node, { minLength: 2, maxLength: 5 }), (nodes) => {
      const losses = nodes.map(([, loss]) => loss);
      const z = similarities(
        nodes.map(([gradient]) => gradient),
        losses,
      );
      for (const [i, row] of z.entries()) {
        assert.ok(row[i]! >= 0);
        for (const [j, value] of row.entries()) {
          assert.ok(Math.abs(value * losses[j]! - z[j]![i]! * losses[i]!) <= 1e-9 * (1 + Math.abs(value)));
        }
      }
    }),
    { seed: 4 },
  );
});

test('mixing by clusters keeps the mean of all nodes and of each cluster, and makes its members equal', () => {
  const labels = fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 2, maxLength: 6 });
  fc.assert(
    fc.property(
      labels,
      fc.infiniteStream(fc.float({ min: -10, max: 10, noNaN: true })),
      (clusters, numbers) => {
        const bodies = clusters.map(() =>
          Float32Array.from({ length: 3 }, () => numbers.next().value as number),
        );
        const mixing = blockMixing(clusters);
        const mixed = mixing.map((row) => weightedSum(bodies, [...row]));
        for (const cluster of new Set(clusters)) {
          const members = clusters.flatMap((label, i) => (label === cluster ? [i] : []));
          for (let k = 0; k < 3; k++) {
            const centre = members.reduce((sum, i) => sum + bodies[i]![k]!, 0) / members.length;
            for (const i of members) assert.ok(Math.abs(mixed[i]![k]! - centre) < 1e-5);
          }
        }
      },
    ),
    { seed: 5 },
  );
});

test('objectives that help each other form clusters, by inner products, by trial steps, and with Z averaged', async () => {
  assert.deepEqual(await lastMixing(gaussian({})), PAIRS);
  assert.deepEqual(await lastMixing(gaussian({ form: 'exact' })), PAIRS);
  assert.deepEqual(await lastMixing(gaussian({ average: 'Z' })), PAIRS);
});

test('nodes with the same objective stay in one cluster', async () => {
  const data = {
    use: 'blobs',
    features: 10,
    classes: 2,
    train: 400,
    test: 40,
    publicRows: 100,
    split: 'iid',
  };
  const uniform = Array.from({ length: NODES }, () => new Array<number>(NODES).fill(0.25));
  assert.deepEqual(await lastMixing(gaussian({}, { data })), uniform);
});

test('a coordinator gives the same params to the last bit', async () => {
  const [peers, star] = await Promise.all([run(gaussian({})), run(gaussian({ exchange: 'coordinator' }))]);
  assert.deepEqual(lastParams(star), lastParams(peers));
});

test('bytes are those of the formulas, all-to-all, with trial steps and with a coordinator', async () => {
  const transfer = 4 * BODY + 4;
  const others = NODES - 1;
  const expected = {
    'all-to-all': 2 * NODES * others * transfer,
    exact: 2 * NODES * others * (transfer + 4 * NODES),
    coordinator: 2 * others * transfer + others * 8 * NODES,
  };
  for (const [name, search] of Object.entries(expected)) {
    const { result } = await run(
      gaussian({
        ...(name === 'exact' && { form: 'exact' }),
        ...(name === 'coordinator' && { exchange: 'coordinator' }),
      }),
    );
    // W comes to stand at the beginning of the second epoch; from then on 4 of 12 messages an average are left.
    const averages = EPOCH * 2 * (NODES * others) + 5 * EPOCH * 2 * 4;
    const values = search + averages * 4 * BODY;
    assert.equal(result.traffic.parts.values, values, name);
  }
});

test('heads are in no message', async () => {
  const tapped = record(transference);
  const plan = planOf(gaussian({}));
  const finished = await runToEnd(
    { ...plan, algorithm: { ...plan.algorithm, entry: tapped.algorithm } },
    WASM,
  );
  assert.ok(tapped.bodies.length > 0);
  for (const params of lastParams(finished).map((values) => Float32Array.from(values))) {
    const head = params.subarray(BODY);
    assert.equal(head.length, 16 * 2 + 2);
    assert.ok(!leaks(tapped.bodies, head));
  }
  // The tap works: bodies of params that were sent are found.
  const { bodies } = tapped;
  const sent = new Float32Array(bodies.find(({ type }) => type === 'shared-1')!.bytes.slice().buffer);
  assert.equal(sent.length, BODY);
  assert.ok(leaks(bodies, sent));
});

test('after stopAt W does not change, and no clusters are found where heads start differently', async () => {
  const stopped = gaussian({ freezeOnConsensus: false, stopAt: 2 });
  const { topology } = await run(stopped);
  const changes = new Set(topology.filter(({ time }) => time > 0).map(({ time }) => time));
  assert.ok(changes.size >= 1 && changes.size <= NODES);
  assert.notDeepEqual(await lastMixing(gaussian({ sharedHeadInit: false, stopAt: 2 }, { seed: 3 })), PAIRS);
});

test('a run finishes although gradients, shared networks and nodes are missing at times', async () => {
  for (const algorithm of [{}, { form: 'exact' }, { exchange: 'coordinator' }]) {
    const network = {
      latency: { use: 'log-normal', median: '20ms', sigma: 1 },
      uplink: '10Mbps',
      downlink: '10Mbps',
      drop: '20%',
    };
    const faults = [{ use: 'random-node-down', nodes: [1, 2], up: '3s', down: '400ms', task: 'lose' }];
    const sketch = gaussian(
      { ...algorithm, deadline: '300ms' },
      { network, faults, stop: { after: `${3 * EPOCH} rounds` } },
    );
    const { result, samples } = await run(sketch);
    assert.equal(result.stopped, 'rounds');
    assert.ok(lastParams({ samples }).flat().every(Number.isFinite));
  }
});

for (const options of [{ form: 'exact' }, { exchange: 'coordinator', window: 1 }, { graph: 'complete' }]) {
  test(`transference keeps the laws of algorithms with ${JSON.stringify(options)}`, async () => {
    const report = await testAlgorithm(transference, { options });
    for (const [type, encoded] of Object.entries(report.encoded))
      assert.ok(encoded > 0, `no ${type} was sent`);
  });
}

test('with trial steps every node needs all gradients', () => {
  const options = transference.options.parse({ form: 'exact', exchange: 'coordinator' });
  assert.throws(
    () => transference.validate!({ options, nodes: 4, drops: false, faults: false }),
    /expected exchange: all-to-all/,
  );
});

test('without a graph every node trains alone: no messages, and the params of a node do not depend on the others', async () => {
  const run = await runToEnd(planOf(gaussian({ graph: 'none' })));
  assert.equal(run.result.traffic.messages.sent, 0);
  assert.ok(run.topology.every(({ time, weight = 0 }) => time > 0 || weight === 0 || weight === undefined));
});

test('with known clusters nodes average within them from the first round on, and no gradients travel', async () => {
  const { result, topology } = await run(gaussian({ graph: [1, 0, 0, 1] }));
  const pairs = topology.filter(({ weight }) => weight).map(({ from, to, weight }) => [from, to, weight]);
  assert.deepEqual(
    pairs.sort((a, b) => a[0]! - b[0]!),
    [
      [0, 3, 0.5],
      [1, 2, 0.5],
      [2, 1, 0.5],
      [3, 0, 0.5],
    ],
  );
  assert.equal(result.traffic.messages.sent, 6 * EPOCH * 2 * NODES);
  assert.equal(result.traffic.parts.values, 6 * EPOCH * 2 * NODES * 4 * BODY);
  await assert.rejects(run(gaussian({ graph: [0, 1] })), {
    code: 'not-for-all-nodes',
    message: /expected the cluster of each of 4 nodes, got 2 numbers/,
  });
});

test('headSteps steps of the head on one mini-batch come before those of the shared network', async () => {
  const [one, three] = await Promise.all(
    [1, 3].map((headSteps) => runToEnd(planOf(gaussian({ graph: 'none', headSteps })))),
  );
  const rounds = one!.result.rounds * 4;
  assert.equal(three!.result.work.steps - one!.result.work.steps, 2 * rounds);
});

/** Learning against theory: closed forms, rates, and what is known of the data. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Matrix, solve } from 'ml-matrix';
import { type DataSource, sources } from '../src/data/index.js';
import { Random, Streams } from '../src/random.js';
import type { Execution, Plan } from '../src/simulation/plan.js';
import { type PlanSketch, planOf } from '../src/testing/index.js';
import { lastParams, paramsByRound, paramsProbe } from '../src/testing/params-probe.js';
import { runToEnd } from '../src/testing/run.js';
import { buildTopology, mixingRows, spectralGap } from '../src/topology/index.js';
import type { MixingRule } from '../src/topology/mixing/index.js';

const CPU: Execution = { backend: 'cpu', workers: 0 };

const quadratic = sources.find(({ id }) => id === 'quadratic')!;

/** Objectives f_i(x) = a_i/2 ‖x − b_i‖² of a plan whose data are quadratics. */
async function objectivesOf({ data, nodes, seed }: Plan) {
  const random = new Streams(seed).stream('data/source');
  const { features, shape } = await data.source.entry.load(data.source.options, {
    random,
    nodes,
    directory: '.',
  });
  const width = shape[0]!;
  const rows = Array.from({ length: nodes }, (_, i) => [...features.subarray(i * width, (i + 1) * width)]);
  return { a: rows.map((row) => row[0]!), b: new Matrix(rows.map((row) => row.slice(1))) };
}

/** The mixing matrix of a plan whose topology draws nothing. */
function mixingOf({ topology, nodes }: Plan, rule: MixingRule) {
  const { entry, options } = topology!;
  const context = { nodes, random: new Random('unused'), allowDisconnected: false };
  const { neighbors } = buildTopology(entry, options, context);
  const rows = mixingRows(neighbors, rule);
  const matrix = Matrix.zeros(nodes, nodes);
  for (const [i, row] of rows.entries()) {
    matrix.set(i, i, row.self);
    for (const [k, j] of neighbors.in[i]!.entries()) matrix.set(i, j, row.neighbors[k]!);
  }
  return {
    matrix,
    gap: spectralGap(rows, neighbors),
    links: neighbors.out.flatMap((list) => [...list]).length,
  };
}

function assertNear(actual: number[][], expected: Matrix, tolerance: number): void {
  for (const [i, row] of actual.entries()) {
    for (const [k, value] of row.entries()) {
      const wanted = expected.get(i, k);
      assert.ok(Math.abs(value - wanted) <= tolerance, `x${k} of node ${i}: ${value}, expected ${wanted}`);
    }
  }
}

/**
 * S_i takes x to b_i + d_i (x − b_i) with d_i = (1 − η a_i)^steps. So, with D = diag(d), the fixed points are:
 * adapt-then-combine X = W (B + D (X − B)), or (I − W D) X = W (I − D) B;
 * combine-then-adapt X = W X + (D − I) (X − B), or (2I − W − D) X = (I − D) B.
 */
function fixedPoint(order: string, parts: { w: Matrix; d: Matrix; b: Matrix }): Matrix {
  const { w, d, b } = parts;
  const identity = Matrix.eye(b.rows);
  const pull = Matrix.sub(identity, d).mmul(b);
  return order === 'adapt-then-combine'
    ? solve(Matrix.sub(identity, w.mmul(d)), w.mmul(pull))
    : solve(Matrix.mul(identity, 2).sub(w).sub(d), pull);
}

for (const order of ['adapt-then-combine', 'combine-then-adapt']) {
  for (const localSteps of [1, 3]) {
    const steps = localSteps === 1 ? '1 step' : `${localSteps} steps`;
    test(`d-psgd on quadratics converges to its fixed point (${order}, ${steps} per round)`, async () => {
      const learningRate = 0.2;
      const plan = planOf({
        nodes: 7,
        data: { use: 'quadratic', dimension: 4, split: 'by-node' },
        model: { use: 'quadratic', initBound: 2, init: 'per-node' },
        topology: 'star',
        algorithm: { use: 'd-psgd', order, localSteps, batch: 1, learningRate },
        measure: { every: '1000000 rounds', probes: [{ use: paramsProbe }] },
        stop: { after: '250 rounds' },
      });
      const { a, b } = await objectivesOf(plan);
      const { matrix: w } = mixingOf(plan, 'metropolis-hastings');
      const d = Matrix.diag(a.map((curvature) => (1 - learningRate * curvature) ** localSteps));
      const run = await runToEnd(plan, CPU);
      assertNear(lastParams(run), fixedPoint(order, { w, d, b }), 2e-5);
    });
  }
}

/** Quadratics without curvature: every gradient is zero. */
const flat: DataSource = {
  ...quadratic,
  id: 'flat',
  async load(options, context) {
    const dataset = await quadratic.load(options, context);
    const width = dataset.shape[0]!;
    for (let row = 0; row < dataset.train + dataset.test; row++) dataset.features[row * width] = 0;
    return dataset;
  },
};

for (const topology of ['ring', 'complete', 'star']) {
  test(`without gradients mixing over the topology ${topology} keeps the mean, and disagreement shrinks at the spectral rate`, async () => {
    const plan = planOf({
      nodes: 9,
      data: { use: flat, dimension: 5, split: 'by-node' },
      model: { use: 'quadratic', initBound: 1, init: 'per-node' },
      topology,
      algorithm: { use: 'd-psgd', localSteps: 1, batch: 1 },
      measure: { probes: ['consensus-distance', { use: paramsProbe }] },
      stop: { after: '15 rounds' },
    });
    const run = await runToEnd(plan, CPU);
    const rate = 1 - mixingOf(plan, 'metropolis-hastings').gap;
    const distances = run.samples
      .filter(({ metric }) => metric === 'consensus-distance')
      .map(({ value }) => value);
    assert.equal(distances.length, 16);
    for (let round = 1; round < distances.length; round++) {
      const bound = rate * distances[round - 1]! * (1 + 1e-4) + 1e-6;
      assert.ok(distances[round]! <= bound, `round ${round}: ${distances[round]}, at most ${bound}`);
    }
    const rounds = [...paramsByRound(run).values()];
    const means = rounds.map((nodes) =>
      nodes[0]!.map((_, k) => nodes.reduce((sum, x) => sum + x[k]!, 0) / 9),
    );
    for (const mean of means) assertNear([mean], new Matrix([means[0]!]), 1e-6);
  });
}

test('d-psgd on a complete graph with equal shards is fedavg with full participation', async () => {
  const training = { localSteps: 3, batch: 16, learningRate: 0.1 };
  const sketch: PlanSketch = {
    nodes: 6,
    data: { use: 'blobs', features: 20, classes: 4, train: 240, test: 40 },
    model: { use: 'mlp', hidden: [8] },
    measure: { every: '1000000 rounds', probes: [{ use: paramsProbe }] },
    stop: { after: '8 rounds' },
  };
  const dPsgd = planOf({ ...sketch, topology: 'complete', algorithm: { use: 'd-psgd', ...training } });
  const fedavg = planOf({ ...sketch, algorithm: { use: 'fedavg', participation: 1, ...training } });
  const [nodes, [global]] = [lastParams(await runToEnd(dPsgd, CPU)), lastParams(await runToEnd(fedavg, CPU))];
  const start = lastParams(await runToEnd({ ...fedavg, stop: { ...fedavg.stop, after: 1 } }, CPU))[0]!;
  assert.ok(Math.max(...start.map((value, k) => Math.abs(value - global![k]!))) > 0.01, 'params have moved');
  for (const params of nodes) assertNear([params], new Matrix([global!]), 2e-6);
});

for (const [topology, mixing] of [
  ['ring', 'metropolis-hastings'],
  ['complete', 'metropolis-hastings'],
  ['exponential', 'uniform'],
] as const) {
  test(`d-psgd over ${topology} sends links × exactly (32 + 4·params) bytes per round`, async () => {
    const plan = planOf({
      nodes: 8,
      model: { use: 'mlp', hidden: [5] },
      topology,
      algorithm: { use: 'd-psgd', localSteps: 1, batch: 4, mixing },
      network: { latency: { use: 'uniform', from: '1ms', to: '50ms' } },
      stop: { after: '4 rounds' },
    });
    const { links } = mixingOf(plan, mixing);
    const params = 12 * 5 + 5 + 5 * 3 + 3;
    const { result } = await runToEnd(plan, CPU);
    const rows = [...result.trafficRows()];
    for (let round = 0; round < 4; round++) {
      const sent = rows.filter((row) => row.round === round).reduce((sum, row) => sum + row.sent_bytes, 0);
      assert.equal(sent, links * (32 + 4 * params), `round ${round}`);
    }
    assert.equal(result.traffic.bytes.delivered, 4 * links * (32 + 4 * params));
    assert.deepEqual(result.traffic.parts, {
      values: 4 * links * 4 * params,
      index: 0,
      header: 4 * links * 32,
      framing: 0,
    });
  });
}

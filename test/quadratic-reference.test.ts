/**
 * D-PSGD on sixteen quadratics against figures of another program: support/quadratic-draw.json has the rows (a, b_1 … b_10)
 * of numpy's default_rng(0), b ~ N(0, 9 I) first and then a ~ U(0.5, 1.5); the distances are those of the recursions in
 * float64 after 3,000 rounds, with a step size of 0.1 and full gradients.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Random } from '../src/random.js';
import { planOf } from '../src/testing/index.js';
import { lastParams, paramsProbe } from '../src/testing/params-probe.js';
import { runToEnd } from '../src/testing/run.js';
import { buildTopology, mixingRows, spectralGap } from '../src/topology/index.js';
import { givenQuadratics } from './support/given-quadratics.js';

const rows = JSON.parse(readFileSync(join('test', 'support', 'quadratic-draw.json'), 'utf8')) as number[][];
const NODES = rows.length;

/** The optimum of the sum: Σ a_i b_i / Σ a_i. */
const OPTIMUM = rows[0]!.slice(1).map((_, k) => {
  const weighted = rows.reduce((sum, [a, ...b]) => sum + a! * b[k]!, 0);
  return weighted / rows.reduce((sum, [a]) => sum + a!, 0);
});

function planWith(topology: string, options: object) {
  return planOf({
    nodes: NODES,
    data: givenQuadratics(rows),
    model: 'quadratic',
    topology,
    algorithm: { use: 'd-psgd', localSteps: 1, batch: 1, learningRate: 0.1, ...options },
    measure: { every: '1000000 rounds', at: 'mixed', probes: [{ use: paramsProbe }] },
    // The distance falls by 1/20 in each round at least.
    stop: { after: '300 rounds' },
  });
}

const known = new Map<string, Promise<number>>();

/** √(mean over nodes of ‖x_i − x*‖²) at the end; each run is run once. */
function distance(topology: string, options: object = {}): Promise<number> {
  const key = JSON.stringify([topology, options]);
  const found = known.get(key) ?? measured(topology, options);
  known.set(key, found);
  return found;
}

async function measured(topology: string, options: object): Promise<number> {
  const run = await runToEnd(planWith(topology, options), { backend: 'cpu', workers: 0 });
  const squares = lastParams(run).flatMap((x) => x.map((value, k) => (value - OPTIMUM[k]!) ** 2));
  return Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / NODES);
}

const CTA = { order: 'combine-then-adapt' };
const MOMENTUM = { localSteps: 2, optimizer: { use: 'sgd', momentum: 0.5 } };
const REFERENCES: [name: string, topology: string, options: object, expected: number][] = [
  ['adapt-then-combine on a ring', 'ring', {}, 2.2335],
  ['combine-then-adapt on a ring', 'ring', CTA, 2.4952],
  ['adapt-then-combine on a complete graph', 'complete', {}, 0],
  ['combine-then-adapt on a complete graph', 'complete', CTA, 0.934],
  ['two steps with momentum that is kept', 'ring', MOMENTUM, 3.429],
  [
    'two steps with momentum anew in each round (DFedAvgM)',
    'ring',
    { ...MOMENTUM, restartOptimizer: true },
    3.0393,
  ],
];

for (const [name, topology, options, expected] of REFERENCES) {
  test(`the distance to the optimum is that of the reference: ${name}`, async () => {
    const got = await distance(topology, options);
    assert.ok(Math.abs(got - expected) < 2e-4, `expected ${expected}, got ${got}`);
  });
}

test('the smaller the spectral gap, the farther from the optimum', async () => {
  const gapOf = (topology: string) => {
    const { entry, options } = planWith(topology, {}).topology!;
    const { neighbors } = buildTopology(entry, options, {
      nodes: NODES,
      random: new Random('unused'),
      allowDisconnected: false,
    });
    return spectralGap(mixingRows(neighbors, 'metropolis-hastings'), neighbors);
  };
  const topologies = ['ring', 'exponential', 'complete'];
  const gaps = topologies.map(gapOf);
  const distances = await Promise.all(topologies.map((topology) => distance(topology)));
  for (let k = 1; k < topologies.length; k++) {
    assert.ok(gaps[k]! > gaps[k - 1]!, `${gaps}`);
    assert.ok(distances[k]! < distances[k - 1]!, `${distances}`);
  }
});

/** Where full gradient steps of clients end at a server that averages them plainly: Σ w_i b_i / Σ w_i. */
function endOf(weights: readonly number[]): number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return OPTIMUM.map((_, k) => rows.reduce((sum, row, i) => sum + weights[i]! * row[k + 1]!, 0) / total);
}

/** The server's params, the same on all nodes, at the end of a run of some rounds with five local steps of 0.1. */
async function federatedEnd(algorithm: object): Promise<number[]> {
  const plan = planOf({
    nodes: NODES,
    data: givenQuadratics(rows),
    model: 'quadratic',
    algorithm: { use: 'fedavg', localSteps: 5, batch: 1, learningRate: 0.1, ...algorithm },
    measure: { every: '1000000 rounds', at: 'mixed', probes: [{ use: paramsProbe }] },
    stop: { after: '250 rounds' },
  });
  return lastParams(await runToEnd(plan, { backend: 'cpu', workers: 0 }))[0]!;
}

/** w_i of FedProx: K steps on f_i with a pull of μ take a client (1 − (1 − η(a_i + μ))^K) a_i / (a_i + μ) of the way to b_i. */
const pulled = (mu: number) => rows.map(([a]) => ((1 - (1 - 0.1 * (a! + mu)) ** 5) * a!) / (a! + mu));

/** w_i of Per-FedAvg: a step goes down f_i(x − α∇f_i(x)) = a_i (1 − αa_i)²/2 ‖x − b_i‖², or takes the Hessian for 0. */
const meta = (power: number) => rows.map(([a]) => 1 - (1 - 0.1 * a! * (1 - 0.3 * a!) ** power) ** 5);
const META = { use: 'per-fedavg', innerLearningRate: 0.3 };

const SERVERS: [name: string, algorithm: object, weights: readonly number[]][] = [
  ['fedavg with five local steps, which is not the optimum', { use: 'fedavg' }, pulled(0)],
  ['fedprox with μ = 0.5', { use: 'fedprox', mu: 0.5 }, pulled(0.5)],
  ['fedprox with μ = 3', { use: 'fedprox', mu: 3 }, pulled(3)],
  ['scaffold, which is the optimum', { use: 'scaffold' }, rows.map(([a]) => a!)],
  [
    'scaffold with gradients as control variates',
    { use: 'scaffold', control: 'gradient' },
    rows.map(([a]) => a!),
  ],
  ['per-fedavg with products of the Hessian', META, meta(2)],
  ['per-fedavg of first order', { ...META, variant: 'first-order' }, meta(1)],
  ['multi-center with one center', { use: 'multi-center', centers: 1 }, pulled(0)],
  ['ifca with one model', { use: 'ifca', clusters: 1 }, pulled(0)],
];

for (const [name, algorithm, weights] of SERVERS) {
  test(`a server ends at the fixed point in closed form: ${name}`, async () => {
    const [got, expected] = [await federatedEnd(algorithm), endOf(weights)];
    for (const [k, value] of got.entries())
      assert.ok(Math.abs(value - expected[k]!) < 1e-4, `[${k}]: expected ${expected[k]}, got ${value}`);
  });
}

test('the ends of fedavg and fedprox differ from the optimum by more than tests tell apart', () => {
  for (const weights of [pulled(0), pulled(0.5), pulled(3)]) {
    const gaps = endOf(weights).map((value, k) => Math.abs(value - OPTIMUM[k]!));
    assert.ok(Math.max(...gaps) > 0.02, `${gaps}`);
  }
});

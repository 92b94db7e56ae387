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

/**
 * Where methods end on the sixteen quadratics of support/quadratic-draw.json: √(mean over nodes of ‖x_i − x*‖²), with a step size of
 * 0.1 and full gradients, and the table of docs/studies.md, which has these figures.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Matrix, solve } from 'ml-matrix';
import { byNumber } from '../src/numbers.js';
import {
  circulant,
  distanceToOptimum,
  paramsAfter,
  plus,
  ROWS,
  ringWeights,
} from './support/quadratic-recursions.js';

const IDENTITY = Matrix.eye(ROWS.length);

/** x = W(x − ηA(x − b)): where rounds of a full gradient step and an average by W end. */
function fixedPoint(weights: Matrix, eta = 0.1): Matrix {
  const step = Matrix.diag(ROWS.map(([a]) => eta * a!));
  const targets = new Matrix(ROWS.map(([, ...b]) => b));
  const shrunk = weights.mmul(Matrix.sub(IDENTITY, step));
  return solve(Matrix.sub(IDENTITY, shrunk), weights.mmul(step).mmul(targets));
}

const RING = ringWeights(ROWS.length);
/** I + γ(W − I). */
const slowed = (gamma: number) => plus(IDENTITY, Matrix.sub(RING, IDENTITY), gamma);
const DIRECTED = circulant(ROWS.length, [0, -1], 1 / 2);

type Case = [
  name: string,
  algorithm: { use: string; [option: string]: unknown },
  closed: Matrix,
  topology?: string,
];

const CASES: Case[] = [
  ['`d-psgd`', { use: 'd-psgd' }, fixedPoint(RING)],
  ['`qg-dsgdm`', { use: 'qg-dsgdm' }, fixedPoint(RING)],
  ['`gut`, μ = 0.9', { use: 'gut' }, fixedPoint(RING, 0.1 * (1 - 0.9))],
  ['`choco-sgd`, top 10 %, γ = 0.3', { use: 'choco-sgd' }, fixedPoint(slowed(0.3))],
  [
    '`choco-sgd`, QSGD of 4 bits, γ = 0.6',
    { use: 'choco-sgd', codec: 'qsgd', consensusStep: 0.6 },
    fixedPoint(slowed(0.6)),
  ],
  ['`sgp`, directed ring', { use: 'sgp' }, fixedPoint(DIRECTED), 'directed-ring'],
];

const PAGE = readFileSync(join('docs', 'studies.md'), 'utf8');

function requireRow(name: string, distance: number): void {
  const row = `| ${name} | ${distance.toFixed(2)} |`;
  assert.ok(PAGE.includes(row), `docs/studies.md has no row ${row}`);
}

for (const [name, algorithm, closed, topology] of CASES) {
  test(`${name} ends at its closed form`, async () => {
    const expected = distanceToOptimum(closed);
    const got = distanceToOptimum(await paramsAfter(1500, algorithm, topology ? { topology } : {}));
    assert.ok(Math.abs(got - expected) < 1e-3, `expected ${expected}, got ${got}`);
    requireRow(name, got);
  });
}

test('gradient tracking ends at the optimum, DFedAvgM farther from it than D-PSGD, CGA nearer', async () => {
  const distance = async (use: string, options: object = {}) =>
    distanceToOptimum(await paramsAfter(1500, { use, ...options }));
  const tracked = await distance('gradient-tracking');
  assert.ok(tracked < 1e-3, `${tracked}`);
  requireRow('`gradient-tracking`', tracked);
  const averaged = await distance('d-fedavgm', { localSteps: 2, momentum: 0.5 });
  assert.ok(Math.abs(averaged - 3.0393) < 2e-4, `${averaged}`);
  requireRow('`d-fedavgm`, 2 steps, θ = 0.5', averaged);
  const crossed = await distance('cga', { momentum: 0 });
  assert.ok(crossed < 2.2335, `${crossed}`);
  requireRow('`cga`, no momentum', crossed);
});

/** Everybody averages with everybody else. */
const EVERYBODY = Matrix.ones(ROWS.length, ROWS.length).div(ROWS.length);

test('epidemic learning ends at the optimum where all send to all, and nearer to it than D-PSGD for as many bytes', async () => {
  const everybody = await paramsAfter(400, { use: 'epidemic', receivers: ROWS.length - 1 });
  assert.ok(distanceToOptimum(fixedPoint(EVERYBODY)) < 1e-9);
  assert.ok(distanceToOptimum(everybody) < 1e-4);
  // Each node of a ring sends to two, too.
  const two = distanceToOptimum(await paramsAfter(400, { use: 'epidemic', draw: 'oracle', receivers: 2 }));
  assert.ok(two > 0.1 && two < distanceToOptimum(fixedPoint(RING)) / 2, `${two}`);
  requireRow('`epidemic`, EL-Oracle to 2', two);
});

test('moniqua ends where D-PSGD does, up to what its rounding can add', async () => {
  const [bits, bound] = [16, 16];
  const got = await paramsAfter(400, { use: 'moniqua', bits, bound });
  // A round adds at most 2/3 · 2δB to a param, and takes η · min a at least of what has been added before.
  const delta = 2 ** -(bits + 1);
  const added = ((4 / 3) * delta * 2 * bound) / (1 - 2 * delta);
  const most = added / (0.1 * Math.min(...ROWS.map(([a]) => a!)));
  const off = Matrix.abs(Matrix.sub(got, fixedPoint(RING))).max();
  assert.ok(off <= most && most < 0.01, `${off} off, expected at most ${most}`);
  requireRow('`moniqua`, 16 bits', distanceToOptimum(got));
});

/** Trainings that take far longer than messages, so that what a node sends after one has arrived before the next one ends. */
const SLOW = {
  network: { latency: { use: 'constant', value: '1ms' }, uplink: '1Gbps', downlink: '1Gbps' },
  compute: { use: 'constant', speed: '2000FLOPS' },
};

/**
 * The mean of what a node has merged by the end of a training: each neighbour has sent with a probability of 1/2, and of two
 * models that arrive, the lower node's first, the first counts 1/4 and the second 1/2.
 */
function meanMerge(): Matrix {
  const n = ROWS.length;
  const weights = Matrix.eye(n).mul(9 / 16);
  for (let i = 0; i < n; i++) {
    const [first, second] = [(i + 1) % n, (i + n - 1) % n].sort(byNumber);
    weights.set(i, first!, 3 / 16);
    weights.set(i, second!, 1 / 4);
  }
  return weights;
}

test('gossip ends, in the mean over seeds, at the closed form of its mean merge', async () => {
  const seeds = Array.from({ length: 16 }, (_, k) => k + 1);
  let sum = Matrix.zeros(ROWS.length, ROWS[0]!.length - 1);
  let squares = 0;
  for (const seed of seeds) {
    const params = await paramsAfter(120, { use: 'gossip' }, { ...SLOW, seed });
    sum = plus(sum, params);
    squares += distanceToOptimum(params) ** 2;
  }
  const mean = sum.div(seeds.length);
  const step = Matrix.diag(ROWS.map(([a]) => 0.1 * a!));
  const targets = new Matrix(ROWS.map(([, ...b]) => b));
  const closed = solve(plus(Matrix.sub(IDENTITY, meanMerge()), step), step.mmul(targets));
  const off = Matrix.sub(mean, closed).norm() / Math.sqrt(ROWS.length);
  assert.ok(off < 0.12 * distanceToOptimum(closed), `${off}`);
  assert.ok(Math.abs(distanceToOptimum(mean) - distanceToOptimum(closed)) < 0.1);
  requireRow('`gossip`, mean of 16 seeds', Math.sqrt(squares / seeds.length));
});

test('AD-PSGD ends farther from the optimum than D-PSGD, which averages with both neighbours, and far nearer than each alone', async () => {
  const alone = distanceToOptimum(new Matrix(ROWS.map(([, ...b]) => b)));
  const got = distanceToOptimum(await paramsAfter(300, { use: 'ad-psgd' }, SLOW));
  assert.ok(got > distanceToOptimum(fixedPoint(RING)) && got < alone / 2, `${got}, alone ${alone}`);
  requireRow('`ad-psgd`', got);
});

/**
 * Where methods end on the sixteen quadratics of support/quadratic-draw.json: √(mean over nodes of ‖x_i − x*‖²), with a step size of
 * 0.1 and full gradients, and the table of docs/studies.md, which has these figures.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Matrix, solve } from 'ml-matrix';
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

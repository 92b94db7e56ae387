/**
 * The other side of tests on quadratics a_i/2 ‖x − b_i‖²: recursions over all nodes at once, as papers write them, in float64 matrices
 * with a row for each node.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Matrix } from 'ml-matrix';
import { z } from 'zod';
import type { PlanSketch } from '../../src/testing/index.js';
import { lastParams } from '../../src/testing/params-probe.js';
import { undirectedGraph } from '../../src/topology/edges.js';
import { runOnQuadratics } from './quadratic-runs.js';

/** (a, b_1 … b_10) of sixteen nodes, of another program. */
export const ROWS = JSON.parse(
  readFileSync(join('test', 'support', 'quadratic-draw.json'), 'utf8'),
) as number[][];

/** Gradients of all nodes, each at its own row of X. */
export function gradientsAt(x: Matrix, rows = ROWS): Matrix {
  return new Matrix(rows.map(([a, ...b], i) => b.map((target, k) => a! * (x.get(i, k) - target))));
}

/** Metropolis–Hastings weights of a ring. */
export function ringWeights(nodes: number): Matrix {
  return circulant(nodes, [0, 1, -1], 1 / 3);
}

/** The links of an undirected graph on sixteen nodes, whose degrees are 1 to 6, drawn once. */
const IRREGULAR: readonly (readonly [number, number])[] = [
  ...([
    [0, 1],
    [0, 2],
    [0, 5],
    [0, 9],
    [0, 11],
    [0, 14],
    [1, 3],
    [1, 8],
    [2, 4],
    [3, 6],
    [4, 7],
  ] as const),
  ...([
    [5, 10],
    [6, 12],
    [7, 13],
    [8, 15],
    [9, 13],
    [10, 12],
    [3, 11],
    [4, 14],
    [8, 9],
  ] as const),
];

const STAR = Array.from({ length: 15 }, (_, leaf) => [0, leaf + 1] as const);

/** W_ij = 1 / (1 + the larger degree of i and j), as a matrix. */
function metropolisHastings(nodes: number, links: readonly (readonly [number, number])[]): Matrix {
  const degree = (node: number) => links.filter((link) => link.includes(node)).length;
  const weights = Matrix.eye(nodes);
  for (const [a, b] of links) {
    const weight = 1 / (1 + Math.max(degree(a), degree(b)));
    for (const [i, j] of [
      [a, b],
      [b, a],
    ] as const) {
      weights.set(i, j, weight);
      weights.set(i, i, weights.get(i, i) - weight);
    }
  }
  return weights;
}

const drawn = {
  id: 'irregular',
  description: 'sixteen nodes of degrees 1 to 6',
  options: z.strictObject({}),
  build: () => undirectedGraph(16, IRREGULAR),
};

/** Topologies of sixteen nodes with their mixing weights: all nodes alike, one unlike all others, and all unlike. */
export const GRAPHS = [
  { graph: 'a ring', topology: 'ring', weights: ringWeights(16) },
  { graph: 'a star', topology: 'star', weights: metropolisHastings(16, STAR) },
  { graph: 'an irregular graph', topology: { use: drawn }, weights: metropolisHastings(16, IRREGULAR) },
] as const;

/** Weights of which each row has `weight` at these offsets from the diagonal. */
export function circulant(nodes: number, offsets: readonly number[], weight: number): Matrix {
  const weights = Matrix.zeros(nodes, nodes);
  for (let i = 0; i < nodes; i++) for (const o of offsets) weights.set(i, (i + o + nodes) % nodes, weight);
  return weights;
}

export const plus = (a: Matrix, b: Matrix, factor = 1) => Matrix.add(a, Matrix.mul(b, factor));

/** Params of all nodes at 0. */
export const start = (rows = ROWS) => Matrix.zeros(rows.length, rows[0]!.length - 1);

/** √(mean over nodes of ‖x_i − x*‖²), where x* is the optimum of the sum: Σ a_i b_i / Σ a_i. */
export function distanceToOptimum(x: Matrix, rows = ROWS): number {
  const total = rows.reduce((sum, [a]) => sum + a!, 0);
  const optimum = rows[0]!
    .slice(1)
    .map((_, k) => rows.reduce((sum, row) => sum + row[0]! * row[k + 1]!, 0) / total);
  let squares = 0;
  for (let i = 0; i < x.rows; i++) for (const [k, o] of optimum.entries()) squares += (x.get(i, k) - o) ** 2;
  return Math.sqrt(squares / x.rows);
}

/** Params at the end of a run on {@link ROWS}: a ring unless `more` says otherwise, a step size of 0.1. */
export async function paramsAfter(
  rounds: number,
  algorithm: { readonly use: string; readonly [option: string]: unknown },
  more: Omit<PlanSketch, 'data' | 'algorithm'> = {},
): Promise<Matrix> {
  const run = await runOnQuadratics({
    rows: ROWS,
    ...more,
    algorithm: { learningRate: 0.1, ...algorithm },
    stop: { after: `${rounds} rounds` },
  });
  return new Matrix(lastParams(run));
}

/** Throws unless all params agree up to `tolerance`, relative to the largest. */
export function assertSame(got: Matrix, expected: Matrix, tolerance = 2e-6): void {
  const largest = Matrix.abs(expected).max();
  const difference = Matrix.abs(Matrix.sub(got, expected)).max();
  if (!(difference <= tolerance * largest))
    throw new Error(`params differ by ${difference}, the largest is ${largest}`);
}

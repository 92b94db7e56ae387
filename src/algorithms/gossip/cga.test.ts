import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Matrix } from 'ml-matrix';
import { givenTargets } from '../../../test/support/given-rows.js';
import {
  assertSame,
  gradientsAt,
  paramsAfter,
  plus,
  ROWS,
  ringWeights,
  start,
} from '../../../test/support/quadratic-recursions.js';
import { assertNear, runOnQuadratics } from '../../../test/support/quadratic-runs.js';
import { dot } from '../../learning/vectors.js';
import { lastParams, paramsByRound, paramsProbe } from '../../testing/params-probe.js';
import { planOf } from '../../testing/plans.js';
import { runToEnd } from '../../testing/run.js';
import { projected } from './cga.js';
import { minimizeAbove } from './projection.js';

/** The minimum over u ≥ margin of ½uᵀPu + qᵀu for two unknowns: each is free or at the margin, and the best of these that is allowed. */
function bestOfTwo(p: number[][], q: number[], margin: number): number[] {
  const value = ([a, b]: number[]) =>
    0.5 * (p[0]![0]! * a! * a! + 2 * p[0]![1]! * a! * b! + p[1]![1]! * b! * b!) + q[0]! * a! + q[1]! * b!;
  const free = (i: number, other: number) => (-q[i]! - p[i]![1 - i]! * other) / p[i]![i]!;
  const determinant = p[0]![0]! * p[1]![1]! - p[0]![1]! * p[1]![0]!;
  const both = [
    (-q[0]! * p[1]![1]! + q[1]! * p[0]![1]!) / determinant,
    (-q[1]! * p[0]![0]! + q[0]! * p[1]![0]!) / determinant,
  ];
  const candidates = [both, [margin, free(1, margin)], [free(0, margin), margin], [margin, margin]];
  const allowed = candidates.filter((u) => u.every((one) => Number.isFinite(one) && one >= margin));
  return allowed.sort((a, b) => value(a) - value(b))[0]!;
}

test('rounds are those of the paper: models, cross-gradients, the programme, momentum', async () => {
  const weights = ringWeights(16);
  let x = start();
  let momentum = start();
  for (let round = 0; round < 4; round++) {
    const directions = x.to2DArray().map((own, i) => {
      // Gradients of node j at the params of node i.
      const at = (j: number) =>
        gradientsAt(new Matrix(ROWS.map(() => own)))
          .getRow((j + 16) % 16)
          .map((g) => g / 3);
      const [g, a, b] = [at(i), at(i - 1), at(i + 1)];
      const times = (u: number[], v: number[]) => u.reduce((sum, one, k) => sum + one * v[k]!, 0);
      const u = bestOfTwo(
        [
          [times(a, a), times(a, b)],
          [times(b, a), times(b, b)],
        ],
        [times(a, g), times(b, g)],
        0.2,
      );
      return g.map((one, k) => one + u[0]! * a[k]! + u[1]! * b[k]!);
    });
    momentum = plus(new Matrix(directions), momentum, 0.5);
    x = plus(weights.mmul(x), momentum, -0.1);
  }
  assertSame(await paramsAfter(4, { use: 'cga', margin: 0.2, momentum: 0.5 }), x, 1e-5);
});

test('with several arrays of params each has its own programme, or the model has one', async () => {
  // ŷ = wᵀBᵀx; params B [2 × 2], row after row, then w [2].
  const rows = [
    [1, 2, 3],
    [-1, 1, 0.5],
    [2, -1, -1],
  ];
  const gradientAt = ([a, b, c, d, v, w]: number[], [x1, x2, y]: number[]) => {
    const [h1, h2] = [a! * x1! + c! * x2!, b! * x1! + d! * x2!];
    const error = v! * h1 + w! * h2 - y!;
    return [v! * x1!, w! * x1!, v! * x2!, w! * x2!, h1, h2].map((factor) => error * factor);
  };
  const dotOf = (u: number[], v: number[]) => u.reduce((sum, one, k) => sum + one * v[k]!, 0);
  for (const scope of ['array', 'model']) {
    const run = await runToEnd(
      planOf({
        nodes: 3,
        data: givenTargets(rows),
        model: { use: 'linear-representation', rank: 2, init: 'per-node' },
        algorithm: { use: 'cga', scope, batch: 1, learningRate: 0.1, momentum: 0.5, margin: 0.2 },
        topology: 'complete',
        measure: { at: 'mixed', probes: [{ use: paramsProbe }] },
        stop: { after: '3 rounds' },
      }),
    );
    let x = paramsByRound(run).get(0)!;
    let momentum = x.map((own) => own.map(() => 0));
    for (let round = 0; round < 3; round++) {
      momentum = x.map((own, i) => {
        const [g, a, b] = [0, 1, 2].map((k) => gradientAt(own, rows[(i + k) % 3]!).map((one) => one / 3));
        const parts =
          scope === 'model'
            ? [[0, 6]]
            : [
                [0, 4],
                [4, 6],
              ];
        const direction = parts.flatMap(([from, to]) => {
          const [ownPart, ap, bp] = [g!, a!, b!].map((vector) => vector.slice(from, to));
          const cross = dotOf(ap!, bp!);
          const u = bestOfTwo(
            [
              [dotOf(ap!, ap!), cross],
              [cross, dotOf(bp!, bp!)],
            ],
            [dotOf(ap!, ownPart!), dotOf(bp!, ownPart!)],
            0.2,
          );
          return ownPart!.map((one, k) => one + u[0]! * ap![k]! + u[1]! * bp![k]!);
        });
        return direction.map((one, k) => one + 0.5 * momentum[i]![k]!);
      });
      const mean = x[0]!.map((_, k) => (x[0]![k]! + x[1]![k]! + x[2]![k]!) / 3);
      x = momentum.map((own) => mean.map((one, k) => one - 0.1 * own[k]!));
    }
    assertNear(lastParams(run), x);
  }
});

test('links in one direction are refused, since nodes answer', async () => {
  for (const use of ['cga', 'ad-psgd']) {
    const plan = planOf({
      topology: 'directed-ring',
      algorithm: use === 'cga' ? { use, mixing: 'uniform' } : use,
    });
    await assert.rejects(runToEnd(plan), { code: 'asymmetric-topology', path: 'topology' });
  }
});

const vector = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 6, maxLength: 6 });

test('with a margin of 0 the direction goes against no cross-gradient, and is the own gradient where that goes against none', () => {
  fc.assert(
    fc.property(vector, fc.array(vector, { minLength: 1, maxLength: 4 }), (own, others) => {
      const g = Float32Array.from(own);
      const rows = others.map((row) => Float32Array.from(row));
      const direction = projected(g, rows, 0);
      for (const row of rows) assert.ok(dot(direction, row) > -1e-4);
      const conflicts = rows.some((row) => dot(row, g) < 0);
      // 0 and −0 are the same.
      if (!conflicts) assert.ok(direction.every((one, k) => one === g[k]));
    }),
    { seed: 1 },
  );
});

test('the programme keeps the conditions of Karush, Kuhn and Tucker', () => {
  const squares = fc.array(vector, { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(squares, vector, fc.double({ min: 0, max: 1, noNaN: true }), (rows, q, margin) => {
      const product = (a: number[], b: number[]) => a.reduce((sum, one, k) => sum + one * b[k]!, 0);
      const p = rows.map((a, i) => rows.map((b, j) => product(a, b) + (i === j ? 0.1 : 0)));
      const slope = q.slice(0, rows.length);
      const u = minimizeAbove(p, slope, margin);
      for (const [i, own] of u.entries()) {
        const gradient = product(p[i]!, u) + slope[i]!;
        assert.ok(own >= margin);
        assert.ok(own > margin ? Math.abs(gradient) < 1e-6 : gradient > -1e-6, `${gradient}`);
      }
    }),
    { seed: 1 },
  );
});

test('a round costs 8·d for each link, in two messages', async () => {
  const run = await runOnQuadratics({ rows: ROWS, algorithm: { use: 'cga' }, stop: { after: '2 rounds' } });
  assert.equal(run.result.traffic.bytes.sent, 2 * 16 * 2 * 2 * (32 + 4 * 10));
});

/** What W becomes of evaluations, whatever these say. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Random } from '../../random.js';
import { spectralClusters } from './clustering.js';
import { addEvaluation, closeWindow, startWindow, type WindowSettings } from './mixing-window.js';

const matrix = (rows: readonly (readonly number[])[]) => rows.map((row) => Float64Array.from(row));
const settings = (change: Partial<WindowSettings> = {}): WindowSettings => ({
  threshold: 0.05,
  adjacency: 'sign',
  average: 'V',
  freezeOnConsensus: false,
  ...change,
});
const random = () => new Random('window');

/** W after a window with these evaluations. */
function mixingOf(evaluations: readonly Float64Array[][], chosen: WindowSettings, nodes: number) {
  const window = startWindow(nodes, 'dynamic');
  for (const evaluation of evaluations) addEvaluation(window, evaluation, chosen, random());
  closeWindow(window, chosen, random());
  return window.mixing;
}

test('W is symmetric, non-negative and doubly stochastic, for any similarities and either average', () => {
  const value = fc.oneof(
    { weight: 8, arbitrary: fc.double({ min: -1, max: 1, noNaN: true }) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0),
    },
  );
  const evaluations = fc.integer({ min: 2, max: 6 }).chain((nodes) => {
    const row = fc.array(value, { minLength: nodes, maxLength: nodes });
    const evaluation = fc.array(row, { minLength: nodes, maxLength: nodes }).map(matrix);
    return fc.array(evaluation, { minLength: 1, maxLength: 4 });
  });
  const chosen = fc.record({
    average: fc.constantFrom('V' as const, 'Z' as const),
    adjacency: fc.constantFrom('sign' as const, 'normalized' as const),
  });
  fc.assert(
    fc.property(evaluations, chosen, (list, change) => {
      const mixing = mixingOf(list, settings(change), list[0]!.length);
      for (const [i, row] of mixing.entries()) {
        assert.ok(Math.abs(row.reduce((sum, weight) => sum + weight, 0) - 1) < 1e-12);
        for (const [j, weight] of row.entries()) {
          assert.ok(weight >= 0);
          assert.equal(weight, mixing[j]![i]);
        }
      }
    }),
    { seed: 6, numRuns: 200 },
  );
});

test('clusters do not depend on the order of the nodes', () => {
  const labels = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 2, maxLength: 8 });
  fc.assert(
    fc.property(labels, fc.integer({ min: 0, max: 1000 }), (planted, seed) => {
      const noise = new Random(`noise ${seed}`);
      const z = planted.map((a) => planted.map((b) => (a === b ? 1 : -1) + 0.9 * (noise.uniform() - 0.5)));
      const order = Array.from(noise.shuffle(Uint32Array.from(planted, (_, i) => i)));
      const reordered = order.map((i) => order.map((j) => z[i]![j]!));
      for (const adjacency of ['sign', 'normalized'] as const) {
        const before = spectralClusters(matrix(z), settings({ adjacency }), random())!;
        const after = spectralClusters(matrix(reordered), settings({ adjacency }), random())!;
        for (const [a, i] of order.entries()) {
          for (const [b, j] of order.entries()) {
            assert.equal(after[a] === after[b], before[i] === before[j]);
            assert.equal(before[i] === before[j], planted[i] === planted[j]);
          }
        }
      }
    }),
    { seed: 7, numRuns: 60 },
  );
});

test('by cosines two nodes that help only each other, and only a little, are a cluster', () => {
  const z = matrix([
    [1, 0.3, -0.2],
    [0.3, 1, -0.2],
    [-0.2, -0.2, 1],
  ]);
  assert.deepEqual(spectralClusters(z, settings({ adjacency: 'normalized' }), random()), [0, 0, 1]);
});

test('a window without evaluations keeps W and returns false', () => {
  for (const average of ['V', 'Z'] as const) {
    const window = startWindow(2, 'dynamic');
    addEvaluation(
      window,
      matrix([
        [1, -1],
        [-1, 1],
      ]),
      settings({ average }),
      random(),
    );
    assert.ok(closeWindow(window, settings({ average }), random()));
    const kept = window.mixing;
    assert.deepEqual(
      kept,
      matrix([
        [1, 0],
        [0, 1],
      ]),
    );
    assert.equal(closeWindow(window, settings({ average }), random()), false);
    addEvaluation(
      window,
      matrix([
        [1, 0],
        [0, 1],
      ]),
      settings({ average }),
      random(),
    );
    assert.equal(closeWindow(window, settings({ average }), random()), false);
    assert.equal(window.mixing, kept);
  }
});

test('a number that is not finite in one evaluation does not spoil the other evaluations of a Z window', () => {
  const together = matrix([
    [1, 1, -1],
    [1, 1, -1],
    [-1, -1, 1],
  ]);
  const holed = together.map((row) => Float64Array.from(row));
  holed[0]![1] = Number.NaN;
  const pair = [
    [0.5, 0.5, 0],
    [0.5, 0.5, 0],
    [0, 0, 1],
  ];
  assert.deepEqual(mixingOf([together, holed], settings({ average: 'Z' }), 3), matrix(pair));
});

test('W of one cluster is not kept, and W of several clusters is, even of single nodes', () => {
  const chosen = settings({ freezeOnConsensus: true });
  for (const [sign, frozen] of [
    [1, false],
    [-1, true],
  ] as const) {
    const window = startWindow(3, 'dynamic');
    const z = matrix(Array.from({ length: 3 }, (_, i) => [0, 1, 2].map((j) => (i === j ? 1 : sign))));
    addEvaluation(window, z, chosen, random());
    assert.ok(closeWindow(window, chosen, random()));
    assert.equal(window.frozen, frozen);
  }
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Random } from '../../random.js';
import { bestOfRestarts, blockMixing, type ClusterSettings, spectralClusters } from './clustering.js';
import { addEvaluation, closeWindow, startWindow } from './mixing-window.js';

const sign: ClusterSettings = { threshold: 0.05, adjacency: 'sign' };
const cluster = (z: number[][], settings = sign) =>
  spectralClusters(
    z.map((row) => Float64Array.from(row)),
    settings,
    new Random('test'),
  );

const matrix = fc.integer({ min: 2, max: 7 }).chain((n) =>
  fc.array(fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: n, maxLength: n }), {
    minLength: n,
    maxLength: n,
  }),
);

test('block mixing is symmetric, doubly stochastic and a projector whose trace counts the clusters', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 9 }), (labels) => {
      const w = blockMixing(labels);
      const clusters = new Set(labels).size;
      let trace = 0;
      for (const [i, row] of w.entries()) {
        trace += row[i]!;
        assert.ok(Math.abs(row.reduce((a, b) => a + b, 0) - 1) < 1e-12);
        for (const [j, value] of row.entries()) {
          assert.equal(value, w[j]![i]);
          const square = w.reduce((sum, _, k) => sum + row[k]! * w[k]![j]!, 0);
          assert.ok(Math.abs(square - value) < 1e-12);
        }
      }
      assert.ok(Math.abs(trace - clusters) < 1e-9);
    }),
    { seed: 1, numRuns: 100 },
  );
});

test('clusters do not depend on the scale of the similarities', () => {
  fc.assert(
    fc.property(matrix, fc.integer({ min: -20, max: 20 }), (z, exponent) => {
      const scale = exponent < 0 ? 1 / (1 << -exponent) : 1 << exponent;
      const scaled = z.map((row) => row.map((value) => value * scale));
      assert.deepEqual(cluster(scaled), cluster(z));
    }),
    { seed: 1, numRuns: 60 },
  );
});

test('planted signs are found exactly, whatever the noise below one half', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(-1, 1), { minLength: 4, maxLength: 8 }),
      fc.integer({ min: 0, max: 1000 }),
      (signs, seed) => {
        const random = new Random(`noise ${seed}`);
        const z = signs.map((a) => signs.map((b) => a * b + 0.9 * (random.uniform() - 0.5)));
        assert.deepEqual(
          cluster(z),
          signs.map((value) => (value === signs[0] ? 0 : 1)),
        );
      },
    ),
    { seed: 1, numRuns: 60 },
  );
});

test('similarities of 0 give no clusters, all negative ones isolate every node, and equal ones join all nodes', () => {
  assert.equal(
    cluster([
      [1, 0],
      [0, 1],
    ]),
    undefined,
  );
  assert.equal(
    cluster([
      [1, Number.NaN],
      [Number.NaN, 1],
    ]),
    undefined,
  );
  assert.deepEqual(
    cluster([
      [1, -1, -1],
      [-1, 1, -1],
      [-1, -1, 1],
    ]),
    [0, 1, 2],
  );
  assert.deepEqual(
    cluster([
      [1, 1, 1],
      [1, 1, 1],
      [1, 1, 1],
    ]),
    [0, 0, 0],
  );
});

test('two cliques that a weak tie joins are separated by k-means', () => {
  const z = Array.from({ length: 10 }, (_, i) =>
    Array.from({ length: 10 }, (_, j) => (Math.floor(i / 5) === Math.floor(j / 5) ? 1 : 0)),
  );
  z[4]![5] = 1;
  z[5]![4] = 1;
  assert.deepEqual(cluster(z), [0, 0, 0, 0, 0, 1, 1, 1, 1, 1]);
});

test('a window averages its clusterings, stays doubly stochastic, and freezes on a clustering of two', () => {
  const settings = { ...sign, average: 'V' as const, freezeOnConsensus: true };
  const random = new Random('window');
  const pairs = [
    [1, 1, -1],
    [1, 1, -1],
    [-1, -1, 1],
  ].map((row) => Float64Array.from(row));
  const all = [
    [1, 1, 1],
    [1, 1, 1],
    [1, 1, 1],
  ].map((row) => Float64Array.from(row));
  const window = startWindow(3, 'dynamic');
  addEvaluation(window, pairs, settings, random);
  addEvaluation(window, all, settings, random);
  assert.ok(closeWindow(window, settings, random));
  assert.equal(window.frozen, false);
  for (const row of window.mixing) assert.ok(Math.abs(row.reduce((a, b) => a + b, 0) - 1) < 1e-12);
  assert.ok(Math.abs(window.mixing[0]![1]! - (1 / 2 + 1 / 3) / 2) < 1e-12);
  addEvaluation(window, pairs, settings, random);
  assert.ok(closeWindow(window, settings, random));
  assert.deepEqual([...window.mixing[0]!], [0.5, 0.5, 0]);
  assert.equal(window.frozen, true);
  const kept = window.mixing;
  assert.equal(closeWindow(window, settings, random), false);
  assert.equal(window.mixing, kept);
});

test('of the restarts of k-means the best one counts, although many end with the far pair in two', () => {
  const points = [0, 1, 10, 11, 100, 112].map((value) => [value]);
  for (let seed = 0; seed < 20; seed++)
    assert.deepEqual(bestOfRestarts(points, 3, new Random(`restarts ${seed}`)), [0, 0, 1, 1, 2, 2]);
});

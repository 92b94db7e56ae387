import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Random } from '../random.js';
import { buildTopology, mixingRows, topologies } from '../topology/index.js';
import type { MixingRow } from '../topology/mixing/index.js';
import { mix, type Received, weightedSum } from './vectors.js';

const floats = (length: number) =>
  fc.float32Array({ minLength: length, maxLength: length, min: -100, max: 100, noNaN: true });

const dense = (neighbor: number, ...values: number[]): Received => ({
  neighbor,
  view: { length: values.length, values: Float32Array.from(values) },
});

const row = (...neighbors: number[]): MixingRow => ({
  self: 1 - neighbors.reduce((sum, weight) => sum + weight, 0),
  neighbors: Float64Array.from(neighbors),
});

test('a weighted sum is taken in float64, in the order of the list, and rounded once', () => {
  const [one, big] = [Float32Array.of(1, 2), Float32Array.of(2 ** 25, -1)];
  assert.deepEqual(weightedSum([big, one, big], [1, 3, -1]), Float32Array.of(3, 6));
  assert.throws(
    () => weightedSum([one, Float32Array.of(1)], [1, 1]),
    /expected vectors of 2 numbers, got one of 1/,
  );
});

test('a weighted sum of vectors of any length and number is the plain double loop, bit by bit', () => {
  const sizes = fc.tuple(fc.constantFrom(1, 7, 1023, 1024, 1025, 2500), fc.integer({ min: 1, max: 5 }));
  fc.assert(
    fc.property(sizes, fc.nat(), ([length, count], seed) => {
      const random = new Random(String(seed));
      const vectors = Array.from({ length: count }, () =>
        Float32Array.from({ length }, () => random.normal()),
      );
      const weights = vectors.map(() => random.uniform());
      const expected = Float32Array.from({ length }, (_, i) =>
        vectors.reduce((sum, vector, k) => sum + weights[k]! * vector[i]!, 0),
      );
      assert.deepEqual(weightedSum(vectors, weights), expected);
    }),
    { seed: 1, numRuns: 60 },
  );
});

test('mixing takes the weight of each neighbour by its place, and does not change its arguments', () => {
  const own = Float32Array.of(8, 0);
  const received = [dense(0, 4, 4), dense(1, 0, 8)];
  assert.deepEqual(mix(own, row(0.25, 0.5), received), Float32Array.of(3, 5));
  assert.deepEqual(own, Float32Array.of(8, 0));
});

test('the weight of a neighbour that is missing stays with the node itself', () => {
  assert.deepEqual(mix(Float32Array.of(8), row(0.25, 0.5), [dense(1, 0)]), Float32Array.of(4));
  assert.deepEqual(mix(Float32Array.of(8), row(0.25, 0.5), []), Float32Array.of(8));
});

test('the weight of a coordinate that a sparse codec left out stays with the node itself', () => {
  const sparse: Received = {
    neighbor: 0,
    view: { length: 3, values: Float32Array.of(0), indices: Uint32Array.of(1) },
  };
  const mixed = mix(Float32Array.of(8, 8, 8), row(0.25, 0.5), [sparse, dense(1, 0, 8, 0)]);
  assert.deepEqual(mixed, Float32Array.of(4, 6, 4));
});

test('mixing equal vectors does not change them, whichever neighbours are missing', () => {
  fc.assert(
    fc.property(floats(5), fc.subarray([0, 1, 2]), (own, present) => {
      const mixed = mix(
        own,
        row(0.3, 0.2, 0.4),
        present.map((neighbor) => dense(neighbor, ...own)),
      );
      for (const [i, value] of mixed.entries()) {
        assert.ok(Math.abs(value - own[i]!) <= Math.abs(own[i]!) * 1e-6);
      }
    }),
    { seed: 1, numRuns: 200 },
  );
});

test('a sparse view with all indices gives the same as a dense one', () => {
  fc.assert(
    fc.property(floats(6), floats(6), floats(6), (own, first, second) => {
      const weights = row(0.3, 0.45);
      const received = [dense(0, ...first), dense(1, ...second)];
      const indices = Uint32Array.from(own.keys());
      const sparse = received.map(({ neighbor, view }) => ({ neighbor, view: { ...view, indices } }));
      const [a, b] = [mix(own, weights, received), mix(own, weights, sparse)];
      for (const [i, value] of a.entries())
        assert.ok(Math.abs(value - b[i]!) <= 1e-5, `${value} and ${b[i]}`);
    }),
    { seed: 1, numRuns: 200 },
  );
});

test('doubly stochastic mixing keeps the mean over nodes, also where two nodes lose each other’s messages', () => {
  const nodes = 6;
  const entry = topologies.find(({ id }) => id === 'erdos-renyi')!;
  const options = entry.options.parse({ probability: '60%' });
  const built = { nodes, random: new Random('graph'), allowDisconnected: true };
  const { neighbors } = buildTopology(entry, options, built);
  const rows = mixingRows(neighbors, 'metropolis-hastings');
  const arbitrary = fc.tuple(
    fc.array(floats(4), { minLength: nodes, maxLength: nodes }),
    fc.nat(2 ** 15 - 1),
  );
  fc.assert(
    fc.property(arbitrary, ([vectors, lost]) => {
      /** One bit an undirected edge: whether both its messages are lost. */
      const isLost = (i: number, j: number) =>
        ((lost >> ((Math.min(i, j) * 2 + Math.max(i, j)) % 15)) & 1) === 1;
      const mixed = vectors.map((own, i) =>
        mix(
          own,
          rows[i]!,
          [...neighbors.in[i]!.entries()]
            .filter(([, from]) => !isLost(i, from))
            .map(([neighbor, from]) => dense(neighbor, ...vectors[from]!)),
        ),
      );
      for (let k = 0; k < 4; k++) {
        const sum = (list: readonly Float32Array[]) => list.reduce((total, vector) => total + vector[k]!, 0);
        assert.ok(
          Math.abs(sum(mixed) - sum(vectors)) < 1e-4,
          `coordinate ${k}: ${sum(mixed)}, not ${sum(vectors)}`,
        );
      }
    }),
    { seed: 1, numRuns: 100 },
  );
});

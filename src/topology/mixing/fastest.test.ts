import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { UsageError } from '../../errors.js';
import { Random } from '../../random.js';
import { type Edge, undirectedGraph } from '../edges.js';
import { type Neighbors, neighborsOf, spectralGap, type TopologyEntry, topologies } from '../index.js';
import { type MixingEntry, mixingRows, mixingRules } from './index.js';

const gapOf = (neighbors: Neighbors, id: string, options: unknown = {}) => {
  const entry = mixingRules.find((one) => one.id === id) as MixingEntry;
  return spectralGap(mixingRows(neighbors, { entry, options: entry.options.parse(options) }), neighbors);
};

function build(id: string, nodes: number, options: unknown = {}): Neighbors {
  const entry = topologies.find((one) => one.id === id) as TopologyEntry;
  return neighborsOf(entry.build(entry.options.parse(options), { nodes, random: new Random('m') }));
}

const near = (actual: number, expected: number, tolerance: number) =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not near ${expected}`);

test('the best constant weight is 2 / (λ₂ + λₙ)', () => {
  // Star of 16: eigenvalues 1 and 16. Ring of six: 1, 3 and 4. Path of 16: the sum is 4, λ₂ = 2 − 2cos(π/16).
  near(gapOf(build('star', 16), 'best-constant'), 2 / 17, 1e-9);
  near(gapOf(build('ring', 6), 'best-constant'), 0.4, 1e-9);
  near(gapOf(build('path', 16), 'best-constant'), 1 - Math.cos(Math.PI / 16), 1e-9);
  const star = mixingRows(build('star', 16), 'best-constant');
  near(star[0]!.self, 1 - 30 / 17, 1e-9);
});

test('where all edges are alike, no weights are faster than the best constant one', () => {
  for (const [id, nodes] of [
    ['star', 9],
    ['ring', 7],
    ['hypercube', 8],
    ['complete', 5],
  ] as const)
    near(gapOf(build(id, nodes), 'fastest'), gapOf(build(id, nodes), 'best-constant'), 1e-6);
});

test('the fastest weights are those of an exhaustive search', () => {
  // A triangle 0 – 1 – 2 with a tail 2 – 3: by symmetry the edges 0 – 2 and 1 – 2 have one weight.
  const edges: Edge[] = [
    [0, 1],
    [0, 2],
    [1, 2],
    [2, 3],
  ];
  const neighbors = neighborsOf(undirectedGraph(4, edges));
  const gapWith = (base: number, side: number, tail: number) => {
    const weight = (a: number, b: number) => (a + b === 1 ? base : a + b === 5 ? tail : side);
    const rows = neighbors.in.map((list, to) => {
      const weights = Float64Array.from(list, (from) => weight(Math.min(from, to), Math.max(from, to)));
      return { self: 1 - weights.reduce((sum, one) => sum + one, 0), neighbors: weights };
    });
    return spectralGap(rows, neighbors);
  };
  let best = 0;
  for (let base = 0; base <= 0.6; base += 0.04)
    for (let side = 0.2; side <= 0.6; side += 0.02)
      for (let tail = 0.3; tail <= 0.8; tail += 0.02) best = Math.max(best, gapWith(base, side, tail));
  const found = gapOf(neighbors, 'fastest', { steps: 2000 });
  assert.ok(found > best - 0.005, `${found} of ${best}`);
});

test('optimised weights are never slower than the rules from which they start, and pay where degrees differ', () => {
  const graphs = fc.integer({ min: 2, max: 12 }).chain((nodes) => {
    const pairs: Edge[] = [];
    for (let a = 0; a < nodes; a++) for (let b = a + 1; b < nodes; b++) pairs.push([a, b]);
    return fc.subarray(pairs).map((edges) => neighborsOf(undirectedGraph(nodes, edges)));
  });
  fc.assert(
    fc.property(graphs, (neighbors) => {
      const found = gapOf(neighbors, 'fastest', { steps: 30 });
      const least = Math.max(gapOf(neighbors, 'metropolis-hastings'), gapOf(neighbors, 'best-constant'));
      assert.ok(found >= least - 1e-9, `${found} of ${least}`);
    }),
    { seed: 1, numRuns: 60 },
  );
  const scaleFree = build('barabasi-albert', 32);
  assert.ok(gapOf(scaleFree, 'fastest') > 1.8 * gapOf(scaleFree, 'metropolis-hastings'));
});

test('a topology in pieces is mixed within each of them', () => {
  // Two pairs: the weight is a half, and one round is the average of each pair.
  const pairs = neighborsOf(
    undirectedGraph(4, [
      [0, 1],
      [2, 3],
    ]),
  );
  for (const rule of ['best-constant', 'fastest']) {
    const entry = mixingRules.find(({ id }) => id === rule)!;
    for (const { self, neighbors } of mixingRows(pairs, { entry, options: { steps: 20 } })) {
      near(self, 0.5, 1e-9);
      near(neighbors[0]!, 0.5, 1e-9);
    }
  }
});

test('a directed topology and one with too many nodes are refused', () => {
  const refused = (neighbors: Neighbors, code: string) =>
    assert.throws(
      () => mixingRows(neighbors, 'best-constant'),
      (error) => error instanceof UsageError && error.code === code,
    );
  refused(build('directed-ring', 4), 'asymmetric-topology');
  refused(build('ring', 401), 'topology-too-large');
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DirectedGraph } from 'graphology';
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { UsageError } from '../../errors.js';
import { Random } from '../../random.js';
import { type Edge, undirectedGraph } from '../edges.js';
import { slowestMode } from '../eigen-search.js';
import { neighborsOf, type TopologyEntry, topologies } from '../index.js';
import type { Neighbors } from '../neighbors.js';
import { spectralGap } from '../spectral.js';
import type { MixingRow, MixingRule } from './index.js';
import { mixingRows } from './index.js';

function build(id: string, nodes: number, options: unknown = {}): Neighbors {
  const entry = topologies.find((candidate) => candidate.id === id) as TopologyEntry;
  return neighborsOf(entry.build(entry.options.parse(options), { nodes, random: new Random('mixing') }));
}

const gapOf = (neighbors: Neighbors, rule: MixingRule = 'metropolis-hastings') =>
  spectralGap(mixingRows(neighbors, rule), neighbors);

/** Relative to what is expected. */
function near(actual: number, expected: number, tolerance: number): void {
  assert.ok(
    Math.abs(actual - expected) <= tolerance * Math.abs(expected),
    `${actual} is not near ${expected}`,
  );
}

const ringGap = (nodes: number) => 1 - (1 / 3 + (2 / 3) * Math.cos((2 * Math.PI) / nodes));

/** 0 → 1 → 2 → … → 0. */
function directedRing(nodes: number): Neighbors {
  const graph = new DirectedGraph();
  for (let node = 0; node < nodes; node++) graph.addNode(String(node));
  for (let node = 0; node < nodes; node++) graph.addEdge(String(node), String((node + 1) % nodes));
  return neighborsOf(graph);
}

test('Metropolis–Hastings weighs an edge by the larger degree', () => {
  // A path 0 – 1 – 2: degrees 1, 2, 1, so every edge weighs a third.
  const rows = mixingRows(
    neighborsOf(
      undirectedGraph(3, [
        [0, 1],
        [1, 2],
      ]),
    ),
    'metropolis-hastings',
  );
  assert.deepEqual(rows, [
    { self: 1 - 1 / 3, neighbors: Float64Array.of(1 / 3) },
    { self: 1 - 2 / 3, neighbors: Float64Array.of(1 / 3, 1 / 3) },
    { self: 1 - 1 / 3, neighbors: Float64Array.of(1 / 3) },
  ]);
});

test('uniform mixing gives the models of all neighbours the same weight as the node’s own', () => {
  const rows = mixingRows(build('star', 4), 'uniform');
  assert.deepEqual(rows[0], { self: 0.25, neighbors: Float64Array.of(0.25, 0.25, 0.25) });
  assert.deepEqual(rows[3], { self: 0.5, neighbors: Float64Array.of(0.5) });
});

test('uniform mixing counts incoming links on a directed topology, Metropolis–Hastings refuses it', () => {
  const neighbors = directedRing(3);
  assert.deepEqual(mixingRows(neighbors, 'uniform')[0], { self: 0.5, neighbors: Float64Array.of(0.5) });
  assert.throws(
    () => mixingRows(neighbors, 'metropolis-hastings'),
    (error) => error instanceof UsageError && error.code === 'asymmetric-topology',
  );
});

test('rows of any graph sum to exactly 1, and Metropolis–Hastings is symmetric to the bit', () => {
  const graphs = fc.integer({ min: 1, max: 24 }).chain((nodes) => {
    const pairs: Edge[] = [];
    for (let a = 0; a < nodes; a++) for (let b = a + 1; b < nodes; b++) pairs.push([a, b]);
    return fc.subarray(pairs).map((edges) => neighborsOf(undirectedGraph(nodes, edges)));
  });
  const weight = (rows: MixingRow[], neighbors: Neighbors, to: number, from: number) =>
    rows[to]!.neighbors[neighbors.in[to]!.indexOf(from)]!;
  fc.assert(
    fc.property(graphs, (neighbors) => {
      for (const rule of ['metropolis-hastings', 'uniform'] as const) {
        for (const row of mixingRows(neighbors, rule)) {
          assert.equal(row.neighbors.reduce((sum, value) => sum + value, 0) + row.self, 1);
          assert.ok(row.self > 0);
        }
      }
      const rows = mixingRows(neighbors, 'metropolis-hastings');
      for (const [to, incoming] of neighbors.in.entries()) {
        for (const from of incoming) {
          assert.equal(weight(rows, neighbors, to, from), weight(rows, neighbors, from, to));
        }
      }
    }),
    { seed: 1, numRuns: 100 },
  );
});

test('the spectral gap of a ring agrees with its closed form', () => {
  near(1 - gapOf(build('ring', 16)), 0.949253, 1e-6);
  for (const nodes of [3, 5, 16, 101]) near(gapOf(build('ring', nodes)), ringGap(nodes), 1e-9);
});

test('the spectral gap of a large ring agrees with its closed form too', () => {
  for (const nodes of [401, 1000]) near(gapOf(build('ring', nodes)), ringGap(nodes), 1e-6);
});

test('the nodes of a complete graph agree after one round', () => {
  near(gapOf(build('complete', 12)), 1, 1e-12);
  near(gapOf(build('complete', 420)), 1, 1e-9);
});

test('an exponential graph has the gap that its hops give', () => {
  // Circulant: the eigenvalues are the means of cos(2π·k·hop/n) over the node itself and its hops both ways.
  for (const nodes of [16, 64, 512]) {
    const neighbors = build('exponential', nodes);
    const hops = [0, ...neighbors.out[0]!];
    let largest = 0;
    for (let k = 1; k < nodes; k++) {
      const sum = hops.reduce((total, hop) => total + Math.cos((2 * Math.PI * k * hop) / nodes), 0);
      largest = Math.max(largest, Math.abs(sum / hops.length));
    }
    near(gapOf(neighbors), 1 - largest, 1e-6);
  }
});

test('the spectral gap of a star is right under both rules', () => {
  // Metropolis–Hastings: leaves differ from each other by 1 − 1/n a round.
  near(gapOf(build('star', 16)), 1 / 16, 1e-9);
  near(gapOf(build('star', 500)), 1 / 500, 1e-6);
  // Uniform: ½ between the leaves.
  near(gapOf(build('star', 16), 'uniform'), 0.5, 1e-9);
  near(gapOf(build('star', 500), 'uniform'), 0.5, 1e-6);
});

test('the spectral gap of two stars whose hubs are linked is right under both rules, small and large', () => {
  // The slow mode has one star against the other: hub h, leaves l. Uniform: h ← m·l / (m + 2), l ← (h + l) / 2;
  // Metropolis–Hastings, a = 1 / (m + 2): h ← m·a·l, l ← (1 − a)·l + a·h.
  for (const leaves of [10, 250]) {
    const star = (hub: number, first: number) =>
      Array.from({ length: leaves }, (_, k): Edge => [hub, first + k]);
    const graph = undirectedGraph(2 * leaves + 2, [[0, 1], ...star(0, 2), ...star(1, 2 + leaves)]);
    const neighbors = neighborsOf(graph);
    const share = leaves / (leaves + 2);
    near(gapOf(neighbors, 'uniform'), 1 - (0.5 + Math.sqrt(0.25 + 2 * share)) / 2, 1e-6);
    const a = 1 / (leaves + 2);
    const root = Math.sqrt((1 - a) * (1 - a) + 4 * leaves * a * a);
    near(gapOf(neighbors), 1 - (1 - a + root) / 2, 1e-6);
  }
});

test('a negative eigenvalue counts by its absolute value', () => {
  // Two nodes that mostly swap: W = [[0.1, 0.9], [0.9, 0.1]] has the eigenvalues 1 and −0.8.
  const neighbors = build('complete', 2);
  const rows = [0, 1].map(() => ({ self: 0.1, neighbors: Float64Array.of(0.9) }));
  near(spectralGap(rows, neighbors), 0.2, 1e-9);
});

test('the search for the least eigenvalue agrees with the full decomposition', () => {
  const random = new Random('matrix');
  const size = 40;
  const factor = Matrix.zeros(size, size).apply(function (row, column) {
    this.set(row, column, random.normal());
  });
  const matrix = factor.mmul(factor.transpose());
  const found = new EigenvalueDecomposition(matrix, { assumeSymmetric: true });
  // Ascending: with the first vector excluded, the second eigenvalue is the least.
  const least = slowestMode({
    apply: (vector) => Float64Array.from(matrix.mmul(Matrix.columnVector(vector)).to1DArray()),
    excluded: Float64Array.from(found.eigenvectorMatrix.getColumn(0)),
  });
  near(least, found.realEigenvalues[1]!, 1e-6);
});

test('a single node has gap 1, a disconnected topology gap 0', () => {
  assert.equal(gapOf(build('ring', 1)), 1);
  const split = (nodes: number) =>
    neighborsOf(
      undirectedGraph(
        nodes,
        Array.from({ length: nodes - 2 }, (_, k): Edge => [k, k + 1]),
      ),
    );
  assert.ok(Math.abs(gapOf(split(10))) < 1e-12);
  assert.ok(Math.abs(gapOf(split(410))) < 1e-9);
});

test('the spectral gap of a directed ring follows from the modulus of its complex eigenvalues', () => {
  // (1 + e^(2πi/n)) / 2 has the modulus cos(π/n).
  near(1 - gapOf(directedRing(12), 'uniform'), Math.cos(Math.PI / 12), 1e-9);
  near(1 - gapOf(directedRing(401), 'uniform'), Math.cos(Math.PI / 401), 1e-3);
});

test('disagreement shrinks at least at the spectral rate', () => {
  const neighbors = build('erdos-renyi', 24, { probability: '25%' });
  const rows = mixingRows(neighbors, 'metropolis-hastings');
  const rate = 1 - spectralGap(rows, neighbors);
  const random = new Random('vector');
  let values = Array.from({ length: 24 }, () => random.normal());
  const mean = values.reduce((a, b) => a + b, 0) / 24;
  const distance = (list: number[]) => Math.sqrt(list.reduce((sum, value) => sum + (value - mean) ** 2, 0));
  for (let round = 0; round < 30; round++) {
    const mixed = rows.map(
      (row, node) =>
        row.self * values[node]! +
        neighbors.in[node]!.reduce((sum, other, k) => sum + row.neighbors[k]! * values[other]!, 0),
    );
    assert.ok(distance(mixed) <= rate * distance(values) * (1 + 1e-9));
    values = mixed;
  }
});

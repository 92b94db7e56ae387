import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { z } from 'zod';
import { PluginError, UsageError } from '../../errors.js';
import { Random } from '../../random.js';
import { directedGraph, type Edge, undirectedGraph } from '../edges.js';
import { neighborsOf, type TopologyEntry, topologies } from '../index.js';
import { isSymmetric } from '../neighbor-lists.js';
import type { Neighbors } from '../neighbors.js';
import { spectralGap } from '../spectral.js';
import {
  columnSums,
  isDoublyStochastic,
  type MixingEntry,
  mixingOption,
  mixingRows,
  mixingRules,
  pushMixingOption,
} from './index.js';

function build(id: string, nodes: number, options: unknown = {}): Neighbors {
  const entry = topologies.find((candidate) => candidate.id === id) as TopologyEntry;
  const graph = entry.build(entry.options.parse(options), { nodes, random: new Random('mixing') });
  return neighborsOf(graph);
}

/** A rule with its options, as a scenario gives them. */
const chosen = (id: string, options: unknown = {}) => {
  const entry = mixingRules.find((candidate) => candidate.id === id) as MixingEntry;
  return { entry, options: entry.options.parse(options) };
};

/** Any directed or undirected graph of at most 14 nodes. */
const graphs = fc.tuple(fc.integer({ min: 1, max: 14 }), fc.boolean()).chain(([nodes, directed]) => {
  const pairs: Edge[] = [];
  for (let a = 0; a < nodes; a++) {
    for (let b = directed ? 0 : a + 1; b < nodes; b++) if (a !== b) pairs.push([a, b]);
  }
  return fc.subarray(pairs).map((edges) => {
    const neighbors = neighborsOf((directed ? directedGraph : undirectedGraph)(nodes, edges));
    // For the rule that takes the weights of the topology.
    return { ...neighbors, weight: () => 0.05 };
  });
});

for (const { id } of mixingRules) {
  test(`${id} keeps what it claims on every graph that it allows`, () => {
    const rule = chosen(id);
    let allowed = 0;
    fc.assert(
      fc.property(graphs, (neighbors) => {
        let rows: ReturnType<typeof mixingRows>;
        try {
          rows = mixingRows(neighbors, rule);
        } catch (error) {
          assert.ok(error instanceof UsageError);
          assert.ok(!isSymmetric(neighbors), 'an undirected topology is always allowed');
          return;
        }
        allowed++;
        const columns = [...columnSums(rows, neighbors)];
        const rowSums = rows.map((row) => row.neighbors.reduce((sum, weight) => sum + weight, row.self));
        const areOnes = (sums: number[]) => sums.every((sum) => Math.abs(sum - 1) < 1e-12);
        if (!rule.entry.columnStochastic) assert.ok(areOnes(rowSums), `rows add up to ${rowSums}`);
        if (rule.entry.columnStochastic || isDoublyStochastic(rule))
          assert.ok(areOnes(columns), `columns add up to ${columns}`);
      }),
      { seed: 1, numRuns: 200 },
    );
    assert.ok(allowed > 50, `${allowed} graphs allowed`);
  });
}

test('out-degree divides what a node has among its receivers and itself', () => {
  // 0 → 1, 0 → 2, 1 → 2: node 0 gives thirds, node 1 halves, node 2 keeps all.
  const neighbors = neighborsOf(
    directedGraph(3, [
      [0, 1],
      [0, 2],
      [1, 2],
    ]),
  );
  assert.deepEqual(mixingRows(neighbors, 'out-degree'), [
    { self: 1 / 3, neighbors: new Float64Array(0) },
    { self: 1 / 2, neighbors: Float64Array.of(1 / 3) },
    { self: 1, neighbors: Float64Array.of(1 / 3, 1 / 2) },
  ]);
});

test('push-sum with out-degree comes to the mean on a directed topology that is not balanced', () => {
  // A directed ring with a chord: 0 → 1 → 2 → 3 → 0 and 0 → 2.
  const neighbors = neighborsOf(
    directedGraph(4, [
      [0, 1],
      [1, 2],
      [2, 3],
      [3, 0],
      [0, 2],
    ]),
  );
  const rows = mixingRows(neighbors, 'out-degree');
  const push = (values: number[]) =>
    rows.map(
      ({ self, neighbors: weights }, node) =>
        self * values[node]! + weights.reduce((sum, w, k) => sum + w * values[neighbors.in[node]![k]!]!, 0),
    );
  let values = [3, -1, 10, 4];
  let weights = [1, 1, 1, 1];
  for (let round = 0; round < 200; round++) [values, weights] = [push(values), push(weights)];
  for (const [node, value] of values.entries()) assert.ok(Math.abs(value / weights[node]! - 4) < 1e-9);
  // Without the division the nodes do not agree.
  assert.ok(Math.abs(values[0]! - 4) > 0.1);
});

test('max-degree gives every link the same weight, and refuses a directed topology that is not balanced', () => {
  const star = mixingRows(build('star', 4), 'max-degree');
  assert.deepEqual(star[0], { self: 0.25, neighbors: Float64Array.of(0.25, 0.25, 0.25) });
  assert.deepEqual(star[3], { self: 0.75, neighbors: Float64Array.of(0.25) });
  assert.deepEqual(mixingRows(build('directed-ring', 3), 'max-degree')[0], {
    self: 0.5,
    neighbors: Float64Array.of(0.5),
  });
  const chain = neighborsOf(directedGraph(2, [[0, 1]]));
  assert.throws(
    () => mixingRows(chain, 'max-degree'),
    (error) =>
      error instanceof UsageError &&
      error.code === 'unbalanced-topology' &&
      /node 0 with 0 in- and 1 out-neighbours/.test(error.message),
  );
});

test('a lazy rule keeps its share in addition, and has the gap that follows', () => {
  const lazy = chosen('lazy', { of: 'max-degree', stay: '20%' });
  const rows = mixingRows(build('star', 4), lazy);
  assert.deepEqual(rows[3], { self: 0.8, neighbors: Float64Array.of(0.8 * 0.25) });
  assert.ok(isDoublyStochastic(lazy));
  assert.ok(!isDoublyStochastic(chosen('lazy', { of: 'uniform' })));
  // λ of a ring of three is 0 for both modes; with half of the weight at home it is ½.
  const half = chosen('lazy');
  assert.ok(Math.abs(spectralGap(mixingRows(build('ring', 3), half), build('ring', 3)) - 0.5) < 1e-12);
});

test('an averaging method refuses a column-stochastic rule, a push-sum method one that is not', () => {
  const messageOf = (parsed: ReturnType<ReturnType<typeof mixingOption>['safeParse']>) =>
    parsed.error?.issues[0]?.message;
  assert.match(
    messageOf(mixingOption().safeParse('out-degree'))!,
    /expected a rule whose rows sum to 1.*"out-degree"/,
  );
  assert.match(messageOf(mixingOption().safeParse({ use: 'lazy', of: 'out-degree' }))!, /rows sum to 1/);
  assert.match(messageOf(pushMixingOption().safeParse('uniform'))!, /columns sum to 1.*"uniform"/);
  assert.equal(pushMixingOption().parse(undefined).entry.id, 'out-degree');
  assert.equal(pushMixingOption().parse('metropolis-hastings').entry.id, 'metropolis-hastings');
});

test('a column-stochastic rule of the user’s own is held to its columns', () => {
  const rule: MixingEntry<object> = {
    id: 'mine',
    description: 'says that columns sum to 1, and has rows that do',
    options: z.strictObject({}),
    columnStochastic: true,
    rows: (neighbors) => mixingRows(neighbors, 'uniform'),
  };
  assert.throws(
    () => mixingRows(build('star', 3), { entry: rule, options: {} }),
    (error) => error instanceof PluginError && /"mine".*the column of node 0, got 1.3/.test(error.message),
  );
});

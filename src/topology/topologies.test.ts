import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { UsageError } from '../errors.js';
import { Random } from '../random.js';
import { testTopology } from '../testing/topologies.js';
import { isConnected } from './components.js';
import { type Neighbors, neighborsOf, type TopologyEntry, topologies } from './index.js';

const byId = (id: string): TopologyEntry => topologies.find((entry) => entry.id === id)!;

function build(id: string, nodes: number, options: unknown = {}, seed = 'a'): Neighbors {
  const entry = byId(id);
  return neighborsOf(entry.build(entry.options.parse(options), { nodes, random: new Random(seed) }));
}

const degrees = (neighbors: Neighbors) => neighbors.out.map((list) => list.length);
const lists = (neighbors: Neighbors) => neighbors.out.map((list) => [...list]);

const OPTIONS: Record<string, unknown> = {
  'random-regular': { degree: 4 },
  'erdos-renyi': { probability: '40%' },
  geometric: { radius: 0.8 },
  file: { path: 'scenarios/topologies/eight.gml' },
  matcha: { base: 'ring' },
  schedule: { rounds: [['0-1'], ['1>0']] },
};

/** Sizes at which an entry has no graph, with the options above. */
const REFUSED: Record<string, number[]> = {
  'random-regular': [1, 2, 3, 4],
  grid: [1, 2, 3, 7],
  torus: [1, 2, 3, 7],
  hypercube: [3, 7, 33],
  caveman: [1, 2, 3, 4, 7, 33],
  'watts-strogatz': [1, 2, 3, 4],
  'barabasi-albert': [1, 2],
  'k-out': [1, 2],
  file: [1, 2, 3, 4, 7, 16, 33],
  'random-k-out': [1],
  schedule: [1],
};

for (const entry of topologies) {
  test(`${entry.id} keeps the laws of a topology`, () => {
    const report = testTopology(entry, { options: OPTIONS[entry.id] });
    assert.deepEqual(
      report.refused.map(({ nodes }) => nodes),
      REFUSED[entry.id] ?? [],
    );
  });
}

test('ids are unique and every entry has a description', () => {
  assert.equal(new Set(topologies.map(({ id }) => id)).size, topologies.length);
  for (const entry of topologies) assert.match(entry.description, /\w/);
});

test('an unknown option is refused', () => {
  for (const entry of topologies) {
    const options = { ...(OPTIONS[entry.id] as object | undefined), degre: 3 };
    assert.equal(entry.options.safeParse(options).success, false, entry.id);
  }
});

test('a ring joins each node with the next; of two nodes it is one edge, of one none', () => {
  assert.deepEqual(lists(build('ring', 1)), [[]]);
  assert.deepEqual(lists(build('ring', 2)), [[1], [0]]);
  assert.deepEqual(lists(build('ring', 4)), [
    [1, 3],
    [0, 2],
    [1, 3],
    [0, 2],
  ]);
});

test('a directed ring has a link from each node to the next; of two nodes it is a link each way, of one none', () => {
  assert.deepEqual(lists(build('directed-ring', 1)), [[]]);
  assert.deepEqual(lists(build('directed-ring', 2)), [[1], [0]]);
  const four = build('directed-ring', 4);
  assert.deepEqual(lists(four), [[1], [2], [3], [0]]);
  assert.deepEqual(
    four.in.map((list) => [...list]),
    [[3], [0], [1], [2]],
  );
  assert.ok(isConnected(four));
});

test('islands are complete graphs of consecutive nodes, and the last one has the nodes that remain', () => {
  assert.deepEqual(lists(build('islands', 5, { size: 3 })), [[1, 2], [0, 2], [0, 1], [4], [3]]);
  assert.ok(!isConnected(build('islands', 5, { size: 3 })));
  assert.deepEqual(lists(build('islands', 4, { size: 4 })), lists(build('complete', 4)));
  assert.deepEqual(lists(build('islands', 2, { size: 1 })), [[], []]);
});

test('a star has node 0 in its centre', () => {
  assert.deepEqual(lists(build('star', 4)), [[1, 2, 3], [0], [0], [0]]);
});

test('a complete graph has an edge between all pairs', () => {
  assert.deepEqual(lists(build('complete', 3)), [
    [1, 2],
    [0, 2],
    [0, 1],
  ]);
});

test('the neighbours of node 0 of an exponential graph are the powers of two, in both directions', () => {
  assert.deepEqual([...build('exponential', 16).out[0]!], [1, 2, 4, 8, 12, 14, 15]);
  // 8 is −5 modulo 13, a hop of its own; modulo 12 it is −4, which is there already.
  assert.deepEqual([...build('exponential', 13).out[0]!], [1, 2, 4, 5, 8, 9, 11, 12]);
  assert.deepEqual([...build('exponential', 12).out[0]!], [1, 2, 4, 8, 10, 11]);
  assert.deepEqual(lists(build('exponential', 2)), [[1], [0]]);
});

test('an exponential graph has an edge exactly where a hop is a power of two', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 70 }), (nodes) => {
      const hops = new Set<number>();
      for (let power = 0; 2 ** power < nodes; power++) hops.add(2 ** power);
      const expected = Array.from({ length: nodes }, (_, i) =>
        Array.from({ length: nodes }, (_, j) => j).filter(
          (j) => hops.has((i - j + nodes) % nodes) || hops.has((j - i + nodes) % nodes),
        ),
      );
      assert.deepEqual(lists(build('exponential', nodes)), expected);
    }),
    { seed: 1, numRuns: 40 },
  );
});

test('a random regular graph is simple and has the requested degree, for every possible size', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 40 }), fc.nat(), fc.string(), (nodes, draw, seed) => {
      const degree = 1 + (draw % (nodes - 1));
      fc.pre((nodes * degree) % 2 === 0);
      // neighborsOf refuses self loops and double edges.
      const neighbors = build('random-regular', nodes, { degree, connected: false }, seed);
      assert.deepEqual(degrees(neighbors), Array(nodes).fill(degree));
    }),
    { seed: 1, numRuns: 200 },
  );
});

test('a random regular graph is connected if that is requested', () => {
  for (let seed = 0; seed < 20; seed++) {
    assert.ok(isConnected(build('random-regular', 20, { degree: 2 }, String(seed))));
  }
});

test('all random regular graphs are equally likely', () => {
  // 70 labelled simple 2-regular graphs on 6 nodes: 60 hexagons and 10 pairs of triangles.
  const seen = new Map<string, number>();
  for (let seed = 0; seed < 3500; seed++) {
    const key = JSON.stringify(
      lists(build('random-regular', 6, { degree: 2, connected: false }, `s${seed}`)),
    );
    seen.set(key, (seen.get(key) ?? 0) + 1);
  }
  assert.equal(seen.size, 70);
  const chiSquare = [...seen.values()].reduce((sum, times) => sum + (times - 50) ** 2 / 50, 0);
  // 69 degrees of freedom: exceeded once in a thousand seeds.
  assert.ok(chiSquare < 111.1, `chi square ${chiSquare}`);
});

test('an impossible degree is refused with the reason', () => {
  const refused = (options: object, nodes: number, reason: RegExp) =>
    assert.throws(
      () => build('random-regular', nodes, options),
      (error) =>
        error instanceof UsageError && error.path === 'topology.degree' && reason.test(error.message),
    );
  refused({ degree: 3 }, 5, /must be even/);
  refused({ degree: 5 }, 5, /only 4 other nodes/);
  refused({ degree: 1 }, 1, /only 0 other nodes/);
  refused({ degree: 1 }, 4, /not connected/);
});

test('the share of edges of an Erdős–Rényi graph is near its probability', () => {
  const links = degrees(build('erdos-renyi', 200, { probability: '10%' })).reduce((a, b) => a + b, 0);
  // 19,900 pairs: the standard deviation is 42 edges.
  assert.ok(Math.abs(links / 2 - 1990) < 170, `${links / 2} edges`);
});

test('probabilities 0 and 100 % give the empty and the complete graph', () => {
  assert.deepEqual(degrees(build('erdos-renyi', 4, { probability: '0%', connected: false })), [0, 0, 0, 0]);
  assert.deepEqual(degrees(build('erdos-renyi', 4, { probability: '100%' })), [3, 3, 3, 3]);
});

test('an Erdős–Rényi graph is drawn again until it is connected', () => {
  const sparse = { probability: '12%' };
  const seeds = Array.from({ length: 30 }, (_, seed) => String(seed));
  const plain = seeds.filter((seed) =>
    isConnected(build('erdos-renyi', 20, { ...sparse, connected: false }, seed)),
  );
  assert.ok(plain.length < seeds.length, 'some first draws are disconnected');
  for (const seed of seeds) assert.ok(isConnected(build('erdos-renyi', 20, sparse, seed)));
});

test('a probability too small for a connected graph is an error that says what to do', () => {
  assert.throws(
    () => build('erdos-renyi', 30, { probability: '1%' }),
    (error) =>
      error instanceof UsageError &&
      error.code === 'disconnected-topology' &&
      /none of 100 draws.*raise topology.probability.*allowDisconnected: true/.test(error.message),
  );
});

test('another stream gives another random graph', () => {
  for (const id of ['random-regular', 'erdos-renyi']) {
    assert.notDeepEqual(
      lists(build(id, 20, OPTIONS[id], 'one')),
      lists(build(id, 20, OPTIONS[id], 'two')),
      id,
    );
  }
});

test('the first edges of a random regular graph never change', () => {
  assert.deepEqual(lists(build('random-regular', 8, { degree: 3 }, 'golden')), [
    [1, 4, 6],
    [0, 3, 5],
    [5, 6, 7],
    [1, 4, 7],
    [0, 3, 7],
    [1, 2, 6],
    [0, 2, 5],
    [2, 3, 4],
  ]);
});

test('more edges than a graph can hold are refused before it is built', () => {
  assert.throws(
    () => build('complete', 10_000),
    (error) => error instanceof UsageError && error.code === 'topology-too-large',
  );
});

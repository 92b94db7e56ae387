import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { UsageError } from '../errors.js';
import { Random } from '../random.js';
import { isConnected } from './components.js';
import { diameter } from './distances.js';
import {
  type MixingRule,
  mixingRows,
  type Neighbors,
  neighborsOf,
  spectralGap,
  type TopologyEntry,
  topologies,
} from './index.js';
import { isSymmetric } from './neighbor-lists.js';

function build(id: string, nodes: number, options: unknown = {}, seed = 'a'): Neighbors {
  const entry = topologies.find((one) => one.id === id) as TopologyEntry;
  return neighborsOf(entry.build(entry.options.parse(options), { nodes, random: new Random(seed) }));
}

const lists = (neighbors: Neighbors) => neighbors.out.map((list) => [...list]);
const degrees = (neighbors: Neighbors) => neighbors.out.map((list) => list.length);
const linksOf = (neighbors: Neighbors) => degrees(neighbors).reduce((a, b) => a + b, 0);
const gapOf = (neighbors: Neighbors, rule: MixingRule = 'metropolis-hastings') =>
  spectralGap(mixingRows(neighbors, rule), neighbors);

function near(actual: number, expected: number): void {
  assert.ok(Math.abs(actual - expected) <= 1e-6 * expected, `${actual} is not near ${expected}`);
}

function refused(id: string, nodes: number, options: object, reason: RegExp): void {
  assert.throws(
    () => build(id, nodes, options),
    (error) =>
      error instanceof UsageError && error.code === 'impossible-topology' && reason.test(error.message),
    `${id} of ${nodes}`,
  );
}

test('a path joins each node with the next', () => {
  assert.deepEqual(lists(build('path', 1)), [[]]);
  assert.deepEqual(lists(build('path', 4)), [[1], [0, 2], [1, 3], [2]]);
});

test('the spectral gap of a path agrees with its closed form', () => {
  for (const nodes of [3, 16, 500])
    near(gapOf(build('path', nodes)), (2 / 3) * (1 - Math.cos(Math.PI / nodes)));
});

test('nodes of a grid have those beside them as neighbours, in two dimensions or more', () => {
  assert.deepEqual(lists(build('grid', 6)), [
    [1, 3],
    [0, 2, 4],
    [1, 5],
    [0, 4],
    [1, 3, 5],
    [2, 4],
  ]);
  assert.deepEqual(lists(build('grid', 6, { sides: [3, 2] })), [
    [1, 2],
    [0, 3],
    [0, 3, 4],
    [1, 2, 5],
    [2, 5],
    [3, 4],
  ]);
  assert.deepEqual(lists(build('grid', 4, { sides: [4] })), lists(build('path', 4)));
  assert.deepEqual(lists(build('grid', 8, { sides: [2, 2, 2] })), lists(build('hypercube', 8)));
});

test('the opposite sides of a torus are joined; along two nodes that is one edge', () => {
  assert.deepEqual(lists(build('torus', 5, { sides: [5] })), lists(build('ring', 5)));
  assert.deepEqual([...build('torus', 12, { sides: [3, 4] }).out[0]!], [1, 3, 4, 8]);
  assert.deepEqual(lists(build('torus', 8, { sides: [2, 2, 2] })), lists(build('hypercube', 8)));
  assert.deepEqual(degrees(build('torus', 6)), Array(6).fill(3));
  assert.deepEqual(degrees(build('torus', 27, { sides: [3, 3, 3] })), Array(27).fill(6));
});

test('the spectral gaps of grid and torus agree with their closed forms', () => {
  const wave = (k: number, side: number) => Math.cos((2 * Math.PI * k) / side);
  for (const [rows, columns] of [
    [3, 4],
    [5, 5],
    [4, 9],
  ] as const) {
    let largest = 0;
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) {
        if (i + j > 0)
          largest = Math.max(largest, Math.abs(1 + 2 * wave(i, rows) + 2 * wave(j, columns)) / 5);
      }
    }
    near(gapOf(build('torus', rows * columns, { sides: [rows, columns] })), 1 - largest);
    // The Laplacian of a grid is the sum of those of two paths; 1/5 of it is taken off.
    const slow = Math.cos(Math.PI / Math.max(rows, columns));
    near(
      gapOf(build('grid', rows * columns, { sides: [rows, columns] }), 'max-degree'),
      (2 / 5) * (1 - slow),
    );
  }
});

test('a number of nodes that makes no lattice is refused', () => {
  refused('grid', 7, {}, /product of rows and columns, both at least 2, got 7.*sides: \[7\] is one row/);
  refused('torus', 12, { sides: [5, 2] }, /product is the number of nodes, 12, got \[5, 2\], which make 10/);
});

test('nodes of a hypercube are neighbours where their numbers differ in one digit', () => {
  assert.deepEqual(lists(build('hypercube', 1)), [[]]);
  assert.deepEqual([...build('hypercube', 16).out[5]!], [1, 4, 7, 13]);
  assert.equal(diameter(build('hypercube', 64)).links, 6);
  for (const dimensions of [1, 3, 6, 9])
    near(gapOf(build('hypercube', 2 ** dimensions)), 2 / (1 + dimensions));
  refused('hypercube', 12, {}, /a power of two.*got 12: take 16/);
});

test('in the directed exponential graph a node sends as many hops ahead as powers of two', () => {
  const neighbors = build('directed-exponential', 6);
  assert.deepEqual(lists(neighbors)[0], [1, 2, 4]);
  assert.deepEqual(lists(neighbors)[5], [0, 1, 3]);
  assert.deepEqual([...neighbors.in[0]!], [2, 4, 5]);
  assert.ok(!isSymmetric(neighbors));
  assert.deepEqual(lists(build('directed-exponential', 1)), [[]]);
  assert.deepEqual(lists(build('directed-exponential', 2)), [[1], [0]]);
  // Circulant: an eigenvalue is the mean of e^(2πi·k·hop/n) over the node itself and its hops. For n = 2^τ the gap is
  // 2 / (1 + τ) (Theorem 1 of the paper).
  for (const power of [2, 4, 6])
    near(gapOf(build('directed-exponential', 2 ** power), 'uniform'), 2 / (1 + power));
});

test('caves are complete but for one edge, which leads to the cave before', () => {
  // Caves 0 1 2, 3 4 5 and 6 7 8: without 0–1, 3–4, 6–7, but with 3–2, 6–5 and 0–8.
  assert.deepEqual(lists(build('caveman', 9, { size: 3 })), [
    [2, 8],
    [2],
    [0, 1, 3],
    [2, 5],
    [5],
    [3, 4, 6],
    [5, 8],
    [8],
    [0, 6, 7],
  ]);
  assert.ok(isConnected(build('caveman', 40, { size: 5 })));
  assert.deepEqual(
    lists(build('caveman', 12, { size: 3, connected: false })),
    lists(build('islands', 12, { size: 3 })),
  );
  refused('caveman', 10, { size: 4 }, /divides the number of nodes, 10, got 4/);
  refused('caveman', 4, { size: 4 }, /at least 2 caves of at least 3 nodes.*got 1 of 4/);
  refused('caveman', 8, { size: 2 }, /got 4 of 2/);
});

test('a small world without rewiring is a ring of near neighbours, and rewiring keeps the number of edges', () => {
  const near4 = build('watts-strogatz', 8, { rewire: '0%' });
  assert.deepEqual([...near4.out[0]!], [1, 2, 6, 7]);
  assert.deepEqual(degrees(near4), Array(8).fill(4));
  fc.assert(
    fc.property(
      fc.integer({ min: 5, max: 40 }),
      fc.integer({ min: 0, max: 100 }),
      fc.string(),
      (nodes, share, seed) => {
        const neighbors = build('watts-strogatz', nodes, { rewire: `${share}%`, connected: false }, seed);
        assert.equal(linksOf(neighbors), 4 * nodes);
        assert.ok(degrees(neighbors).every((degree) => degree >= 2));
      },
    ),
    { seed: 1, numRuns: 100 },
  );
  refused('watts-strogatz', 4, {}, /degree below the number of nodes, 4, got 4/);
});

test('about as many edges of a small world are rewired as its option says', () => {
  const isLong = (a: number, b: number) => Math.min(Math.abs(a - b), 1000 - Math.abs(a - b)) > 2;
  const neighbors = build('watts-strogatz', 1000, { rewire: '20%' });
  const long = neighbors.out.reduce((sum, list, a) => sum + list.filter((b) => isLong(a, b)).length, 0) / 2;
  // 2,000 edges: 400 are drawn anew on average, of which hardly one is short; the standard deviation is 18.
  assert.ok(Math.abs(long - 400) < 75, `${long} long edges`);
});

test('a complete graph cannot be rewired', () => {
  assert.deepEqual(lists(build('watts-strogatz', 5, { rewire: '100%' })), lists(build('complete', 5)));
});

test('a scale-free graph starts complete, and each further node has its links', () => {
  const neighbors = build('barabasi-albert', 200, { links: 3 });
  assert.equal(linksOf(neighbors) / 2, 6 + 196 * 3);
  for (let node = 4; node < 200; node++)
    assert.equal(neighbors.out[node]!.filter((other) => other < node).length, 3, `links of node ${node}`);
  assert.ok(isConnected(neighbors));
  assert.deepEqual(lists(build('barabasi-albert', 4, { links: 3 })), lists(build('complete', 4)));
  refused('barabasi-albert', 3, { links: 3 }, /fewer links.*3, got 3/);
});

test('the fourth node of a scale-free graph of one link each prefers the node of degree two', () => {
  // Nodes 0 and 1 are joined, node 2 joins one of them: degrees 2, 1, 1. Node 3 takes the first with probability ½.
  let preferred = 0;
  for (let seed = 0; seed < 2000; seed++) {
    const neighbors = build('barabasi-albert', 4, { links: 1 }, `s${seed}`);
    const middle = neighbors.out[2]![0]!;
    if (neighbors.out[3]!.includes(middle)) preferred++;
  }
  // The standard deviation is 22; uniform choice would give 667.
  assert.ok(Math.abs(preferred - 1000) < 90, `${preferred} of 2000`);
});

/** The places that `geometric` draws. */
function places(nodes: number, seed: string): Array<readonly [number, number]> {
  const random = new Random(seed);
  return Array.from({ length: nodes }, () => [random.uniform(), random.uniform()] as const);
}

test('nodes of a geometric graph are neighbours exactly within the radius', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 60 }),
      fc.double({ min: 0.01, max: 1.4, noNaN: true }),
      fc.boolean(),
      (nodes, radius, wrap) => {
        const at = places(nodes, 'g');
        const along = (d: number) => (wrap ? Math.min(d, 1 - d) : d);
        const expected = at.map(([x, y], a) =>
          at.flatMap(([u, v], b) =>
            a !== b && Math.hypot(along(Math.abs(x - u)), along(Math.abs(y - v))) <= radius ? [b] : [],
          ),
        );
        assert.deepEqual(lists(build('geometric', nodes, { radius, wrap, connected: false }, 'g')), expected);
      },
    ),
    { seed: 1, numRuns: 200 },
  );
});

test('nodes of k-out send to as many others, all sets of which are equally likely', () => {
  assert.deepEqual(degrees(build('k-out', 30, { receivers: 4 })), Array(30).fill(4));
  assert.deepEqual(lists(build('k-out', 4, { receivers: 3 })), lists(build('complete', 4)));
  const seen = new Map<string, number>();
  for (let seed = 0; seed < 3000; seed++) {
    const key = String([...build('k-out', 5, { connected: false }, `s${seed}`).out[2]!]);
    seen.set(key, (seen.get(key) ?? 0) + 1);
  }
  // Six pairs of the four others, 500 of each; 5 degrees of freedom: exceeded once in a thousand seeds.
  assert.equal(seen.size, 6);
  const chiSquare = [...seen.values()].reduce((sum, times) => sum + (times - 500) ** 2 / 500, 0);
  assert.ok(chiSquare < 20.5, `chi square ${chiSquare}`);
  refused('k-out', 3, { receivers: 3 }, /at most 2 receivers.*got 3/);
});

test('random graphs are drawn again until they are connected', () => {
  const sparse: Record<string, object> = {
    'watts-strogatz': { degree: 2, rewire: '60%' },
    geometric: { radius: 0.33 },
    'k-out': { receivers: 1 },
  };
  for (const [id, options] of Object.entries(sparse)) {
    const seeds = Array.from({ length: 30 }, (_, seed) => String(seed));
    const drawn = seeds.filter((seed) => isConnected(build(id, 20, { ...options, connected: false }, seed)));
    assert.ok(drawn.length < seeds.length, `some first draws of ${id} are not connected`);
    for (const seed of seeds) assert.ok(isConnected(build(id, 20, options, seed)), id);
  }
});

test('the first edges of random topologies never change', () => {
  assert.deepEqual(
    {
      'watts-strogatz': lists(build('watts-strogatz', 8, { rewire: '40%' }, 'golden')),
      'barabasi-albert': lists(build('barabasi-albert', 8, {}, 'golden')),
      geometric: lists(build('geometric', 8, { radius: 0.5 }, 'golden')),
      'k-out': lists(build('k-out', 8, {}, 'golden')),
    },
    GOLDEN,
  );
});

const GOLDEN = {
  'watts-strogatz': [
    [1, 3, 4, 5, 6, 7],
    [0, 5, 6, 7],
    [5, 6],
    [0, 4, 5, 6],
    [0, 3, 5],
    [0, 1, 2, 3, 4, 6],
    [0, 1, 2, 3, 5],
    [0, 1],
  ],
  'barabasi-albert': [
    [1, 2, 3, 4, 6, 7],
    [0, 2, 3, 5, 7],
    [0, 1, 4, 6],
    [0, 1, 5],
    [0, 2],
    [1, 3],
    [0, 2],
    [0, 1],
  ],
  geometric: [
    [1, 2, 4, 5, 6],
    [0, 2, 3, 4, 5],
    [0, 1, 4, 5],
    [1, 4, 5],
    [0, 1, 2, 3, 5, 6, 7],
    [0, 1, 2, 3, 4],
    [0, 4, 7],
    [4, 6],
  ],
  'k-out': [
    [2, 4],
    [2, 7],
    [0, 3],
    [0, 5],
    [2, 3],
    [1, 3],
    [2, 5],
    [4, 5],
  ],
};

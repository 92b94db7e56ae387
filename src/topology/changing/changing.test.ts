import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { PluginError, UsageError } from '../../errors.js';
import { Random } from '../../random.js';
import { testTopology } from '../../testing/topologies.js';
import { buildTopology } from '../build.js';
import { type Edge, undirectedGraph } from '../edges.js';
import { changingTopology, type TopologyEntry } from '../entry.js';
import { mixingRows, type Neighbors, topologies } from '../index.js';
import { activationOf, weightOf } from './activation.js';
import { matchingsOf } from './edge-coloring.js';

const byId = (id: string): TopologyEntry => topologies.find((one) => one.id === id)!;

function roundsOf(
  id: string,
  nodes: number,
  options: unknown = {},
  seed = 'a',
): (round: number) => Neighbors {
  const entry = byId(id);
  const { linksAt } = buildTopology(entry, entry.options.parse(options), {
    nodes,
    random: new Random(seed),
    roundRandom: (round) => new Random(`${seed}/round ${round}`),
    allowDisconnected: true,
  });
  return linksAt!;
}

const lists = (neighbors: Neighbors) => neighbors.out.map((list) => [...list]);

/** One round of averaging. */
function averaged(values: number[], neighbors: Neighbors, rule = 'uniform'): number[] {
  return mixingRows(neighbors, rule).map(
    ({ self, neighbors: weights }, node) =>
      self * values[node]! + weights.reduce((sum, w, k) => sum + w * values[neighbors.in[node]![k]!]!, 0),
  );
}

test('in a one-peer exponential graph every round has its hop, and they begin again', () => {
  const linksAt = roundsOf('one-peer-exponential', 6);
  assert.deepEqual(lists(linksAt(0)), [[1], [2], [3], [4], [5], [0]]);
  assert.deepEqual(lists(linksAt(1)), [[2], [3], [4], [5], [0], [1]]);
  assert.deepEqual(lists(linksAt(2)), [[4], [5], [0], [1], [2], [3]]);
  assert.deepEqual(lists(linksAt(3)), lists(linksAt(0)));
  assert.deepEqual(lists(roundsOf('one-peer-exponential', 1)(5)), [[]]);
  assert.deepEqual(lists(roundsOf('one-peer-exponential', 2)(5)), [[1], [0]]);
});

test('log₂ n rounds of a one-peer exponential graph are an exact average', () => {
  const linksAt = roundsOf('one-peer-exponential', 16);
  let values = Array.from({ length: 16 }, (_, node) => node * node);
  for (let round = 7; round < 11; round++) values = averaged(values, linksAt(round), 'max-degree');
  assert.deepEqual(values, Array(16).fill((15 * 16 * 31) / 6 / 16));
});

test('a random matching pairs all nodes but one of an odd number, and all matchings are equally likely', () => {
  const odd = roundsOf('random-matching', 9);
  for (let round = 0; round < 20; round++) {
    const alone = odd(round).out.filter(({ length }) => length === 0);
    assert.equal(alone.length, 1);
  }
  const linksAt = roundsOf('random-matching', 4);
  const seen = [0, 0, 0, 0];
  for (let round = 0; round < 3000; round++) seen[linksAt(round).out[0]![0]!]!++;
  // Three matchings, 1,000 of each; the standard deviation is 26.
  for (const times of seen.slice(1)) assert.ok(Math.abs(times - 1000) < 110, `${seen}`);
});

test('random-k-out draws the receivers of every round anew', () => {
  const linksAt = roundsOf('random-k-out', 12, { receivers: 3 });
  for (let round = 0; round < 5; round++)
    assert.deepEqual(
      linksAt(round).out.map(({ length }) => length),
      Array(12).fill(3),
    );
  assert.notDeepEqual(lists(linksAt(0)), lists(linksAt(1)));
  assert.throws(() => roundsOf('random-k-out', 3, { receivers: 3 }), UsageError);
});

test('a schedule has the edges of each round, and repeats or stays', () => {
  const rounds = [['0-1', '2>1'], [], ['1-2']];
  const first = [[1], [0], [1]];
  const last = [[], [2], [1]];
  const repeat = roundsOf('schedule', 3, { rounds });
  assert.deepEqual(
    [0, 1, 2, 3].map((round) => lists(repeat(round))),
    [first, [[], [], []], last, first],
  );
  const stay = roundsOf('schedule', 3, { rounds, after: 'last' });
  assert.deepEqual(lists(stay(9)), last);
});

test('an edge of a schedule that cannot be is refused with its place', () => {
  const refused = (rounds: string[][], path: string, message: RegExp) =>
    assert.throws(
      () => roundsOf('schedule', 3, { rounds }),
      (error) => error instanceof UsageError && error.path === path && message.test(error.message),
    );
  refused([['0-1'], ['1-2', '1-3']], 'topology.rounds.1.1', /nodes from 0 to 2, got "1-3"/);
  refused([['1>1']], 'topology.rounds.0.0', /two different nodes/);
  refused([['0-1', '1>0']], 'topology.rounds.0.1', /each link once.*from 1 to 0 again with "1>0"/);
  const parsed = byId('schedule').options.safeParse({ rounds: [['1–2']] });
  assert.match(parsed.error!.issues[0]!.message, /an edge such as "3-5".*got "1–2"/);
});

test('a changing topology is connected if the links of its rounds together are', () => {
  const build = (id: string, options: unknown, nodes: number) => {
    const entry = byId(id);
    const roundRandom = (round: number) => new Random(String(round));
    const random = new Random('x');
    return buildTopology(entry, entry.options.parse(options), {
      nodes,
      random,
      roundRandom,
      allowDisconnected: false,
    });
  };
  assert.ok(build('random-matching', {}, 50).linksAt);
  assert.ok(build('schedule', { rounds: [['0-1'], ['1-2']] }, 3).linksAt);
  assert.throws(
    () => build('schedule', { rounds: [['0-1'], ['1-2']] }, 4),
    (error) =>
      error instanceof UsageError && /2 components of 3, 1 nodes in 2 rounds together/.test(error.message),
  );
});

/** Any undirected graph of at most 12 nodes. */
const graphs = fc.integer({ min: 1, max: 12 }).chain((nodes) => {
  const pairs: Edge[] = [];
  for (let a = 0; a < nodes; a++) for (let b = a + 1; b < nodes; b++) pairs.push([a, b]);
  return fc.tuple(fc.constant(nodes), fc.shuffledSubarray(pairs));
});

test('the matchings of a graph have every edge once, meet nowhere, and are one more than the largest degree at most', () => {
  fc.assert(
    fc.property(graphs, ([nodes, edges]) => {
      const matchings = matchingsOf(nodes, edges);
      const degrees = new Int32Array(nodes);
      for (const edge of edges) for (const node of edge as [number, number]) degrees[node]!++;
      assert.ok(matchings.length <= Math.max(0, ...degrees) + 1);
      for (const group of matchings) {
        const ends = group.flat();
        assert.equal(new Set(ends).size, ends.length);
      }
      const key = ([a, b]: Edge) => a * nodes + b;
      const all = matchings.flat().map(key);
      assert.deepEqual(new Set(all), new Set(edges.map(key)));
      assert.equal(all.length, edges.length);
    }),
    { seed: 1, numRuns: 500 },
  );
});

/** λ₂ of Σ p_j L_j. */
function connectivity(nodes: number, matchings: readonly Edge[][], probabilities: ArrayLike<number>): number {
  const matrix = Matrix.zeros(nodes, nodes);
  for (const [j, edges] of matchings.entries())
    for (const [a, b] of edges)
      for (const [row, column, sign] of [
        [a, a, 1],
        [b, b, 1],
        [a, b, -1],
        [b, a, -1],
      ] as const)
        matrix.set(row, column, matrix.get(row, column) + sign * probabilities[j]!);
  return new EigenvalueDecomposition(matrix, { assumeSymmetric: true }).realEigenvalues[1]!;
}

/** Two complete graphs of four, joined by the edge 3–4: that edge matters most. */
const BARBELL: Edge[] = [
  ...[0, 4].flatMap((first) =>
    [0, 1, 2, 3].flatMap((a) => [0, 1, 2, 3].flatMap((b) => (a < b ? [[first + a, first + b] as Edge] : []))),
  ),
  [3, 4],
];

test('activation probabilities keep the budget, and beat equal ones where an edge is a bridge', () => {
  const matchings = matchingsOf(8, BARBELL);
  const budget = matchings.length / 2;
  const probabilities = activationOf(8, matchings, budget);
  assert.ok(Math.abs(probabilities.reduce((a, b) => a + b, 0) - budget) < 1e-9);
  assert.ok(probabilities.every((p) => p >= 0 && p <= 1));
  const bridge = matchings.findIndex((edges) => edges.some(([a, b]) => a === 3 && b === 4));
  assert.ok(probabilities[bridge]! > 0.8, `${probabilities}`);
  // The best of those in which the matchings without the bridge have equal probabilities.
  let best = 0;
  for (let k = 0; k <= 1000; k++) {
    const others = (budget - k / 1000) / (matchings.length - 1);
    const split = matchings.map((_, j) => (j === bridge ? k / 1000 : others));
    best = Math.max(best, connectivity(8, matchings, split));
  }
  const found = connectivity(8, matchings, probabilities);
  assert.ok(found > best * (1 - 1e-3), `${found} of ${best}`);
  const equal = matchings.map(() => 0.5);
  assert.ok(found > 1.2 * connectivity(8, matchings, equal), `${found}`);
});

test('the activation that maximises connectivity is that of an exhaustive search', () => {
  // A path of four: the matchings {0–1, 2–3} and {1–2}. They have the probabilities p and 1 − p.
  const matchings: Edge[][] = [
    [
      [0, 1],
      [2, 3],
    ],
    [[1, 2]],
  ];
  let best = 0;
  for (let k = 0; k <= 10_000; k++)
    best = Math.max(best, connectivity(4, matchings, [k / 10_000, 1 - k / 10_000]));
  const found = connectivity(4, matchings, activationOf(4, matchings, 1));
  assert.ok(found > best * (1 - 1e-3) && found <= best * (1 + 1e-6), `${found} of ${best}`);
});

test('with all matchings active, the weight of matcha is the best constant one, 2 / (λ₂ + λₙ)', () => {
  // Laplacian of a ring of six: 2 − 2cos(2πk/6) = 0, 1, 1, 3, 3, 4.
  const ring = Array.from({ length: 6 }, (_, node): Edge => [node, (node + 1) % 6]);
  const matchings = matchingsOf(6, ring);
  const weight = weightOf(
    6,
    matchings,
    Float64Array.from(matchings, () => 1),
  );
  assert.ok(Math.abs(weight - 2 / 5) < 1e-6, `${weight}`);
});

test('for one pair that is active half of the time, the weight is a half', () => {
  // W = I − αL with probability ½: E[WᵀW] on (1, −1) is ½ + ½(1 − 2α)², which is least at ½.
  const weight = weightOf(2, [[[0, 1]]], Float64Array.of(0.5));
  assert.ok(Math.abs(weight - 0.5) < 1e-6, `${weight}`);
});

test('matcha activates as many matchings as its budget says, all of them edges of its base', () => {
  const base = { use: 'random-regular', degree: 4 };
  const linksAt = roundsOf('matcha', 12, { base, budget: '40%' }, 'm');
  const entry = byId('random-regular');
  const whole = buildTopology(entry, entry.options.parse({ degree: 4 }), {
    nodes: 12,
    random: new Random('m'),
    allowDisconnected: false,
  }).neighbors;
  let links = 0;
  for (let round = 0; round < 500; round++) {
    const neighbors = linksAt(round);
    for (const [node, list] of neighbors.out.entries()) {
      links += list.length;
      for (const other of list) assert.ok(whole.out[node]!.includes(other));
    }
    for (const { self, neighbors: weights } of mixingRows(neighbors, 'edge-weights'))
      assert.ok(Math.abs(weights.reduce((sum, one) => sum + one, self) - 1) < 1e-12);
  }
  // 48 links in 4 or 5 matchings of different sizes: about 40 % of them.
  assert.ok(links / 500 / 48 > 0.3 && links / 500 / 48 < 0.5, `${links / 500}`);
  const again = roundsOf('matcha', 12, { base, budget: '40%' }, 'm');
  assert.deepEqual(lists(again(17)), lists(linksAt(17)));
});

test('matcha refuses a base that is directed or changes, and too many nodes', () => {
  assert.throws(
    () => roundsOf('matcha', 4, { base: 'directed-ring' }),
    /an undirected topology.*directed-ring/,
  );
  assert.equal(byId('matcha').options.safeParse({ base: 'random-matching' }).success, false);
  assert.throws(() => roundsOf('matcha', 201, { base: 'ring' }), /at most 200 nodes/);
});

test('the conformance test catches rounds that depend on the order in which they are built', () => {
  let calls = 0;
  const fickle = changingTopology({
    id: 'fickle',
    description: 'counts',
    options: byId('ring').options,
    rounds: (_options, { nodes }) => ({
      graph: () => undirectedGraph(nodes, nodes > 2 ? [[0, 1 + (calls++ % 2)]] : []),
    }),
  });
  assert.throws(() => testTopology(fickle), /the same/);
});

test('a graph of a wrong size is the mistake of the entry, with its round', () => {
  const short = changingTopology({
    id: 'short',
    description: 'loses a node in round 1',
    options: byId('ring').options,
    rounds: (_options, { nodes }) => ({ graph: (round) => undirectedGraph(nodes - round, []) }),
  });
  const { linksAt } = buildTopology(
    short,
    {},
    {
      nodes: 3,
      random: new Random('x'),
      roundRandom: () => new Random('x'),
      allowDisconnected: true,
    },
  );
  assert.throws(
    () => linksAt!(1),
    (error) =>
      error instanceof PluginError && /"short", round 1: expected a graph.*got 2 nodes/.test(error.message),
  );
});

test('the first edges of random rounds never change', () => {
  assert.deepEqual(lists(roundsOf('random-matching', 6, {}, 'golden')(3)), [[2], [3], [0], [1], [5], [4]]);
  assert.deepEqual(lists(roundsOf('random-k-out', 6, {}, 'golden')(3)), [[3], [0], [4], [0], [5], [3]]);
  assert.deepEqual(lists(roundsOf('matcha', 6, { base: 'ring' }, 'golden')(3)), [
    [1, 5],
    [0],
    [3],
    [2, 4],
    [3],
    [0],
  ]);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { folderWith, latencyFrom, table } from '../../../test/support/latency.js';
import { logOf } from '../../../test/support/network.js';

const node = (id: number, more = '') => `node [ id ${id} ${more} ]`;
const edge = (source: number, target: number, latency: string, loss = 0) =>
  `edge [ source ${source} target ${target} latency ${latency} packet_loss ${loss} ]`;
const gml = (...parts: readonly string[]) => `graph [\n${parts.join('\n')}\n]\n`;

const from = (text: string, options: object = {}, nodes = 3) =>
  latencyFrom(
    { use: 'topology-file', file: 'net', ...options },
    { nodes, directory: folderWith({ net: text }) },
  );

const TRIANGLE = gml(
  node(7, 'label "x" host_bandwidth_up "2 Mbit" host_bandwidth_down "8 Mbits"'),
  node(8, 'label "y" bandwidth_up "500 Kbit" bandwidth_down "1 Gbit"'),
  node(9, 'label "z"'),
  edge(7, 8, '"10 ms"', 0.1),
  edge(8, 9, '"5 milliseconds"', 0.5),
  edge(7, 9, '"20000us"'),
  edge(7, 7, '"1 ms"', 0.25),
);

test('a latency is that of the shortest path, and its loss that of all its links', async () => {
  const model = await from(TRIANGLE);
  // From 7 to 9 by way of 8: 15 ms, not 20.
  assert.deepEqual(table(model, 3), [
    [0, 10, 15],
    [10, 0, 5],
    [15, 5, 0],
  ]);
  const loss = (a: number, b: number) => model.loss!({ from: a, to: b, now: 0 });
  assert.deepEqual(
    [loss(0, 1), loss(1, 2)],
    [0.1, 0.5].map((share) => 1 - (1 - share)),
  );
  assert.ok(Math.abs(loss(0, 2) - 0.55) < 1e-12, String(loss(0, 2)));
});

test('nodes have the bandwidths of hosts at their place, and a place without some leaves them as they are', async () => {
  const network = { uplink: '1Mbps', downlink: '4Mbps' };
  const latency = await from(TRIANGLE.replaceAll('packet_loss 0.', 'weight 0.'));
  const log = (a: number, b: number) =>
    logOf({ nodes: 3, sends: [{ at: 0, from: a, to: b }], latency, network });
  // 8,000 bits: from 7 at 2 Mbps 4 ms, from 8 at 500 kbps 16 ms, from 9 at 1 Mbps 8 ms.
  assert.deepEqual(await log(0, 1), ['14000000 delivered 0>1 #0']);
  assert.deepEqual(await log(1, 0), ['26000000 delivered 1>0 #0']);
  assert.deepEqual(await log(2, 0), ['23000000 delivered 2>0 #0']);
  assert.equal(latency.loss, undefined);
  assert.equal((await from(TRIANGLE, { bandwidths: false })).bandwidths, undefined);
});

test('of two paths with one latency the one that loses less is taken', async () => {
  const square = gml(
    ...[0, 1, 2, 3].map((id) => node(id)),
    ...[edge(0, 1, '1', 0.5), edge(1, 3, '1'), edge(0, 2, '1'), edge(2, 3, '1', 0.25)],
  );
  const model = await from(square, {}, 4);
  assert.equal(table(model, 4)[0]![3], 2000, 'without a unit it is seconds');
  assert.equal(model.loss!({ from: 0, to: 3, now: 0 }), 0.25);
});

test('edges of a directed graph lead one way', async () => {
  const ring = gml(
    'directed 1',
    ...[0, 1, 2].map((id) => node(id)),
    ...[edge(0, 1, '"1 ms"'), edge(1, 2, '"2 ms"'), edge(2, 0, '"4 ms"')],
  );
  assert.deepEqual(table(await from(ring), 3), [
    [0, 1, 3],
    [6, 0, 2],
    [4, 5, 0],
  ]);
});

test('two nodes of a place take its link to itself, which is on no other path', async () => {
  const pair = gml(node(0), node(1), edge(0, 1, '"3 ms"'), edge(0, 0, '"9 ms"'));
  const places = { 0: { nodes: [0, 1] }, 1: { nodes: [2] } };
  assert.deepEqual(table(await from(pair, { places }), 3)[0], [0, 9, 3]);
  const without = gml(node(0), node(1), edge(0, 1, '"3 ms"'));
  assert.deepEqual(table(await from(without, { places, samePlace: '2ms' }), 3)[0], [0, 2, 3]);
  await assert.rejects(
    from(without, { places }),
    /from 0 to itself for its 2 nodes, or the option samePlace/,
  );
});

test('places are named by their ids or by labels that are theirs alone', async () => {
  const places = { x: { nodes: [0] }, z: { nodes: [1] }, 8: { nodes: [2] } };
  assert.deepEqual(table(await from(TRIANGLE, { places }), 3)[0], [0, 15, 10]);
  const twice = TRIANGLE.replace('"z"', '"x"');
  await assert.rejects(from(twice, { places }), { path: 'network.latency.places.x' });
});

const WRONG: readonly (readonly [string, string, RegExp])[] = [
  ['no graph', 'Creator "me"\n', /^net:1: expected graph/],
  ['a broken list', 'graph [\nnode [ id 0\n', /^net:\d: expected/],
  ['a node without an id', gml('node [ label "x" ]'), /^net:2: expected an id of the node/],
  ['an id twice', gml(node(0), node(0)), /^net:3: .*got 0 a second time$/],
  [
    'an edge to nowhere',
    gml(node(0), node(1), edge(0, 2, '1')),
    /^net:4: expected the id of a node as target, got 2$/,
  ],
  [
    'no latency',
    gml(node(0), 'edge [ source 0 target 0 ]'),
    /^net:3: expected a latency of the edge, got none$/,
  ],
  [
    'a latency of zero',
    gml(node(0), edge(0, 0, '"0 ms"')),
    /^net:3: expected a latency above zero.*got "0 ms"$/,
  ],
  ['an unknown unit', gml(node(0), edge(0, 0, '"1 fortnight"')), /^net:3: .*got "1 fortnight"$/],
  [
    'a loss above 1',
    gml(node(0), edge(0, 0, '1', 2)),
    /^net:3: expected a packet_loss from 0 to 1, got "2"$/,
  ],
  [
    'a bandwidth in bytes',
    gml(node(0, 'host_bandwidth_up "1 MB"')),
    /^net:2: expected host_bandwidth_up .*got "1 MB"$/,
  ],
  ['pieces', gml(node(0), node(1), node(2), edge(0, 1, '1')), /^expected a path from 0 to 2, got none: net$/],
  [
    'a one-way street',
    gml('directed 1', node(0), node(1), node(2), edge(0, 1, '1'), edge(1, 2, '1')),
    /^expected a path from 1 to 0, got none: net$/,
  ],
];

for (const [name, text, message] of WRONG) {
  test(`GML with ${name} is refused`, async () => {
    await assert.rejects(from(text), { name: 'UsageError', message });
  });
}

const BACKBONE = {
  directed: false,
  multigraph: false,
  graph: { name: 'made up' },
  nodes: [
    { id: 'a', pos: [0, 0], type: 'City' },
    { id: 1, pos: [45, 0], type: 'Waypoint', name: 'middle' },
    { id: 'b', pos: [90, 0], type: 'City' },
  ],
  links: [
    { source: 'a', target: 1, dist: 6000 },
    { source: 1, target: 'b' },
  ],
};

test('lengths of links ÷ speed are latencies of TopoHub’s files, by dist or by the positions of the ends', async () => {
  const text = JSON.stringify(BACKBONE);
  // 6,000 km at 200,000 km/s are 30 ms; an eighth of a great circle is 5,003,779 m, at 5 ns each.
  const eighth = (5_003_779 * 5) / 1e6;
  assert.deepEqual(table(await from(text), 3)[0], [0, 30, Number((30 + eighth).toFixed(6))]);
  const slow = await from(text, { speed: '100000km/s' });
  assert.equal(table(slow, 3)[0]![1], 60);
  const cities = await from(text, { kind: 'City' }, 2);
  assert.equal(table(cities, 2)[0]![1], Number((30 + eighth).toFixed(6)));
  const named = await from(text, { places: { middle: { nodes: [0] }, a: { nodes: [1] } } }, 2);
  assert.equal(table(named, 2)[0]![1], 30);
  const later = JSON.stringify({ ...BACKBONE, links: undefined, edges: BACKBONE.links });
  assert.deepEqual(table(await from(later), 3), table(await from(text), 3));
});

test('JSON that is no graph with distances is refused', async () => {
  const changed = (change: object) => JSON.stringify({ ...BACKBONE, ...change });
  for (const [text, message] of [
    ['{ "nodes": [', /^expected JSON, got text that is not JSON/],
    [changed({ nodes: undefined }), /^net: nodes: /],
    [changed({ nodes: [{ id: 'a', pos: [0, 95] }] }), /^net: nodes\.0\.pos\.1: /],
    [changed({ links: [{ source: 'a', target: 'c', dist: 1 }] }), /^net: links\.0: .*got a and c$/],
    [
      changed({ nodes: [{ id: 'a' }, { id: 1 }], links: [{ source: 'a', target: 1 }] }),
      /^net: links\.0: expected a dist/,
    ],
    [changed({ nodes: [{ id: 'a' }, { id: 'a' }] }), /^expected an id of its own for every node: net$/],
  ] as const) {
    await assert.rejects(from(text), { name: 'UsageError', message, path: 'network.latency.file' });
  }
  await assert.rejects(from(JSON.stringify(BACKBONE), { kind: 'Town' }), {
    message: 'expected a type of the file (City, Waypoint), got Town',
    path: 'network.latency.kind',
  });
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DirectedGraph, MultiGraph, UndirectedGraph } from 'graphology';
import { PluginError, UsageError } from '../errors.js';
import { Random } from '../random.js';
import { testTopology } from '../testing/topologies.js';
import { buildTopology } from './build.js';
import { assertConnected, components, isConnected } from './components.js';
import { undirectedGraph } from './edges.js';
import type { TopologyEntry } from './entry.js';
import { isSymmetric, neighborsOf, nodeOrder } from './neighbor-lists.js';
import { ring } from './ring.js';

const code = (expected: string) => (error: unknown) => error instanceof UsageError && error.code === expected;

test('whole-number keys sort by number, others by code units', () => {
  const numbers = new UndirectedGraph();
  for (const key of ['10', '9', '2']) numbers.addNode(key);
  assert.deepEqual(nodeOrder(numbers), ['2', '9', '10']);
  const names = new UndirectedGraph();
  for (const key of ['b', '10', 'a', '9', 'Z']) names.addNode(key);
  assert.deepEqual(nodeOrder(names), ['10', '9', 'Z', 'a', 'b']);
});

test('neighbour lists do not depend on the order in which nodes and edges were added', () => {
  const one = undirectedGraph(4, [
    [0, 1],
    [0, 3],
    [2, 1],
  ]);
  const other = new UndirectedGraph();
  for (const key of ['3', '1', '0', '2']) other.addNode(key);
  other.addEdge('1', '2');
  other.addEdge('3', '0');
  other.addEdge('1', '0');
  assert.deepEqual(neighborsOf(other), neighborsOf(one));
});

test('a directed edge is one link, an undirected one two', () => {
  const graph = new MultiGraph();
  for (const key of ['0', '1', '2']) graph.addNode(key);
  graph.addDirectedEdge('0', '2');
  graph.addUndirectedEdge('1', '2');
  const neighbors = neighborsOf(graph);
  assert.deepEqual(
    neighbors.out.map((list) => [...list]),
    [[2], [2], [1]],
  );
  assert.deepEqual(
    neighbors.in.map((list) => [...list]),
    [[], [2], [0, 1]],
  );
  assert.equal(isSymmetric(neighbors), false);
});

test('two directed edges in opposite directions are symmetric', () => {
  const graph = new DirectedGraph();
  graph.addNode('0');
  graph.addNode('1');
  graph.addEdge('0', '1');
  graph.addEdge('1', '0');
  assert.equal(isSymmetric(neighborsOf(graph)), true);
});

test('self loops and double links are refused', () => {
  const loop = new UndirectedGraph();
  loop.addNode('0');
  loop.addEdge('0', '0');
  assert.throws(() => neighborsOf(loop), code('self-loop'));
  const double = new MultiGraph();
  double.addNode('0');
  double.addNode('1');
  double.addDirectedEdge('0', '1');
  double.addUndirectedEdge('0', '1');
  assert.throws(() => neighborsOf(double), code('multi-edge'));
});

test('edge keys are the two ends, lower first', () => {
  const graph = undirectedGraph(3, [[2, 0]]);
  assert.deepEqual(graph.edges(), ['0-2']);
});

test('components are found, each ascending, in the order of their least nodes', () => {
  const neighbors = neighborsOf(
    undirectedGraph(6, [
      [4, 0],
      [3, 1],
      [1, 5],
    ]),
  );
  assert.deepEqual(
    components(neighbors).map((members) => [...members]),
    [[0, 4], [1, 3, 5], [2]],
  );
  assert.equal(isConnected(neighbors), false);
});

test('a link in one direction is enough to connect two nodes', () => {
  const graph = new DirectedGraph();
  for (const key of ['0', '1', '2']) graph.addNode(key);
  graph.addEdge('1', '0');
  graph.addEdge('1', '2');
  assert.equal(isConnected(neighborsOf(graph)), true);
});

test('a disconnected topology is refused with its sizes and the remedy', () => {
  const neighbors = neighborsOf(undirectedGraph(4, [[1, 2]]));
  assert.throws(
    () => assertConnected(neighbors),
    (error) =>
      code('disconnected-topology')(error) &&
      /3 components of 2, 1, 1 nodes.*topology.allowDisconnected: true/.test((error as Error).message),
  );
});

const pairs: TopologyEntry = {
  ...ring,
  id: 'pairs',
  build: (_options, { nodes }) => undirectedGraph(nodes, nodes > 1 ? [[0, 1]] : []),
};

test('a disconnected topology is built only if it is allowed', () => {
  const context = { nodes: 4, random: new Random('x') };
  assert.throws(
    () => buildTopology(pairs, {}, { ...context, allowDisconnected: false }),
    code('disconnected-topology'),
  );
  assert.equal(buildTopology(pairs, {}, { ...context, allowDisconnected: true }).neighbors.nodes, 4);
});

test('an entry whose graph has other nodes is named in the error', () => {
  const context = { nodes: 3, random: new Random('x'), allowDisconnected: false };
  const short: TopologyEntry = { ...ring, id: 'short', build: () => undirectedGraph(2, [[0, 1]]) };
  assert.throws(
    () => buildTopology(short, {}, context),
    (error) => error instanceof PluginError && /"short".*got 2 nodes/.test(error.message),
  );
  const named: TopologyEntry = {
    ...ring,
    id: 'named',
    build() {
      const graph = new UndirectedGraph();
      for (const key of ['1', '2', '3']) graph.addNode(key);
      return graph;
    },
  };
  assert.throws(
    () => buildTopology(named, {}, context),
    (error) => error instanceof PluginError && /"1" instead of "0"/.test(error.message),
  );
});

test('the conformance test catches an entry whose graph is not a function of its stream', () => {
  let calls = 0;
  const fickle: TopologyEntry = {
    ...ring,
    id: 'fickle',
    build: (_options, { nodes }) => undirectedGraph(nodes, nodes > 2 ? [[0, 1 + (calls++ % 2)]] : []),
  };
  assert.throws(() => testTopology(fickle), /the same graph from the same stream/);
  const unkeyed: TopologyEntry = {
    ...ring,
    id: 'unkeyed',
    build(_options, { nodes }) {
      const graph = new UndirectedGraph();
      for (let node = 0; node < nodes; node++) graph.addNode(String(node));
      if (nodes > 1) graph.addEdge('0', '1');
      return graph;
    },
  };
  assert.throws(() => testTopology(unkeyed), /edge keys and order included/);
});

test('the conformance test skips sizes that an entry refuses, but fails if it refuses all', () => {
  const never: TopologyEntry = {
    ...ring,
    id: 'never',
    build() {
      throw new UsageError('impossible-topology', 'no such graph');
    },
  };
  assert.throws(() => testTopology(never), /at least one number of nodes, got: no such graph/);
});

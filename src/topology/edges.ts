/** Graphs from lists of edges, with keys that are the same in every process. */

import { DirectedGraph, UndirectedGraph } from 'graphology';
import type { AbstractGraph as Graph } from 'graphology-types';
import { UsageError } from '../errors.js';

/** Two ends of an undirected edge, or sender and receiver; and its mixing weight, where it has one. @public */
export type Edge = readonly [number, number, weight?: number | undefined];

/** A JavaScript Map, in which graphology keeps the edges, holds no more entries than this. */
const EDGES_MAX = 2 ** 24 - 1;

/**
 * An undirected graph with the nodes '0' … 'nodes − 1'. Its edges have the keys `i-j` with i < j, since the keys that
 * graphology generates differ from process to process.
 * @public
 */
export function undirectedGraph(nodes: number, edges: Iterable<Edge>): Graph {
  const graph = new UndirectedGraph();
  for (let node = 0; node < nodes; node++) graph.addNode(String(node));
  for (const [a, b, weight] of edges) {
    const low = Math.min(a, b);
    const high = Math.max(a, b);
    graph.addUndirectedEdgeWithKey(`${low}-${high}`, String(low), String(high), attributesOf(weight));
  }
  return graph;
}

/** A directed graph with the nodes '0' … 'nodes − 1'. Its edges have the keys `from>to`. @public */
export function directedGraph(nodes: number, links: Iterable<Edge>): Graph {
  const graph = new DirectedGraph();
  for (let node = 0; node < nodes; node++) graph.addNode(String(node));
  for (const [from, to, weight] of links) {
    graph.addDirectedEdgeWithKey(`${from}>${to}`, String(from), String(to), attributesOf(weight));
  }
  return graph;
}

const attributesOf = (weight: number | undefined) => (weight === undefined ? {} : { weight });

/** A graph of graphology-generators as an undirected graph with stable edge keys, its edges in the same order. */
export function withStableKeys(generated: Graph): Graph {
  const edges: Edge[] = [];
  generated.forEachEdge((_key, _attributes, source, target) => {
    edges.push([Number(source), Number(target)]);
  });
  return undirectedGraph(generated.order, edges);
}

/** Throws UsageError, before a graph is built, if it has too many edges. `edges` may be their expected number. */
export function checkEdgeCount(edges: number, nodes: number, topology: string): void {
  if (edges <= EDGES_MAX) return;
  throw new UsageError(
    'topology-too-large',
    `expected at most ${EDGES_MAX} edges, but a topology "${topology}" of ${nodes} nodes has about ` +
      `${Math.round(edges)}: use fewer nodes or a sparser topology`,
    'topology',
  );
}

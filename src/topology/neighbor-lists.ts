/** From a graphology graph to immutable neighbour lists, which do not depend on the order of its nodes and edges. */
import type { AbstractGraph as Graph } from 'graphology-types';
import { byCodeUnit, UsageError } from '../errors.js';
import type { Neighbors } from './neighbors.js';

/**
 * The node keys in the order of the numbers that the nodes get: by number if every key is a whole number, otherwise by
 * code units. For the built-in generators this is '0' … 'n − 1'.
 */
export function nodeOrder(graph: Graph): string[] {
  const keys = graph.nodes();
  const numeric = keys.every((key) => /^(0|[1-9]\d{0,14})$/.test(key));
  return keys.sort(numeric ? (a, b) => Number(a) - Number(b) : byCodeUnit);
}

/**
 * Neighbour lists of a directed, undirected or mixed graph; an undirected edge is two links. Node i is the i-th of
 * {@link nodeOrder}. The attribute `weight` of edges is their mixing weight. Throws UsageError on a self loop, or if two edges are the same link.
 * @public
 */
export function neighborsOf(graph: Graph): Neighbors {
  const keys = nodeOrder(graph);
  const numberOf = new Map(keys.map((key, node) => [key, node]));
  const out: number[][] = keys.map(() => []);
  const incoming: number[][] = keys.map(() => []);
  const weights = new Map<number, number>();
  graph.forEachEdge((_key, { weight }, source, target, _source, _target, undirected) => {
    if (source === target) {
      throw new UsageError('self-loop', `expected no self loop, got one at node ${source}`, 'topology');
    }
    const from = numberOf.get(source)!;
    const to = numberOf.get(target)!;
    out[from]!.push(to);
    incoming[to]!.push(from);
    if (undirected) {
      out[to]!.push(from);
      incoming[from]!.push(to);
    }
    if (typeof weight !== 'number') return;
    weights.set(from * keys.length + to, weight);
    if (undirected) weights.set(to * keys.length + from, weight);
  });
  const outLists = out.map(ascending);
  for (const [from, list] of outLists.entries()) {
    for (let k = 1; k < list.length; k++) {
      if (list[k] === list[k - 1]) {
        throw new UsageError(
          'multi-edge',
          `expected at most one link between two nodes, got more from ${keys[from]} to ${keys[list[k]!]}`,
          'topology',
        );
      }
    }
  }
  const lists = { nodes: keys.length, out: outLists, in: incoming.map(ascending) };
  if (weights.size === 0) return lists;
  return { ...lists, weight: (from, to) => weights.get(from * keys.length + to) };
}

/** Whether there is a link back for every link, as in an undirected graph. */
export function isSymmetric(neighbors: Neighbors): boolean {
  return neighbors.out.every((out, node) => {
    const incoming = neighbors.in[node]!;
    return out.length === incoming.length && out.every((other, k) => other === incoming[k]);
  });
}

function ascending(list: number[]): Int32Array {
  return Int32Array.from(list).sort((a, b) => a - b);
}

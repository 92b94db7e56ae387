/**
 * Random simple graph in which every node has the same degree, by switching: from a circulant graph, edge pairs
 * {a,b}, {c,d} become {a,d}, {c,b} at random if that leaves the graph simple. The Markov chain keeps every degree, its
 * only limit is the uniform distribution over all such graphs, and it takes a fixed number of steps. The pairing model
 * with rejection would need about e^(degree²/4) tries.
 */
import type { AbstractGraph as Graph } from 'graphology-types';
import { z } from 'zod';
import { UsageError } from '../errors.js';
import { count } from '../options/index.js';
import type { Random } from '../random.js';
import { checkEdgeCount, type Edge, undirectedGraph } from './edges.js';
import type { TopologyEntry } from './entry.js';
import { drawConnected } from './redraw.js';

/** Options of `random-regular`. */
interface RandomRegularOptions {
  readonly degree: number;
  readonly connected: boolean;
}

/** Attempted switches per edge; ten or more is usual for the chain to become independent of its start. */
const SWITCHES_PER_EDGE = 20;

/** Every node has exactly `degree` neighbours. */
export const randomRegular: TopologyEntry<RandomRegularOptions> = {
  id: 'random-regular',
  description: 'a random simple graph in which every node has the same degree',
  reference: 'switching chain: Cooper, Dyer, Greenhill, Combinatorics, Probability and Computing 16, 2007',
  options: z.strictObject({
    degree: count().describe('number of neighbours of each node'),
    connected: z
      .boolean()
      .default(true)
      .describe('whether to draw the graph again, up to 100 times, until it is connected'),
  }),
  build({ degree, connected }, { nodes, random }) {
    checkDegree(degree, nodes, connected);
    checkEdgeCount((nodes * degree) / 2, nodes, 'random-regular');
    const draw = () => drawRegular(degree, nodes, random);
    if (!connected) return draw();
    return drawConnected(draw, `a ${degree}-regular graph of ${nodes} nodes`, 'raise topology.degree');
  },
};

function checkDegree(degree: number, nodes: number, connected: boolean): void {
  const refuse = (reason: string) =>
    new UsageError(
      'impossible-topology',
      `expected a degree that ${nodes} nodes can have, got ${degree}: ${reason}`,
      'topology.degree',
    );
  if (degree >= nodes) throw refuse(`there are only ${nodes - 1} other nodes`);
  if ((degree * nodes) % 2 === 1) throw refuse('nodes × degree counts each edge twice, so it must be even');
  if (connected && degree === 1 && nodes > 2) {
    throw refuse(
      'a graph of degree 1 consists of pairs and is not connected; raise it, or set topology.connected: false',
    );
  }
}

function drawRegular(degree: number, nodes: number, random: Random): Graph {
  const rest = nodes - 1 - degree;
  // In a dense graph hardly any switch leaves it simple; its complement is sparse, regular, and just as uniform.
  if (rest >= degree) return undirectedGraph(nodes, switched(circulant(degree, nodes), nodes, random));
  const absent = new Set(
    switched(circulant(rest, nodes), nodes, random).map((edge) => edgeNumber(edge, nodes)),
  );
  const edges: Edge[] = [];
  for (let a = 0; a < nodes; a++) {
    for (let b = a + 1; b < nodes; b++) if (!absent.has(edgeNumber([a, b], nodes))) edges.push([a, b]);
  }
  return undirectedGraph(nodes, edges);
}

/** Node i has edges with i ± 1, …, i ± ⌊degree/2⌋ and, for an odd degree, with i + nodes/2. */
function circulant(degree: number, nodes: number): Edge[] {
  const edges: Edge[] = [];
  for (let hop = 1; hop <= Math.floor(degree / 2); hop++) {
    for (let node = 0; node < nodes; node++) edges.push([node, (node + hop) % nodes]);
  }
  if (degree % 2 === 1) for (let node = 0; node < nodes / 2; node++) edges.push([node, node + nodes / 2]);
  return edges;
}

/**
 * Who is a neighbour of whom in a regular graph: int32 [nodes × degree]. Looking through a row is several times as fast
 * as asking a set of edges, up to some hundred neighbours.
 */
class NeighborTable {
  readonly #degree: number;
  readonly #table: Int32Array;

  constructor(edges: readonly Edge[], nodes: number) {
    this.#degree = (2 * edges.length) / nodes;
    this.#table = new Int32Array(2 * edges.length);
    const filled = new Int32Array(nodes);
    const add = (node: number, other: number): void => {
      this.#table[node * this.#degree + filled[node]!++] = other;
    };
    for (const [a, b] of edges) {
      add(a, b);
      add(b, a);
    }
  }

  has(node: number, other: number): boolean {
    return this.#place(node, other) >= 0;
  }

  /** Puts another node in the place of a neighbour. */
  replace(node: number, before: number, after: number): void {
    this.#table[this.#place(node, before)] = after;
  }

  #place(node: number, other: number): number {
    const end = (node + 1) * this.#degree;
    for (let k = node * this.#degree; k < end; k++) if (this.#table[k] === other) return k;
    return -1;
  }
}

function switched(edges: readonly Edge[], nodes: number, random: Random): Edge[] {
  const starts = Int32Array.from(edges, ([start]) => start);
  const ends = Int32Array.from(edges, ([, end]) => end);
  const neighbors = new NeighborTable(edges, nodes);
  for (let attempt = 0; attempt < SWITCHES_PER_EDGE * edges.length; attempt++) {
    const first = random.integer(edges.length);
    // The lowest bit of the second draw says which way round the second edge is read.
    const draw = random.integer(2 * edges.length);
    const second = draw >> 1;
    const a = starts[first]!;
    const b = ends[first]!;
    const c = draw & 1 ? starts[second]! : ends[second]!;
    const d = draw & 1 ? ends[second]! : starts[second]!;
    if (a === d || b === c || a === c || b === d) continue;
    if (neighbors.has(a, d) || neighbors.has(c, b)) continue;
    starts[first] = a;
    ends[first] = d;
    starts[second] = c;
    ends[second] = b;
    neighbors.replace(a, b, d);
    neighbors.replace(b, a, c);
    neighbors.replace(c, d, b);
    neighbors.replace(d, c, a);
  }
  return edges.map((_, k): Edge => [starts[k]!, ends[k]!]);
}

function edgeNumber([a, b]: Edge, nodes: number): number {
  return Math.min(a, b) * nodes + Math.max(a, b);
}

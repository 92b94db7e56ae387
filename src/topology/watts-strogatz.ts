/** Small worlds of Watts and Strogatz: a ring of near neighbours, some of whose edges lead elsewhere. */
import { z } from 'zod';
import { UsageError } from '../errors.js';
import { count, share } from '../options/index.js';
import type { Random } from '../random.js';
import { checkEdgeCount, type Edge, undirectedGraph } from './edges.js';
import type { TopologyEntry } from './entry.js';
import { drawConnected } from './redraw.js';

/** Options of `watts-strogatz`. */
interface WattsStrogatzOptions {
  readonly degree: number;
  readonly rewire: number;
  readonly connected: boolean;
}

/** The number of edges is that of the ring; degrees differ after rewiring, and are at least degree / 2. */
export const wattsStrogatz: TopologyEntry<WattsStrogatzOptions> = {
  id: 'watts-strogatz',
  description:
    'a small world: a ring of near neighbours in which each edge leads to a random node with some probability',
  reference: "Watts and Strogatz: Collective dynamics of 'small-world' networks, Nature 393, 1998",
  options: z.strictObject({
    degree: count(2)
      .refine((degree) => degree % 2 === 0, { error: 'expected an even number: half of them on each side' })
      .default(4)
      .describe('number of neighbours before rewiring, half of them on each side'),
    rewire: share().prefault('10%').describe('probability with which the far end of an edge is drawn anew'),
    connected: z
      .boolean()
      .default(true)
      .describe('whether to draw the graph again, up to 100 times, until it is connected'),
  }),
  build({ degree, rewire, connected }, { nodes, random }) {
    if (degree >= nodes) {
      throw new UsageError(
        'impossible-topology',
        `expected a degree below the number of nodes, ${nodes}, got ${degree}`,
        'topology.degree',
      );
    }
    checkEdgeCount((nodes * degree) / 2, nodes, 'watts-strogatz');
    const draw = () => undirectedGraph(nodes, rewired({ nodes, degree, rewire, random }));
    if (!connected) return draw();
    return drawConnected(
      draw,
      `a small world of ${nodes} nodes with degree ${degree}`,
      'raise topology.degree',
    );
  },
};

interface Draw extends Pick<WattsStrogatzOptions, 'degree' | 'rewire'> {
  readonly nodes: number;
  readonly random: Random;
}

/**
 * Hop by hop round the ring, as in the paper. A new end is drawn among the nodes that share no edge with the near one; where
 * there is none, the edge stays.
 */
function rewired({ nodes, degree, rewire, random }: Draw): Edge[] {
  const neighbors = Array.from({ length: nodes }, () => new Set<number>());
  const join = (a: number, b: number) => {
    neighbors[a]!.add(b);
    neighbors[b]!.add(a);
  };
  const edges: Array<[number, number]> = [];
  for (let hop = 1; hop <= degree / 2; hop++) {
    for (let node = 0; node < nodes; node++) edges.push([node, (node + hop) % nodes]);
  }
  for (const [a, b] of edges) join(a, b);
  for (const edge of edges) {
    const [node, old] = edge;
    if (random.uniform() >= rewire || neighbors[node]!.size >= nodes - 1) continue;
    let other = random.integer(nodes);
    while (other === node || neighbors[node]!.has(other)) other = random.integer(nodes);
    neighbors[node]!.delete(old);
    neighbors[old]!.delete(node);
    join(node, other);
    edge[1] = other;
  }
  return edges;
}

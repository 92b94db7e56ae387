/** Scale-free graphs of Barabási and Albert: new nodes prefer those that have many neighbours already. */
import { z } from 'zod';
import { UsageError } from '../errors.js';
import { count } from '../options/index.js';
import { checkEdgeCount, type Edge, undirectedGraph } from './edges.js';
import type { TopologyEntry } from './entry.js';

/** Options of `barabasi-albert`. */
interface BarabasiAlbertOptions {
  readonly links: number;
}

/** Nodes 0 to `links` are a complete graph; each further node gets `links` neighbours. Always connected. */
export const barabasiAlbert: TopologyEntry<BarabasiAlbertOptions> = {
  id: 'barabasi-albert',
  description:
    'scale-free: each new node chooses its neighbours among the earlier ones with probabilities in proportion to their degrees',
  reference: 'Barabási and Albert: Emergence of Scaling in Random Networks, Science 286, 1999',
  options: z.strictObject({
    links: count()
      .default(2)
      .describe(
        'number of neighbours that a new node chooses; the first nodes, one more, are a complete graph',
      ),
  }),
  build({ links }, { nodes, random }) {
    if (links >= nodes) {
      throw new UsageError(
        'impossible-topology',
        `expected fewer links of a new node than the number of nodes, ${nodes}, got ${links}`,
        'topology.links',
      );
    }
    checkEdgeCount(nodes * links, nodes, 'barabasi-albert');
    const edges: Edge[] = [];
    // Every end of every edge: a uniform draw from these is one in proportion to the degrees.
    const ends: number[] = [];
    const join = (a: number, b: number) => {
      edges.push([a, b]);
      ends.push(a, b);
    };
    for (let a = 0; a <= links; a++) for (let b = a + 1; b <= links; b++) join(a, b);
    for (let node = links + 1; node < nodes; node++) {
      const chosen = new Set<number>();
      while (chosen.size < links) chosen.add(ends[random.integer(ends.length)]!);
      for (const other of chosen) join(other, node);
    }
    return undirectedGraph(nodes, edges);
  },
};

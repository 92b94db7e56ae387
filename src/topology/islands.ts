/** Islands: complete graphs of a few nodes each, without edges between them. */
import { z } from 'zod';
import { count } from '../options/index.js';
import { checkEdgeCount, type Edge, undirectedGraph } from './edges.js';
import type { TopologyEntry } from './entry.js';

/** Options of `islands`. */
interface IslandsOptions {
  readonly size: number;
}

/** Node i is on island ⌊i / size⌋; the last island may be smaller. Several islands need `allowDisconnected: true`. */
export const islands: TopologyEntry<IslandsOptions> = {
  id: 'islands',
  description:
    'groups of nodes with consecutive numbers, each a complete graph, without edges between the groups',
  options: z.strictObject({ size: count().default(2).describe('number of nodes of each island') }),
  build({ size }, { nodes }) {
    checkEdgeCount((nodes * (size - 1)) / 2, nodes, 'islands');
    const edges: Edge[] = [];
    for (let node = 0; node < nodes; node++) {
      const end = Math.min(nodes, node - (node % size) + size);
      for (let other = node + 1; other < end; other++) edges.push([node, other]);
    }
    return undirectedGraph(nodes, edges);
  },
};

/** Star: node 0 is the centre. */
import { z } from 'zod';
import { type Edge, undirectedGraph } from './edges.js';
import type { TopologyEntry } from './entry.js';

/** Every node shares an edge with node 0 and with no other. */
export const star: TopologyEntry<Record<string, never>> = {
  id: 'star',
  description: 'node 0 is a neighbour of every other node, and these have no other neighbour',
  options: z.strictObject({}),
  build(_options, { nodes }) {
    const edges: Edge[] = [];
    for (let node = 1; node < nodes; node++) edges.push([0, node]);
    return undirectedGraph(nodes, edges);
  },
};

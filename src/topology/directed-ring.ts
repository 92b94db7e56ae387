/** Directed ring: node i sends to node i + 1 mod n and to nobody else. A single node has no link. */
import { z } from 'zod';
import { directedGraph, type Edge } from './edges.js';
import type { TopologyEntry } from './entry.js';

/** The sparsest connected topology in which everybody reaches everybody: what node 0 sends takes n − 1 hops to go round. */
export const directedRing: TopologyEntry<Record<string, never>> = {
  id: 'directed-ring',
  description: 'each node sends to the next one only (a directed cycle)',
  options: z.strictObject({}),
  build(_options, { nodes }) {
    const links: Edge[] = [];
    if (nodes > 1) for (let node = 0; node < nodes; node++) links.push([node, (node + 1) % nodes]);
    return directedGraph(nodes, links);
  },
};

/** Directed ring: node i sends only to node i + 1 mod n. A single node has no link. */
import { z } from 'zod';
import { directedGraph, type Edge } from './edges.js';
import type { TopologyEntry } from './entry.js';

/** The sparsest topology in which every node reaches every other: a message needs up to n − 1 hops. */
export const directedRing: TopologyEntry<Record<string, never>> = {
  id: 'directed-ring',
  description: 'each node sends only to the next one (a directed cycle)',
  options: z.strictObject({}),
  build(_options, { nodes }) {
    const links: Edge[] = [];
    if (nodes > 1) for (let node = 0; node < nodes; node++) links.push([node, (node + 1) % nodes]);
    return directedGraph(nodes, links);
  },
};

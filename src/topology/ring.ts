/** Ring: node i and node i + 1 mod n share an edge. Two nodes share one edge, a single node has none. */
import { z } from 'zod';
import { type Edge, undirectedGraph } from './edges.js';
import type { TopologyEntry } from './entry.js';

/** The sparsest regular connected topology. With Metropolis–Hastings mixing λ₂ = 1/3 + 2/3·cos(2π/n) for n ≥ 3. */
export const ring: TopologyEntry<Record<string, never>> = {
  id: 'ring',
  description: 'each node has the next and the previous node as neighbours',
  options: z.strictObject({}),
  build(_options, { nodes }) {
    const edges: Edge[] = [];
    for (let node = 0; node + 1 < nodes; node++) edges.push([node, node + 1]);
    if (nodes > 2) edges.push([0, nodes - 1]);
    return undirectedGraph(nodes, edges);
  },
};

/** Path: node i and node i + 1 share an edge. The generator of graphology-generators has no node where there should be one. */
import { z } from 'zod';
import { type Edge, undirectedGraph } from './edges.js';
import type { TopologyEntry } from './entry.js';

/** The sparsest connected topology. With Metropolis–Hastings mixing λ₂ = 1/3 + 2/3·cos(π/n) for n ≥ 3. */
export const path: TopologyEntry<Record<string, never>> = {
  id: 'path',
  description: 'each node has the next and the previous node as neighbours, and the ends have one',
  options: z.strictObject({}),
  build(_options, { nodes }) {
    const edges = Array.from({ length: nodes - 1 }, (_, node): Edge => [node, node + 1]);
    return undirectedGraph(nodes, edges);
  },
};

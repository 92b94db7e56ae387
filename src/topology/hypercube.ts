/** Hypercube: two nodes share an edge where their numbers differ in one binary digit. */
import { z } from 'zod';
import { UsageError } from '../errors.js';
import { checkEdgeCount, type Edge, undirectedGraph } from './edges.js';
import type { TopologyEntry } from './entry.js';

/** Degree and diameter log₂ n; with Metropolis–Hastings mixing the spectral gap is 2 / (1 + log₂ n). */
export const hypercube: TopologyEntry<Record<string, never>> = {
  id: 'hypercube',
  description:
    'nodes whose numbers differ in one binary digit are neighbours; the number of nodes is a power of two',
  options: z.strictObject({}),
  build(_options, { nodes }) {
    const dimensions = Math.round(Math.log2(nodes));
    if (2 ** dimensions !== nodes) {
      throw new UsageError(
        'impossible-topology',
        `expected a power of two as the number of nodes of a hypercube, got ${nodes}: take ${2 ** dimensions}`,
        'nodes',
      );
    }
    checkEdgeCount((nodes * dimensions) / 2, nodes, 'hypercube');
    const edges: Edge[] = [];
    for (let node = 0; node < nodes; node++) {
      for (let bit = 1; bit < nodes; bit *= 2) if ((node & bit) === 0) edges.push([node, node | bit]);
    }
    return undirectedGraph(nodes, edges);
  },
};

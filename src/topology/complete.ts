/** Complete graph, from graphology-generators. */
import { UndirectedGraph } from 'graphology';
import { complete as generate } from 'graphology-generators/classic/index.js';
import { z } from 'zod';
import { checkEdgeCount, withStableKeys } from './edges.js';
import type { TopologyEntry } from './entry.js';

/** Every pair of nodes shares an edge; one round of uniform mixing is an exact average. */
export const complete: TopologyEntry<Record<string, never>> = {
  id: 'complete',
  description: 'every node is a neighbour of every other node',
  options: z.strictObject({}),
  build(_options, { nodes }) {
    checkEdgeCount((nodes * (nodes - 1)) / 2, nodes, 'complete');
    // The library makes edge keys from a counter that starts at a random number.
    return withStableKeys(generate(UndirectedGraph, nodes));
  },
};

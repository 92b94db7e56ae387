/** Caveman graphs, from graphology-generators: caves, each a complete graph, in a circle or on their own. */
import { UndirectedGraph } from 'graphology';
import { connectedCaveman, caveman as separate } from 'graphology-generators/community/index.js';
import { z } from 'zod';
import { UsageError } from '../errors.js';
import { count } from '../options/index.js';
import { checkEdgeCount, withStableKeys } from './edges.js';
import type { TopologyEntry } from './entry.js';

/** Options of `caveman`. */
interface CavemanOptions {
  readonly size: number;
  readonly connected: boolean;
}

/** In each cave, the edge between the first two nodes is replaced by one from the first to the last node of the cave before. */
export const caveman: TopologyEntry<CavemanOptions> = {
  id: 'caveman',
  description:
    'caves of nodes with consecutive numbers, each a complete graph of which one edge leads to the cave before instead',
  reference:
    'Watts: Networks, Dynamics, and the Small-World Phenomenon, American Journal of Sociology 105, 1999',
  options: z.strictObject({
    size: count(2).default(4).describe('number of nodes of each cave; it divides the number of nodes'),
    connected: z
      .boolean()
      .default(true)
      .describe('whether the caves are connected to a circle; without, the topology is that of `islands`'),
  }),
  build({ size, connected }, { nodes }) {
    const caves = nodes / size;
    if (!Number.isInteger(caves)) {
      throw new UsageError(
        'impossible-topology',
        `expected a size that divides the number of nodes, ${nodes}, got ${size}`,
        'topology.size',
      );
    }
    if (connected && (caves < 2 || size < 3)) {
      throw new UsageError(
        'impossible-topology',
        `expected at least 2 caves of at least 3 nodes, since each gives one edge away, got ${caves} of ${size}: use ` +
          'another size, topology: complete, or topology: ring',
        'topology.size',
      );
    }
    checkEdgeCount((nodes * (size - 1)) / 2, nodes, 'caveman');
    return withStableKeys((connected ? connectedCaveman : separate)(UndirectedGraph, caves, size));
  },
};

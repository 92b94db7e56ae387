/** Draws random graphs until one is connected. */
import type { AbstractGraph as Graph } from 'graphology-types';
import { UsageError } from '../errors.js';
import { isConnected } from './components.js';
import { neighborsOf } from './neighbor-lists.js';

/** Number of draws after which the search for a connected graph ends. */
const DRAWS_MAX = 100;

/**
 * The first connected graph of at most {@link DRAWS_MAX} draws, all from the same stream; so the result has the
 * generator's distribution, conditioned on being connected. Throws UsageError with `remedy` if no graph was connected.
 */
export function drawConnected(draw: () => Graph, topology: string, remedy: string): Graph {
  for (let attempt = 0; attempt < DRAWS_MAX; attempt++) {
    const graph = draw();
    if (isConnected(neighborsOf(graph))) return graph;
  }
  throw new UsageError(
    'disconnected-topology',
    `expected a connected topology, but none of ${DRAWS_MAX} draws of ${topology} was connected: ${remedy}, or set ` +
      'topology.connected: false with topology.allowDisconnected: true',
    'topology',
  );
}

/** Random generators that are asked for a connected graph draw until they have one. */
import type { AbstractGraph as Graph } from 'graphology-types';
import { UsageError } from '../errors.js';
import { isConnected } from './components.js';
import { neighborsOf } from './neighbor-lists.js';

/** Draws after which a generator gives up. */
const DRAWS_MAX = 100;

/**
 * The first connected graph of at most {@link DRAWS_MAX} draws, all from the same stream; so the result follows the
 * generator's distribution given that the graph is connected. Throws UsageError with `remedy` where there was none.
 */
export function drawConnected(draw: () => Graph, topology: string, remedy: string): Graph {
  for (let attempt = 0; attempt < DRAWS_MAX; attempt++) {
    const graph = draw();
    if (isConnected(neighborsOf(graph))) return graph;
  }
  throw new UsageError(
    'disconnected-topology',
    `expected a connected topology, but none of ${DRAWS_MAX} draws of ${topology} was: ${remedy}, or set ` +
      'topology.connected: false with topology.allowDisconnected: true',
    'topology',
  );
}

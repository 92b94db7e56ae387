/**
 * Erdős–Rényi graph G(n, p), from graphology-generators with our stream. Its plain generator takes exactly one draw
 * for each pair (i, j), i < j, in that order. Its sparse one is not used: it truncates the gap to the next edge to
 * 32 bits, which is wrong for a very small p.
 */
import { UndirectedGraph } from 'graphology';
import { erdosRenyi as generate } from 'graphology-generators/random/index.js';
import { z } from 'zod';
import { share } from '../options/index.js';
import { checkEdgeCount, withStableKeys } from './edges.js';
import type { TopologyEntry } from './entry.js';
import { drawConnected } from './redraw.js';

/** Options of `erdos-renyi`. */
interface ErdosRenyiOptions {
  readonly probability: number;
  readonly connected: boolean;
}

/** Each pair of nodes shares an edge with the same probability, independently of the others. */
export const erdosRenyi: TopologyEntry<ErdosRenyiOptions> = {
  id: 'erdos-renyi',
  description: 'each pair of nodes has an edge with the same probability, independently of the others',
  reference: 'Gilbert: Random Graphs, Annals of Mathematical Statistics 30, 1959',
  options: z.strictObject({
    probability: share().describe('probability of each edge'),
    connected: z
      .boolean()
      .default(true)
      .describe('whether to draw the graph again, up to 100 times, until it is connected'),
  }),
  build({ probability, connected }, { nodes, random }) {
    checkEdgeCount(probability * ((nodes * (nodes - 1)) / 2), nodes, 'erdos-renyi');
    const draw = () =>
      withStableKeys(generate(UndirectedGraph, { order: nodes, probability, rng: () => random.uniform() }));
    if (!connected) return draw();
    return drawConnected(
      draw,
      `${nodes} nodes with probability ${probability * 100}%`,
      'raise topology.probability',
    );
  },
};

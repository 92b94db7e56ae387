/**
 * Static exponential graph, undirected: nodes i and j share an edge where i − j or j − i, modulo n, is one of
 * 2⁰, 2¹, …, 2^(⌈log₂ n⌉ − 1), the powers of two below n. That is the graph of the paper (where node i sends to
 * i + 2ᵏ mod n) with a link back for every link, so that Metropolis–Hastings mixing is defined. For n = 16 each node
 * has 7 neighbours: i ± 1, i ± 2, i ± 4 and i + 8.
 */
import { z } from 'zod';
import { type Edge, undirectedGraph } from './edges.js';
import type { TopologyEntry } from './entry.js';

/** Degree about 2·log₂ n, spectral gap about 1 / log₂ n. */
export const exponential: TopologyEntry<Record<string, never>> = {
  id: 'exponential',
  description: 'node i has the neighbours i ± 1, i ± 2, i ± 4, … (static exponential graph, undirected)',
  options: z.strictObject({}),
  reference:
    'Ying, Yuan, Chen, Hu, Pan, Yin: Exponential Graph is Provably Efficient for Decentralized Deep Training, NeurIPS 2021',
  build(_options, { nodes }) {
    // A hop and its complement n − hop give the same edges.
    const hops = new Set<number>();
    for (let hop = 1; hop < nodes; hop *= 2) hops.add(Math.min(hop, nodes - hop));
    const edges: Edge[] = [];
    for (const hop of hops) {
      // Nodes i and i + n/2 reach each other by the same hop: add that edge once.
      const starts = 2 * hop === nodes ? hop : nodes;
      for (let node = 0; node < starts; node++) edges.push([node, (node + hop) % nodes]);
    }
    return undirectedGraph(nodes, edges);
  },
};

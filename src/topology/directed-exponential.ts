/** Static exponential graph as in the paper: node i sends to i + 1, i + 2, i + 4, … modulo n. */
import { z } from 'zod';
import { directedGraph, type Edge } from './edges.js';
import type { TopologyEntry } from './entry.js';

/** Hops of the exponential graph: the powers of two below the number of nodes. */
export function powersBelow(nodes: number): number[] {
  const hops: number[] = [];
  for (let hop = 1; hop < nodes; hop *= 2) hops.push(hop);
  return hops;
}

/** Out- and in-degree ⌈log₂ n⌉. The same weight for all links is doubly stochastic. */
export const directedExponential: TopologyEntry<Record<string, never>> = {
  id: 'directed-exponential',
  description: 'node i sends to the nodes i + 1, i + 2, i + 4, … (static exponential graph, directed)',
  options: z.strictObject({}),
  reference:
    'Ying, Yuan, Chen, Hu, Pan, Yin: Exponential Graph is Provably Efficient for Decentralized Deep Training, NeurIPS 2021',
  build(_options, { nodes }) {
    const links = powersBelow(nodes).flatMap((hop) =>
      Array.from({ length: nodes }, (_, node): Edge => [node, (node + hop) % nodes]),
    );
    return directedGraph(nodes, links);
  },
};

/** One-peer exponential graph: each round has one hop of the exponential graph. */
import { z } from 'zod';
import { powersBelow } from '../directed-exponential.js';
import { directedGraph, type Edge } from '../edges.js';
import { changingTopology, type TopologyEntry } from '../entry.js';

/**
 * In round t, node i sends to i + 2^(t mod ⌈log₂ n⌉) modulo n and to no other. With equal weights, ⌈log₂ n⌉ rounds are an exact
 * average where n is a power of two.
 */
export const onePeerExponential: TopologyEntry<Record<string, never>> = changingTopology({
  id: 'one-peer-exponential',
  description:
    'in each round a node sends to one other: i + 1, then i + 2, i + 4, …, and again from the beginning (directed)',
  options: z.strictObject({}),
  reference:
    'Ying, Yuan, Chen, Hu, Pan, Yin: Exponential Graph is Provably Efficient for Decentralized Deep Training, NeurIPS 2021',
  rounds(_options, { nodes }) {
    const hops = powersBelow(nodes);
    return {
      period: Math.max(1, hops.length),
      graph(round) {
        const hop = hops[round % hops.length];
        const from = hop === undefined ? 0 : nodes;
        return directedGraph(
          nodes,
          Array.from({ length: from }, (_, node): Edge => [node, (node + hop!) % nodes]),
        );
      },
    };
  },
});

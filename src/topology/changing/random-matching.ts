/** A random matching in each round: nodes mix in pairs. */
import { z } from 'zod';
import { type Edge, undirectedGraph } from '../edges.js';
import { changingTopology, type TopologyEntry } from '../entry.js';

/** All perfect matchings are equally likely; with an odd number of nodes, one of them is alone in each round. */
export const randomMatching: TopologyEntry<Record<string, never>> = changingTopology({
  id: 'random-matching',
  description: 'in each round the nodes are paired at random',
  options: z.strictObject({}),
  reference:
    'Boyd, Ghosh, Prabhakar, Shah: Randomized Gossip Algorithms, IEEE Transactions on Information Theory 52, 2006',
  rounds: (_options, { nodes }) => ({
    graph(_round, random) {
      const order = random.shuffle(Array.from({ length: nodes }, (_, node) => node));
      const pairs = Array.from(
        { length: Math.floor(nodes / 2) },
        (_, k): Edge => [order[2 * k]!, order[2 * k + 1]!],
      );
      return undirectedGraph(nodes, pairs);
    },
  }),
});

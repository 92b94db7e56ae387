/** Receivers that are drawn anew in each round, by every node for itself. */
import { z } from 'zod';
import { count } from '../../options/index.js';
import { checkEdgeCount, directedGraph } from '../edges.js';
import { changingTopology, type TopologyEntry } from '../entry.js';
import { checkReceivers, drawReceivers } from '../k-out.js';

/** Out-degrees are all the same, in-degrees differ. */
export const randomKOut: TopologyEntry<{ readonly receivers: number }> = changingTopology({
  id: 'random-k-out',
  description: 'in each round every node sends to the same number of others, drawn anew (directed)',
  options: z.strictObject({
    receivers: count().default(1).describe('number of nodes to which each node sends in a round'),
  }),
  reference:
    'de Vos, Farhadkhani, Guerraoui, Kermarrec, Pires, Sharma: Epidemic Learning: Boosting Decentralized Learning with Randomized Communication, NeurIPS 2023',
  rounds({ receivers }, { nodes }) {
    checkReceivers(receivers, nodes);
    checkEdgeCount(nodes * receivers, nodes, 'random-k-out');
    return { graph: (_round, random) => directedGraph(nodes, drawReceivers(receivers, nodes, random)) };
  },
});

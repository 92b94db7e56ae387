/** Every node sends to the same number of others, which are drawn. */
import { z } from 'zod';
import { UsageError } from '../errors.js';
import { count } from '../options/index.js';
import type { Random } from '../random.js';
import { checkEdgeCount, directedGraph, type Edge } from './edges.js';
import type { TopologyEntry } from './entry.js';
import { drawConnected } from './redraw.js';

/** Options of `k-out`. */
interface KOutOptions {
  readonly receivers: number;
  readonly connected: boolean;
}

/** Out-degrees are all the same; in-degrees differ, and a node may have nobody who sends to it. */
export const kOut: TopologyEntry<KOutOptions> = {
  id: 'k-out',
  description: 'each node sends to the same number of others, drawn at random (directed)',
  options: z.strictObject({
    receivers: count().default(2).describe('number of nodes to which each node sends'),
    connected: z
      .boolean()
      .default(true)
      .describe(
        'whether to draw the graph again, up to 100 times, until it is in one piece, directions aside',
      ),
  }),
  build({ receivers, connected }, { nodes, random }) {
    checkReceivers(receivers, nodes);
    checkEdgeCount(nodes * receivers, nodes, 'k-out');
    const draw = () => directedGraph(nodes, drawReceivers(receivers, nodes, random));
    if (!connected) return draw();
    return drawConnected(draw, `${receivers} receivers of ${nodes} nodes each`, 'raise topology.receivers');
  },
};

/** Throws a UsageError where a node has not so many others. */
export function checkReceivers(receivers: number, nodes: number): void {
  if (receivers < nodes) return;
  throw new UsageError(
    'impossible-topology',
    `expected at most ${nodes - 1} receivers, the number of other nodes, got ${receivers}`,
    'topology.receivers',
  );
}

/** So many receivers of each node, all sets of others being equally likely; in the order of the nodes. */
export function drawReceivers(receivers: number, nodes: number, random: Random): Edge[] {
  const links: Edge[] = [];
  for (let node = 0; node < nodes; node++) {
    // Floyd's algorithm: as many draws as receivers. Others are numbered from 0 to nodes − 2.
    const chosen = new Set<number>();
    for (let top = nodes - 1 - receivers; top < nodes - 1; top++) {
      const other = random.integer(top + 1);
      chosen.add(chosen.has(other) ? top : other);
    }
    for (const other of chosen) links.push([node, other < node ? other : other + 1]);
  }
  return links;
}

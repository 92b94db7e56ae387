/** `partition`: for a while nothing gets from one group of nodes to another. */
import { z } from 'zod';
import { UsageError } from '../../errors.js';
import { duration } from '../../options/index.js';
import { nodeSet, positiveDuration, refuseUnknownNodes } from '../fields.js';
import type { FaultEntry } from './fault.js';

const options = z.strictObject({
  groups: z
    .array(nodeSet())
    .min(1)
    .describe('groups of nodes that cannot reach each other; the nodes that are in none are one more group'),
  at: duration().describe('when the network falls apart'),
  for: positiveDuration('duration')
    .optional()
    .describe('how long it stays so; default: until the end of the run'),
});

/** Nodes with the number of their group; those in none have none. */
interface Prepared extends z.output<typeof options> {
  readonly groupOf: ReadonlyMap<number, number>;
}

/** One barrier between all groups. */
export const partition: FaultEntry<z.output<typeof options>, Prepared> = {
  id: 'partition',
  description: 'for a while, groups of nodes cannot reach each other',
  options,
  check({ groups }, { nodes }) {
    const seen = new Set<number>();
    for (const [k, group] of groups.entries()) {
      refuseUnknownNodes(group, nodes, `groups.${k}`);
      const twice = group.find((node) => seen.has(node));
      if (twice !== undefined)
        throw new UsageError(
          'repeated-node',
          `expected each node in one group, got node ${twice} in two`,
          `groups.${k}`,
        );
      for (const node of group) seen.add(node);
    }
    if (groups.length === 1 && seen.size === nodes)
      throw new UsageError('one-group', 'expected nodes outside of the only group, got none', 'groups');
  },
  prepare: (options) => ({
    ...options,
    groupOf: new Map(options.groups.flatMap((group, k) => group.map((node) => [node, k] as const))),
  }),
  start: ({ at }, { schedule }) => schedule({ event: 'partition', time: at, target: 0 }),
  on: {
    partition(_event, { at, for: length }, { schedule, close }) {
      if (length !== undefined) schedule({ event: 'partition-over', time: at + length, target: 0 });
      close(0);
    },
    'partition-over': (_event, _options, { open }) => open(0),
  },
  blocks: ({ groupOf }, { from, to }) => groupOf.get(from) !== groupOf.get(to),
};

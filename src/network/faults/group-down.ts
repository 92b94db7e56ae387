/** `group-down`: several nodes go down at once, at a stated time, for a stated time or for good. */
import { z } from 'zod';
import { duration } from '../../options/index.js';
import { nodeSet, positiveDuration, refuseUnknownNodes } from '../fields.js';
import { type FaultEntry, taskFate } from './fault.js';

const options = z.strictObject({
  nodes: nodeSet().describe('the nodes that go down together, such as those of a rack or of a region'),
  at: duration().describe('when they go down'),
  for: positiveDuration('duration')
    .optional()
    .describe('how long they stay down; default: until the end of the run'),
  task: taskFate(),
});

/** One event for the group: its target is its first node. */
export const groupDown: FaultEntry<z.output<typeof options>> = {
  id: 'group-down',
  description: 'several nodes go down together at a stated time',
  options,
  check: ({ nodes: group }, { nodes }) => refuseUnknownNodes(group, nodes, 'nodes'),
  start: ({ nodes, at }, { schedule }) => schedule({ event: 'group-down', time: at, target: nodes[0]! }),
  on: {
    'group-down'({ target }, { nodes, at, for: length, task }, { schedule, hold }) {
      if (length !== undefined) schedule({ event: 'group-up', time: at + length, target });
      for (const node of nodes) hold(node, task);
    },
    'group-up'(_event, { nodes }, { release }) {
      for (const node of nodes) release(node);
    },
  },
};

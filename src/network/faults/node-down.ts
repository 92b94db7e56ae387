/** `node-down`: a node goes down at a stated time, for a stated time or for good. */
import { z } from 'zod';
import { count, duration } from '../../options/index.js';
import { positiveDuration, refuseUnknownNodes } from '../fields.js';
import { type FaultEntry, taskFate } from './fault.js';

const options = z.strictObject({
  node: count(0).describe('the node that goes down'),
  at: duration().describe('when it goes down'),
  for: positiveDuration('duration')
    .optional()
    .describe('how long it stays down; default: until the end of the run'),
  task: taskFate(),
});

/** One node, down once. */
export const nodeDown: FaultEntry<z.output<typeof options>> = {
  id: 'node-down',
  description: 'a node goes down at a stated time',
  options,
  check: ({ node }, { nodes }) => refuseUnknownNodes([node], nodes, 'node'),
  start: ({ node, at }, { schedule }) => schedule({ event: 'node-down', time: at, target: node }),
  on: {
    'node-down'({ target }, { at, for: length, task }, { schedule, hold }) {
      if (length !== undefined) schedule({ event: 'node-up', time: at + length, target });
      hold(target, task);
    },
    'node-up': ({ target }, _options, { release }) => release(target),
  },
};

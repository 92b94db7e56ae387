/** `link-down`: for a while nothing gets from one node to another. */
import { z } from 'zod';
import { UsageError } from '../../errors.js';
import { count, duration } from '../../options/index.js';
import { positiveDuration, refuseUnknownNodes } from '../fields.js';
import type { FaultEntry } from './fault.js';

const options = z.strictObject({
  from: count(0).describe('node at one end of the link'),
  to: count(0).describe('node at its other end'),
  direction: z
    .enum(['both', 'one'])
    .prefault('both')
    .describe('both: nothing gets through either way; one: nothing gets through in the direction of `to`'),
  at: duration().describe('when the link goes down'),
  for: positiveDuration('duration')
    .optional()
    .describe('how long it stays down; default: until the end of the run'),
});

/** One barrier on the link. */
export const linkDown: FaultEntry<z.output<typeof options>> = {
  id: 'link-down',
  description: 'for a while, nothing gets from one node to another',
  options,
  check({ from, to }, { nodes }) {
    refuseUnknownNodes([from], nodes, 'from');
    refuseUnknownNodes([to], nodes, 'to');
    if (from === to)
      throw new UsageError('same-node', `expected another node than ${from} at the other end`, 'to');
  },
  start: ({ from, at }, { schedule }) => schedule({ event: 'link-down', time: at, target: from }),
  on: {
    'link-down'({ target }, { at, for: length }, { schedule, close }) {
      if (length !== undefined) schedule({ event: 'link-up', time: at + length, target });
      close(0);
    },
    'link-up': (_event, _options, { open }) => open(0),
  },
  blocks: ({ from, to, direction }, link) =>
    (link.from === from && link.to === to) || (direction === 'both' && link.from === to && link.to === from),
};

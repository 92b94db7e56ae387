/** `slow-node`: for a while nodes compute more slowly, or have less bandwidth. */
import { z } from 'zod';
import { duration } from '../../options/index.js';
import { nodeSet, positiveDuration, refuseUnknownNodes } from '../fields.js';
import type { FaultEntry } from './fault.js';

const factor = () => z.number().min(1).max(1e6).prefault(1);

const options = z
  .strictObject({
    nodes: nodeSet().describe('nodes that become slow'),
    at: duration().prefault('0s').describe('when they become slow'),
    for: positiveDuration('duration')
      .optional()
      .describe('how long they stay slow; default: until the end of the run'),
    compute: factor().describe('how many times as long their tasks take'),
    bandwidth: factor().describe('by what their uplinks and downlinks are divided; unlimited ones stay so'),
  })
  .refine(({ compute, bandwidth }) => compute > 1 || bandwidth > 1, {
    message: 'expected compute or bandwidth above 1, got neither',
  });

/** Factors of several faults multiply. */
export const slowNode: FaultEntry<z.output<typeof options>> = {
  id: 'slow-node',
  description: 'for a while, nodes compute more slowly or have less bandwidth',
  options,
  losesNothing: true,
  check: ({ nodes: slow }, { nodes }) => refuseUnknownNodes(slow, nodes, 'nodes'),
  start({ nodes, at }, { schedule }) {
    for (const target of nodes) schedule({ event: 'node-slow', time: at, target });
  },
  on: {
    'node-slow'({ target }, { at, for: length, compute, bandwidth }, { schedule, slow }) {
      if (length !== undefined) schedule({ event: 'node-restored', time: at + length, target });
      slow(target, { compute, bandwidth });
    },
    'node-restored': ({ target }, { compute, bandwidth }, { restore }) =>
      restore(target, { compute, bandwidth }),
  },
};

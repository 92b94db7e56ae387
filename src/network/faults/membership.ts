/**
 * `late-join` and `leave`: nodes that take part only from a time on, or only until a time. Unlike nodes that are down, they
 * are in no node's lists of neighbours meanwhile, so nobody waits for them.
 */
import { z } from 'zod';
import { UsageError } from '../../errors.js';
import { duration } from '../../options/index.js';
import { nodeSet, positiveDuration, refuseUnknownNodes } from '../fields.js';
import type { FaultEntry, FaultScope } from './fault.js';

/** Options of both. */
interface MembershipOptions {
  readonly nodes: readonly number[];
  readonly at: number;
}

/** Before its time, such a node is down and in no list. */
export const lateJoin: FaultEntry<MembershipOptions> = {
  id: 'late-join',
  description: 'nodes take part only from a time on: until then no node has them as neighbours',
  options: z.strictObject({
    nodes: nodeSet().describe('nodes that join late'),
    at: positiveDuration('time').describe('when they join'),
  }),
  announced: true,
  check: (options, scope, earlier) => checkNodes(options, scope, { earlier, id: 'late-join' }),
  start({ nodes, at }, { now, schedule }) {
    for (const target of nodes) {
      schedule({ event: 'absent', time: now, target });
      schedule({ event: 'join', time: at, target });
    }
  },
  on: {
    absent: ({ target }, _options, { exclude }) => exclude(target, 'until it joins'),
    join: ({ target }, _options, { admit }) => admit(target),
  },
};

/** Its tasks are lost, and its transfers are cut. */
export const leave: FaultEntry<MembershipOptions> = {
  id: 'leave',
  description: 'nodes leave for good: from then on no node has them as neighbours',
  options: z.strictObject({
    nodes: nodeSet().describe('nodes that leave'),
    at: duration().describe('when they leave'),
  }),
  announced: true,
  check: (options, scope, earlier) => checkNodes(options, scope, { earlier, id: 'leave' }),
  start({ nodes, at }, { schedule }) {
    for (const target of nodes) schedule({ event: 'leave', time: at, target });
  },
  on: { leave: ({ target }, _options, { exclude }) => exclude(target, 'for good') },
};

function checkNodes(
  { nodes }: MembershipOptions,
  { learners }: FaultScope,
  { earlier, id }: { readonly earlier: readonly MembershipOptions[]; readonly id: string },
): void {
  // Nodes of roles are those without which a method cannot do.
  refuseUnknownNodes(nodes, learners, 'nodes');
  const taken = new Set(earlier.flatMap((other) => other.nodes));
  const twice = nodes.find((node) => taken.has(node));
  if (twice === undefined) return;
  throw new UsageError(
    'repeated-node',
    `expected each node in at most one ${id} fault, got node ${twice} in two; remove it from one of them`,
    'nodes',
  );
}

/** `random-node-down`: nodes go down and come back, again and again, after exponentially distributed times. */
import { z } from 'zod';
import { UsageError } from '../../errors.js';
import { checkTime, type Nanoseconds } from '../../units.js';
import { nodeSet, positiveDuration, refuseUnknownNodes } from '../fields.js';
import { type FaultEntry, type FaultPlanning, taskFate } from './fault.js';

const options = z.strictObject({
  nodes: nodeSet().optional().describe('nodes that go down and come back; default: all learners'),
  up: positiveDuration('mean time').describe(
    'mean of the exponentially distributed times for which a node is up',
  ),
  down: positiveDuration('mean time').describe(
    'mean of the exponentially distributed times for which a node is down',
  ),
  task: taskFate(),
});

type Options = z.output<typeof options>;

/** Each node draws its times from the stream `node <number>/faults`, so it may be in one fault of this kind only. */
export const randomNodeDown: FaultEntry<Options> = {
  id: 'random-node-down',
  description: 'nodes go down and come back, again and again, after exponentially distributed times',
  options,
  check(options, { nodes, learners }, earlier) {
    refuseUnknownNodes(options.nodes ?? [], nodes, 'nodes');
    const taken = new Set(earlier.flatMap((other) => nodesOf(other, learners)));
    const twice = nodesOf(options, learners).find((node) => taken.has(node));
    if (twice === undefined) return;
    throw new UsageError(
      'repeated-node',
      `expected each node in at most one random-node-down fault, got node ${twice} in two; remove it from one of them`,
      'nodes',
    );
  },
  start(options, planning) {
    for (const target of nodesOf(options, planning.learners)) {
      planning.schedule({ event: 'node-down', time: after(options.up, target, planning), target });
    }
  },
  on: {
    'node-down'({ target }, options, actions) {
      actions.schedule({ event: 'node-up', time: after(options.down, target, actions), target });
      actions.hold(target, options.task);
    },
    'node-up'({ target }, options, actions) {
      actions.schedule({ event: 'node-down', time: after(options.up, target, actions), target });
      actions.release(target);
    },
  },
};

function nodesOf(options: Options, learners: number): readonly number[] {
  return options.nodes ?? Array.from({ length: learners }, (_, node) => node);
}

/** An exponentially distributed time from now, rounded up to the nanosecond; at least 1 ns, so that time advances. */
function after(mean: Nanoseconds, node: number, { now, random }: FaultPlanning): Nanoseconds {
  const delay = Math.ceil(random(`node ${node}`).exponential(mean));
  return checkTime(now + Math.max(1, delay), 'a random-node-down fault beyond it; lower its mean times');
}

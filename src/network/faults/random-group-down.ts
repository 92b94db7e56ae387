/** `random-group-down`: whole groups of nodes go down and come back, again and again, after exponentially distributed times. */
import { z } from 'zod';
import { quoted, UsageError } from '../../errors.js';
import { checkTime, type Nanoseconds } from '../../units.js';
import { nodeSet, positiveDuration, refuseUnknownNodes } from '../fields.js';
import { type FaultEntry, type FaultPlanning, taskFate } from './fault.js';

const options = z.strictObject({
  groups: z
    .record(z.string().min(1), nodeSet())
    .refine((groups) => Object.keys(groups).length > 0, 'expected at least one group')
    .describe('nodes that go down and come back together, by the name of their group'),
  up: positiveDuration('mean time').describe(
    'mean of the exponentially distributed times for which a group is up',
  ),
  down: positiveDuration('mean time').describe(
    'mean of the exponentially distributed times for which a group is down',
  ),
  task: taskFate(),
});

type Options = z.output<typeof options>;

/** Each group draws its times from the stream `group <name>/faults`, so a name stands for one group only. */
export const randomGroupDown: FaultEntry<Options> = {
  id: 'random-group-down',
  description: 'groups of nodes go down and come back together, again and again, at random times',
  options,
  check({ groups }, { nodes }, earlier) {
    for (const [name, group] of Object.entries(groups)) {
      refuseUnknownNodes(group, nodes, `groups.${name}`);
      if (earlier.some((other) => Object.hasOwn(other.groups, name)))
        throw new UsageError(
          'repeated-group',
          `expected each group in one random-group-down fault, got ${quoted(name)} in two; rename one of them`,
          `groups.${name}`,
        );
    }
  },
  start(options, planning) {
    for (const [target, name] of Object.keys(options.groups).entries())
      planning.schedule({ event: 'group-down', time: after(options.up, name, planning), target });
  },
  on: {
    'group-down'({ target }, options, actions) {
      const [name, nodes] = Object.entries(options.groups)[target]!;
      actions.schedule({ event: 'group-up', time: after(options.down, name, actions), target });
      for (const node of nodes) actions.hold(node, options.task);
    },
    'group-up'({ target }, options, actions) {
      const [name, nodes] = Object.entries(options.groups)[target]!;
      actions.schedule({ event: 'group-down', time: after(options.up, name, actions), target });
      for (const node of nodes) actions.release(node);
    },
  },
};

/** An exponentially distributed time from now, rounded up to the nanosecond; at least 1 ns, so that time advances. */
function after(mean: Nanoseconds, group: string, { now, random }: FaultPlanning): Nanoseconds {
  const delay = Math.ceil(random(`group ${group}`).exponential(mean));
  return checkTime(now + Math.max(1, delay), 'a random-group-down fault beyond it; lower its mean times');
}

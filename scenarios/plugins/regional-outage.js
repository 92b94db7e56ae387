/**
 * regional-outage: all nodes of a region go down together, as where a power line fails, and come back together. The
 * times between outages are exponentially distributed, and every region has its own.
 *
 * A fault keeps no state: what it has to know later stands in the payload of its events.
 */
import { nodeSet, option, UsageError, z } from 'mycel/plugin';

export default {
  id: 'regional-outage',
  description: 'the nodes of a region go down together, again and again',
  options: z.strictObject({
    regions: z.array(nodeSet()).min(1).describe('the nodes of each region, such as ["0-3", [4, 5]]'),
    every: option.duration().describe('mean of the times from the end of an outage to the next one'),
    lasts: option.duration().describe('how long an outage lasts'),
    task: z
      .enum(['pause', 'lose'])
      .default('pause')
      .describe('what becomes of the task that a node is running'),
  }),
  check({ regions }, { nodes }) {
    const unknown = regions.flat().find((node) => node >= nodes);
    if (unknown === undefined) return;
    throw new UsageError('unknown-node', `expected nodes below ${nodes}, got ${unknown}`, 'regions');
  },
  start(options, planning) {
    for (const region of options.regions.keys()) plan(region, options, planning);
  },
  on: {
    'outage-begins'({ time, target }, { regions, lasts, task }, { schedule, hold }) {
      // A node is down while at least one fault holds it; every hold needs its own release.
      for (const node of regions[target]) hold(node, task);
      schedule({ event: 'outage-ends', time: time + lasts, target });
    },
    'outage-ends'({ target }, options, actions) {
      for (const node of options.regions[target]) actions.release(node);
      plan(target, options, actions);
    },
  },
};

/** The next outage of a region, drawn from a stream of its own: other regions and faults change nothing of it. */
function plan(region, { every }, { now, schedule, random }) {
  const wait = Math.ceil(random(`region ${region}`).exponential(every));
  schedule({ event: 'outage-begins', time: now + wait, target: region });
}

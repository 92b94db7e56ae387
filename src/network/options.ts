/** The sections `network` and `faults` of a scenario. */
import { z } from 'zod';
import { UsageError } from '../errors.js';
import { choice, count, duration, share } from '../options/index.js';
import { type BitsPerSecond, parseBandwidth } from '../units.js';
import { MAX_BANDWIDTH } from './arithmetic.js';
import { latencyList } from './latency.js';

/** `"10Mbps"` → bits per second, `"unlimited"` → Infinity. */
const linkBandwidth = () =>
  z
    .string({
      error: 'expected a bandwidth, such as "10Mbps", or "unlimited"',
    })
    .meta({ unit: 'bandwidth, such as "10Mbps", or "unlimited"' })
    .transform((text, context): BitsPerSecond => {
      try {
        const value = text.trim() === 'unlimited' ? Number.POSITIVE_INFINITY : parseBandwidth(text);
        if (value === Number.POSITIVE_INFINITY || value <= MAX_BANDWIDTH) return value;
        context.addIssue({
          code: 'custom',
          message: `expected at most 9000Gbps or "unlimited", got "${text}"`,
        });
      } catch (error) {
        if (!(error instanceof UsageError)) throw error;
        context.addIssue({ code: 'custom', message: `${error.message}; or "unlimited"` });
      }
      return z.NEVER;
    });

/** `[3, 5]`, `"0-3"` or `"0-3, 7"` → node ids, ascending, each once. */
const nodeSet = () =>
  z
    .union([z.array(count(0)).min(1), z.string()])
    .meta({ unit: 'nodes, such as [3, 5] or "0-3, 7"' })
    .transform((value, context): readonly number[] => {
      const ids = typeof value === 'string' ? parseRanges(value) : value;
      if (ids !== undefined) return [...new Set(ids)].sort((a, b) => a - b);
      context.addIssue({
        code: 'custom',
        message: `expected nodes such as [3, 5] or "0-3, 7", got ${JSON.stringify(value)}`,
      });
      return z.NEVER;
    });

function parseRanges(text: string): number[] | undefined {
  const ids: number[] = [];
  for (const part of text.split(',')) {
    const match = /^\s*(\d{1,7})(?:\s*-\s*(\d{1,7}))?\s*$/.exec(part);
    if (!match) return undefined;
    const first = Number(match[1]);
    const last = Number(match[2] ?? match[1]);
    if (last < first) return undefined;
    for (let id = first; id <= last; id++) ids.push(id);
  }
  return ids;
}

const positive = (unit: string) => duration().refine((ns) => ns > 0, `expected a ${unit} above zero`);

const retryOptions = z.strictObject({
  timeout: positive('timeout')
    .prefault('1s')
    .describe('time from the end of a failed attempt at a reliable message to the next one'),
  tries: z
    .union([count(), z.literal('unlimited')])
    .prefault('unlimited')
    .transform((tries) => (tries === 'unlimited' ? Number.POSITIVE_INFINITY : tries))
    .describe('attempts at a reliable message in all'),
});

const overrideOptions = z
  .strictObject({
    nodes: nodeSet().describe('whose links these are'),
    uplink: linkBandwidth().optional().describe('uplink of each of these nodes'),
    downlink: linkBandwidth().optional().describe('downlink of each of these nodes'),
  })
  .refine((given) => given.uplink !== undefined || given.downlink !== undefined, {
    message: 'expected an uplink or a downlink beside nodes',
  });

/** What a scenario says under `network`. Latency and bandwidths have no default: there is no typical network. */
export const networkOptions = z.strictObject({
  latency: choice(latencyList).describe('time that a byte is under way between two nodes'),
  uplink: linkBandwidth().describe('bandwidth from each node into the network'),
  downlink: linkBandwidth().describe('bandwidth from the network to each node'),
  sharing: z
    .enum(['fair', 'fifo'])
    .prefault('fair')
    .describe('fair: transfers share links max-min fairly; fifo: a link serves one message at a time'),
  drop: share().prefault('0%').describe('share of the attempts that are lost on the way'),
  retry: retryOptions.prefault({}).describe('how reliable messages are repeated'),
  overrides: z
    .array(overrideOptions)
    .prefault([])
    .describe('nodes with links of their own; the last that names a node counts'),
});

/** The network of a run; bandwidths in bits per second (Infinity: unlimited), times in ns, `drop` in 0 … 1. */
export type NetworkOptions = z.output<typeof networkOptions>;

const taskFate = () =>
  z.enum(['pause', 'lose']).prefault('pause').describe('what happens to the task that the node is running');

const nodeDownOptions = z.strictObject({
  use: z.literal('node-down'),
  node: count(0).describe('the node that goes down'),
  at: duration().describe('when it goes down'),
  for: positive('duration').optional().describe('how long; for good where it is left out'),
  task: taskFate(),
});

const randomNodeDownOptions = z.strictObject({
  use: z.literal('random-node-down'),
  nodes: nodeSet().optional().describe('nodes that go down and up; all learners where it is left out'),
  up: positive('mean time').describe('mean time up, exponentially distributed'),
  down: positive('mean time').describe('mean time down, exponentially distributed'),
  task: taskFate(),
});

/** One item of what a scenario lists under `faults`. */
export const faultOptions = z.discriminatedUnion('use', [nodeDownOptions, randomNodeDownOptions]);

/** One fault; times in nanoseconds. */
export type FaultOptions = z.output<typeof faultOptions>;

/** What becomes of a running task when its node goes down. */
export type TaskFate = FaultOptions['task'];

/** Refuses options that name a node which the run does not have. Throws UsageError `unknown-node`. */
export function checkNodes(network: NetworkOptions, faults: readonly FaultOptions[], nodes: number): void {
  const check = (ids: readonly number[], path: string): void => {
    const wrong = ids.find((id) => id >= nodes);
    if (wrong === undefined) return;
    throw new UsageError('unknown-node', `expected nodes from 0 to ${nodes - 1}, got ${wrong}`, path);
  };
  for (const [i, override] of network.overrides.entries())
    check(override.nodes, `network.overrides.${i}.nodes`);
  const random = new Set<number>();
  for (const [i, fault] of faults.entries()) {
    if (fault.use === 'node-down') {
      check([fault.node], `faults.${i}.node`);
      continue;
    }
    const path = `faults.${i}.nodes`;
    const ids = fault.nodes ?? [];
    check(ids, path);
    const twice = ids.find((id) => random.has(id));
    if (twice !== undefined) throw repeatedNode(twice, path);
    for (const id of ids) random.add(id);
  }
}

/** A node goes down at random by one fault only, as it has one stream for it. */
export function repeatedNode(node: number, path: string): UsageError {
  return new UsageError(
    'repeated-node',
    `node ${node} is in two random-node-down faults; name it in one of them`,
    path,
  );
}

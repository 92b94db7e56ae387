/** Device profiles: how fast each node computes, and how long a task takes it in virtual time. */

import { z } from 'zod';
import { assert, callPlugin, expectPlugin, UsageError } from '../errors.js';
import { roundToTotal, sum } from '../numbers.js';
import type { List } from '../options/index.js';
import { type Chosen, type Entry, speed } from '../options/index.js';
import type { Random } from '../random.js';
import { checkTime, type FlopsPerSecond, type Nanoseconds } from '../units.js';

/** Gives every node a speed. @public */
export interface DeviceProfile<Options> extends Entry<Options> {
  /** float64 [nodes], FLOPS, each above 0: node i computes at `speeds[i]`. Draws from `random` only. */
  speeds(options: Options, context: { readonly nodes: number; readonly random: Random }): Float64Array;
}

/** Any device profile, for lists. @public */
// biome-ignore lint/suspicious/noExplicitAny: the only type that every DeviceProfile<Options> is assignable to.
export type ProfileEntry = DeviceProfile<any>;

/** How far a sum of shares may be from 1, since decimal text is not exact. */
const SHARE_TOLERANCE = 1e-9;

const constantOptions = z.strictObject({
  speed: speed().prefault('10GFLOPS').describe('speed of every node'),
});

const constant: DeviceProfile<z.output<typeof constantOptions>> = {
  id: 'constant',
  description: 'every node computes at the same speed',
  options: constantOptions,
  speeds: (options, { nodes }) => new Float64Array(nodes).fill(options.speed),
};

const choiceOptions = z
  .strictObject({
    speeds: z.array(speed()).min(1).describe('the kinds of device, by their speeds'),
    shares: z
      .array(z.number().min(0).max(1))
      .optional()
      .describe('share of the nodes that are of each kind; they sum to 1; default: equal shares'),
  })
  .superRefine(({ speeds, shares }, context) => {
    if (!shares) return;
    const problem = (message: string) => context.addIssue({ code: 'custom', path: ['shares'], message });
    if (shares.length !== speeds.length) {
      problem(`expected ${speeds.length} shares, one per speed, got ${shares.length}`);
    }
    const total = sum(shares);
    if (Math.abs(total - 1) > SHARE_TOLERANCE)
      problem(`expected shares that sum to 1, got a sum of ${total}`);
  });

/**
 * The number of nodes of each kind is exact, and only which nodes these are is drawn: with 16 nodes, independent draws
 * could well make 90 % of the devices slow where the scenario says 70 %.
 */
const choice: DeviceProfile<z.output<typeof choiceOptions>> = {
  id: 'choice',
  description:
    'kinds of device in given shares (exact, by largest remainder), assigned to the nodes at random',
  options: choiceOptions,
  speeds({ speeds, shares }, { nodes, random }) {
    const quotas = (shares ?? speeds.map(() => 1 / speeds.length)).map((share) => share * nodes);
    const counts = roundToTotal(quotas, nodes);
    const assigned = new Float64Array(nodes);
    let next = 0;
    for (const [kind, count] of counts.entries()) {
      assigned.fill(speeds[kind]!, next, next + count);
      next += count;
    }
    return random.shuffle(assigned);
  },
};

const logNormalOptions = z.strictObject({
  median: speed().prefault('10GFLOPS').describe('median speed: half of the nodes are slower, in expectation'),
  sigma: z
    .number()
    .min(0)
    .max(5)
    .default(0.5)
    .describe('standard deviation of the natural logarithm of the speed; no unit'),
});

const logNormal: DeviceProfile<z.output<typeof logNormalOptions>> = {
  id: 'log-normal',
  description: 'speeds drawn independently from a log-normal distribution',
  options: logNormalOptions,
  speeds: ({ median, sigma }, { nodes, random }) =>
    Float64Array.from({ length: nodes }, () => median * Math.exp(sigma * random.normal())),
};

/** The list of device profiles. @public */
export const profiles: readonly ProfileEntry[] = [constant, choice, logNormal];

/**
 * The speeds of a chosen profile: FLOPS, float64 [nodes]. Throws a UsageError at `compute` where a profile of ours draws
 * impossible ones, and a PluginError where one of the user's gives them.
 */
export function speedsOf(
  { entry, options }: Chosen<ProfileEntry>,
  context: { readonly nodes: number; readonly random: Random },
): Float64Array {
  const place = `compute profile "${entry.id}"`;
  const speeds: unknown = callPlugin(place, () => entry.speeds(options, context));
  const fits = speeds instanceof Float64Array && speeds.length === context.nodes;
  expectPlugin(fits, place, `a Float64Array with the speeds of ${context.nodes} nodes`);
  const node = speeds.findIndex((one) => !(one > 0 && Number.isFinite(one)));
  if (node < 0) return speeds;
  const expected = `finite speeds above 0 FLOPS, got ${speeds[node]} for node ${node}`;
  if (!profiles.includes(entry)) expectPlugin(false, place, expected);
  throw new UsageError('bad-speed', `expected ${expected}`, 'compute');
}

/**
 * `flops / speed` in virtual time, rounded up to the nanosecond.
 *
 * @throws UsageError `time-range` where that is beyond 104 days.
 */
export function taskDuration(flops: number, flopsPerSecond: FlopsPerSecond): Nanoseconds {
  assert(
    flops >= 0 && Number.isFinite(flops),
    `expected the cost of a task to be a finite number of FLOPs of at least 0, got ${flops}`,
  );
  assert(flopsPerSecond > 0, `expected the speed of a node to be above 0 FLOPS, got ${flopsPerSecond}`);
  // The product comes first: it is exact where the quotient need not be (3 FLOPs at 1 GFLOPS are 3 ns, not 4).
  const ns = Math.ceil((flops * 1e9) / flopsPerSecond);
  return checkTime(ns, `a task of ${flops} FLOPs at ${flopsPerSecond} FLOPS`, 'compute');
}

/** {@link profiles} as a list to choose from. */
export const profileList: List<ProfileEntry> = {
  what: 'compute profile',
  entries: profiles,
  functions: ['speeds'],
};

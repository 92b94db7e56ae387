/** `regions`: nodes are in regions, with mean latencies between them. */
import { z } from 'zod';
import { duration, share } from '../../options/index.js';
import type { BitsPerSecond, Nanoseconds } from '../../units.js';
import { linkBandwidth } from '../fields.js';
import type { LatencyEntry, NodeBandwidths } from './latency.js';
import { Pairs } from './pairs.js';
import { faultOfShares, hasResidents, type Residents, residentKeys, settle } from './places.js';
import { simblock } from './simblock.js';

const regionOptions = z
  .strictObject({
    ...residentKeys,
    uplink: linkBandwidth().optional().describe('uplink of each node there'),
    downlink: linkBandwidth().optional().describe('downlink of each node there'),
  })
  .refine(hasResidents, {
    error: 'expected either nodes or a share for each region, such as { nodes: 0-3 } or { share: 40% }',
  });

const options = z
  .strictObject({
    preset: z
      .enum(['simblock-2015', 'simblock-2019'])
      .optional()
      .describe(
        'published regions with their latencies, bandwidths and shares of nodes: the six of SimBlock',
      ),
    regions: z
      .record(z.string(), regionOptions)
      .optional()
      .describe(
        'the regions: which nodes are there, and their links, such as { eu: { nodes: 0-3 }, us: { share: 60%, uplink: 5Mbps } }; with a preset, those of its regions that have nodes',
      ),
    means: z
      .record(z.string(), z.record(z.string(), duration()))
      .prefault({})
      .describe(
        'mean latency from each region to each: { eu: { eu: 11ms, us: 62ms }, us: { us: 16ms } }; where one direction is left out, it is as the other one',
      ),
    spread: share()
      .prefault('0%')
      .describe(
        'standard deviation of latencies, as a share of their mean (log-normal); 0%: always the mean',
      ),
    bandwidths: z
      .boolean()
      .default(true)
      .describe(
        'whether nodes have the links of their region in place of network.uplink and network.downlink',
      ),
  })
  .superRefine((given, context) => {
    const problem = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message });
    const { names, mean } = described(given);
    if (names.length === 0) problem([], 'expected regions or a preset, got neither');
    const fault = faultOfShares(Object.values(given.regions ?? {}));
    if (fault !== undefined) problem(['regions'], fault);
    for (const [from, row] of Object.entries(given.means)) {
      for (const name of [from, ...Object.keys(row)]) {
        if (!names.includes(name))
          problem(['means', from], `expected one of the regions (${names.join(', ')}), got ${name}`);
      }
    }
    const missing = names.flatMap((from) => names.map((to) => [from, to] as const));
    const first = missing.find(([from, to]) => mean(from, to) === undefined);
    if (first !== undefined) {
      const [from, to] = first;
      problem(
        ['means'],
        `expected a mean latency from ${from} to ${to}, got none: { ${from}: { ${to}: 50ms } }`,
      );
    }
  });

type Options = z.output<typeof options>;

/** A region with who is there. */
interface Region extends Residents {
  readonly uplink?: BitsPerSecond | undefined;
  readonly downlink?: BitsPerSecond | undefined;
}

/** What the options say of every region, those of a preset included. */
function described({ preset, regions, means }: Pick<Options, 'preset' | 'regions' | 'means'>) {
  const published = preset && simblock[preset];
  const given: ReadonlyMap<string, Region> = new Map(
    regions === undefined
      ? published?.regions
      : Object.entries(regions).map(([name, own]) => {
          const { uplink, downlink } = published?.regions.get(name) ?? {};
          return [name, { ...own, uplink: own.uplink ?? uplink, downlink: own.downlink ?? downlink }];
        }),
  );
  const mean = (from: string, to: string): Nanoseconds | undefined => {
    const own = means[from]?.[to] ?? means[to]?.[from];
    if (own !== undefined) return own;
    const isPublished = [from, to].every((name) => published?.regions.has(name));
    return isPublished ? published?.mean(from, to) : undefined;
  };
  return { names: [...given.keys()], regions: [...given], mean };
}

/** Where the nodes are, and what is between them. */
interface Prepared {
  readonly pairs: Pairs;
  readonly linksOf: ((node: number) => NodeBandwidths) | undefined;
}

/** Drawn for each attempt where there is a spread, rounded up to the nanosecond. */
export const regions: LatencyEntry<Options, Prepared> = {
  id: 'regions',
  description: 'nodes are in regions with mean latencies between them, given or as published (SimBlock)',
  options,
  prepare(given, context) {
    const { names, regions, mean } = described(given);
    const placeOf = settle(regions, context, 'regions');
    const deviation = new Float64Array(names.length).fill(given.spread);
    const pairs = new Pairs(placeOf, (from) => ({
      mean: Float64Array.from(names, (to) => mean(names[from]!, to)!),
      deviation,
    }));
    return { pairs, linksOf: given.bandwidths ? (node) => regions[placeOf[node]!]![1] : undefined };
  },
  draw: ({ pairs }, random, link) => pairs.draw(random, link),
  bandwidths: ({ linksOf }) => linksOf,
};

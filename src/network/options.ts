/** The section `network` of a scenario. */
import { z } from 'zod';
import { UsageError } from '../errors.js';
import { choice, count, share } from '../options/index.js';
import type { BitsPerSecond } from '../units.js';
import { linkBandwidth, nodeSet, positiveDuration, refuseUnknownNodes } from './fields.js';
import { Framing, framingOptions } from './framing.js';
import { latencyList, type NodeBandwidths } from './latency/index.js';
import { type Capacities, sharingList } from './sharing/index.js';
import { transportList } from './transports/index.js';
import { checkZones, hasSharedLinks, sharedLinkKeys } from './zones.js';

const retryOptions = z.strictObject({
  timeout: positiveDuration('timeout')
    .prefault('1s')
    .describe('time from the end of a failed attempt at a reliable message to the next one'),
  tries: z
    .union([count(), z.literal('unlimited')])
    .prefault('unlimited')
    .transform((tries) => (tries === 'unlimited' ? Number.POSITIVE_INFINITY : tries))
    .describe('greatest number of attempts at a reliable message, the first one included'),
});

const overrideOptions = z
  .strictObject({
    nodes: nodeSet().describe('nodes to which this override applies'),
    uplink: linkBandwidth().optional().describe('uplink of each of these nodes'),
    downlink: linkBandwidth().optional().describe('downlink of each of these nodes'),
  })
  .refine((given) => given.uplink !== undefined || given.downlink !== undefined, {
    message: 'expected an uplink or a downlink beside nodes, got neither',
  });

/** What a scenario says under `network`. Latency and bandwidths have no default: there is no typical network. */
export const networkOptions = z.strictObject({
  latency: choice(latencyList).describe('time that a byte travels between two nodes'),
  uplink: linkBandwidth().describe('bandwidth from each node into the network'),
  downlink: linkBandwidth().describe('bandwidth from the network to each node'),
  ...sharedLinkKeys,
  sharing: choice(sharingList).prefault('fair').describe('how transfers share the links'),
  transport: choice(transportList)
    .optional()
    .describe(
      'how fast a sender may send, whatever the links carry; default: fluid, only the links limit it',
    ),
  drop: share().prefault('0%').describe('share of the attempts that are lost on the way'),
  framing: framingOptions
    .optional()
    .describe(
      'packets: bytes that the network below adds to messages, such as { mtu: 1460B, header: 40B }; default: none',
    ),
  retry: retryOptions.prefault({}).describe('how reliable messages are repeated'),
  overrides: z
    .array(overrideOptions)
    .prefault([])
    .describe('nodes with links of their own; of several overrides that name a node, the last one counts'),
});

/** The network of a run; bandwidths in bits per second (Infinity: unlimited), times in ns, `drop` in 0 … 1. @public */
export type NetworkOptions = z.output<typeof networkOptions>;

/** What packets add to messages; undefined where the options name none. */
export function framingOf({ framing }: NetworkOptions): Framing | undefined {
  return framing && new Framing(framing);
}

/**
 * Refuses options that name a node which the run does not have (UsageError `unknown-node`), zones that overlap, and shared
 * links with a discipline that has none.
 */
export function checkNetwork(options: NetworkOptions, nodes: number): void {
  const { overrides, sharing } = options;
  checkZones(options, nodes);
  if (hasSharedLinks(options) && !sharing.entry.sharedLinks)
    throw new UsageError(
      'no-shared-links',
      `expected a discipline with links that nodes share, such as "fair", beside zones or a core, got "${sharing.entry.id}", which has links of nodes alone`,
      'network.sharing',
    );
  if (options.transport?.entry.pace !== undefined && !sharing.entry.transports)
    throw new UsageError(
      'no-transport',
      `expected a discipline in which a sender may wait for acknowledgements, such as "fair", beside the transport "${options.transport.entry.id}", got "${sharing.entry.id}", which sends at the bandwidth of the link`,
      'network.sharing',
    );
  for (const [i, override] of overrides.entries()) {
    refuseUnknownNodes(override.nodes, nodes, `network.overrides.${i}.nodes`);
  }
}

/** Uplink and downlink of every node: those that its place has, where it has some; then overrides, applied in order. */
export function capacitiesOf(
  options: NetworkOptions,
  nodes: number,
  ofPlace?: (node: number) => NodeBandwidths,
): Capacities {
  const places = Array.from({ length: nodes }, (_, node) => ofPlace?.(node));
  const uplink: BitsPerSecond[] = places.map((place) => place?.uplink ?? options.uplink);
  const downlink: BitsPerSecond[] = places.map((place) => place?.downlink ?? options.downlink);
  for (const override of options.overrides) {
    for (const node of override.nodes) {
      if (override.uplink !== undefined) uplink[node] = override.uplink;
      if (override.downlink !== undefined) downlink[node] = override.downlink;
    }
  }
  return { uplink, downlink };
}

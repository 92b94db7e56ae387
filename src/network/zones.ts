/** Links that several nodes share: those of zones (racks, sites, regions), and the core between them. */
import { z } from 'zod';
import { UsageError } from '../errors.js';
import type { BitsPerSecond } from '../units.js';
import { linkBandwidth, nodeSet, refuseUnknownNodes } from './fields.js';

const zoneOptions = z.strictObject({
  nodes: nodeSet().describe('nodes of this zone; a node is in one zone or in none'),
  uplink: linkBandwidth()
    .prefault('unlimited')
    .describe('bandwidth from the zone to the core, shared by its nodes'),
  downlink: linkBandwidth()
    .prefault('unlimited')
    .describe('bandwidth from the core to the zone, shared by its nodes'),
});

/** The keys of `network` that name shared links. */
export const sharedLinkKeys = {
  zones: z
    .record(z.string(), zoneOptions)
    .optional()
    .describe('racks, sites or regions by name: what leaves or enters one shares its links; default: none'),
  core: linkBandwidth()
    .optional()
    .describe(
      'bandwidth of all together that goes from zone to zone, or between nodes of none; default: unlimited',
    ),
};

/** The options of shared links. */
interface SharedLinkOptions {
  readonly zones?: Readonly<Record<string, z.output<typeof zoneOptions>>> | undefined;
  readonly core?: BitsPerSecond | undefined;
}

/**
 * Links that several nodes share; bandwidths in bits per second, Infinity where unlimited. A transfer within a zone uses
 * none of them; any other one uses the uplink of the zone that it leaves, the core, and the downlink of the zone that it
 * enters, as far as there are such.
 * @public
 */
export interface SharedLinks {
  /** By node, the number of its zone; −1 where it has none. */
  readonly zoneOf: Int32Array;
  /** By zone. */
  readonly names: readonly string[];
  readonly uplink: readonly BitsPerSecond[];
  readonly downlink: readonly BitsPerSecond[];
  readonly core: BitsPerSecond;
}

/** One of the links that several nodes share. @public */
export interface SharedLink {
  /** `rack-a/uplink`, `rack-a/downlink`, or `core`. */
  readonly name: string;
  /** Bits per second; Infinity where it is unlimited. */
  readonly bandwidth: BitsPerSecond;
  /** Where the scenario has it: `network.zones.rack-a.uplink`. */
  readonly path: string;
}

/** All shared links, in the order of their numbers: the uplinks of the zones, their downlinks, and the core. */
export function listSharedLinks({ names, uplink, downlink, core }: SharedLinks): readonly SharedLink[] {
  const ofZones = (link: 'uplink' | 'downlink', bandwidths: readonly BitsPerSecond[]) =>
    bandwidths.map((bandwidth, zone) => ({
      name: `${names[zone]}/${link}`,
      bandwidth,
      path: `network.zones.${names[zone]}.${link}`,
    }));
  return [
    ...ofZones('uplink', uplink),
    ...ofZones('downlink', downlink),
    { name: 'core', bandwidth: core, path: 'network.core' },
  ];
}

/** The same links with other bandwidths, which are in the order of {@link listSharedLinks}. */
export function withBandwidths(shared: SharedLinks, bandwidths: ArrayLike<BitsPerSecond>): SharedLinks {
  const zones = shared.names.length;
  const all = Array.from(bandwidths);
  return {
    ...shared,
    uplink: all.slice(0, zones),
    downlink: all.slice(zones, 2 * zones),
    core: all[2 * zones]!,
  };
}

/** Refuses zones that name unknown nodes, or a node of another zone: UsageErrors with their paths. */
export function checkZones({ zones = {} }: SharedLinkOptions, nodes: number): void {
  const owners = new Map<number, string>();
  for (const [name, zone] of Object.entries(zones)) {
    const path = `network.zones.${name}.nodes`;
    refuseUnknownNodes(zone.nodes, nodes, path);
    for (const node of zone.nodes) {
      const owner = owners.get(node);
      if (owner !== undefined)
        throw new UsageError(
          'node-in-two-zones',
          `expected nodes that are in no other zone, got ${node}, which is in "${owner}"`,
          path,
        );
      owners.set(node, name);
    }
  }
}

/** Whether any link is shared: limited, and used by more than one node. */
export function hasSharedLinks({ zones = {}, core = Number.POSITIVE_INFINITY }: SharedLinkOptions): boolean {
  const limited = (bandwidth: BitsPerSecond) => bandwidth !== Number.POSITIVE_INFINITY;
  return (
    limited(core) || Object.values(zones).some(({ uplink, downlink }) => limited(uplink) || limited(downlink))
  );
}

/** The shared links of a run with that many nodes. */
export function sharedLinksOf(
  { zones = {}, core = Number.POSITIVE_INFINITY }: SharedLinkOptions,
  nodes: number,
): SharedLinks {
  const zoneOf = new Int32Array(nodes).fill(-1);
  const all = Object.values(zones);
  for (const [zone, { nodes: members }] of all.entries()) for (const node of members) zoneOf[node] = zone;
  return {
    zoneOf,
    names: Object.keys(zones),
    uplink: all.map(({ uplink }) => uplink),
    downlink: all.map(({ downlink }) => downlink),
    core,
  };
}

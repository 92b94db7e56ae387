/**
 * All links of a network as numbered resources: the uplink of node i is i, its downlink is nodes + i; then come the uplinks
 * of the zones, their downlinks, and the core.
 */
import type { BitsPerSecond } from '../../units.js';
import type { SharedLinks } from '../zones.js';
import type { Capacities } from './sharing.js';

/** Most links that a transfer uses: uplinks of node and zone, core, downlinks of zone and node. */
const LONGEST = 5;

const UNLIMITED = Number.POSITIVE_INFINITY;

/** The links of a run, by number. */
export class Links {
  /** Bits per second; Infinity where a link is unlimited. */
  readonly capacity: Float64Array;
  /** Most links of a transfer. */
  readonly width: number;
  readonly #nodes: number;
  readonly #shared: SharedLinks;
  readonly #core: number;
  /** What {@link path} returned last. */
  #path: number[] = [];

  constructor({ uplink, downlink }: Capacities, shared: SharedLinks) {
    const own = [...uplink, ...downlink];
    const ofZones = [...shared.uplink, ...shared.downlink];
    this.#nodes = uplink.length;
    this.#shared = shared;
    this.#core = own.length + ofZones.length;
    this.capacity = Float64Array.from([...own, ...ofZones, shared.core]);
    const isShared = [...ofZones, shared.core].some((bandwidth) => bandwidth !== UNLIMITED);
    this.width = isShared ? LONGEST : 2;
  }

  /** How many links belong to nodes: those with lower numbers do. */
  get ofNodes(): number {
    return 2 * this.#nodes;
  }

  number(node: number, link: 'uplink' | 'downlink'): number {
    return link === 'uplink' ? node : this.#nodes + node;
  }

  /** The limited links from a node to another one, in order. The list is good until the next call. */
  path(from: number, to: number): readonly number[] {
    this.#path.length = 0;
    this.#append(from);
    if (this.width > 2) this.#appendShared(from, to);
    this.#append(this.#nodes + to);
    return this.#path;
  }

  #appendShared(from: number, to: number): void {
    const { zoneOf, names } = this.#shared;
    const [source, target] = [zoneOf[from]!, zoneOf[to]!];
    if (source === target && source >= 0) return;
    if (source >= 0) this.#append(this.ofNodes + source);
    this.#append(this.#core);
    if (target >= 0) this.#append(this.ofNodes + names.length + target);
  }

  #append(link: number): void {
    if (this.capacity[link] !== UNLIMITED) this.#path.push(link);
  }

  /** The bandwidth of the narrowest link from a node to another one. */
  narrowest(from: number, to: number): BitsPerSecond {
    return this.path(from, to).reduce((least, link) => Math.min(least, this.capacity[link]!), UNLIMITED);
  }

  /** A link in words: `the uplink of node 3`. */
  name(link: number): string {
    const { names } = this.#shared;
    if (link === this.#core) return 'the core';
    if (link < this.#nodes) return `the uplink of node ${link}`;
    if (link < this.ofNodes) return `the downlink of node ${link - this.#nodes}`;
    const zone = link - this.ofNodes;
    const isUplink = zone < names.length;
    return `the ${isUplink ? 'uplink' : 'downlink'} of zone "${names[isUplink ? zone : zone - names.length]}"`;
  }
}

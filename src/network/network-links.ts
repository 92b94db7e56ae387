/** All links of a network: what bandwidth each has of itself, and what faults leave of it. */
import { assert, PluginError, UsageError } from '../errors.js';
import type { BitsPerSecond } from '../units.js';
import { MAX_BANDWIDTH } from './sharing/arithmetic.js';
import { Links } from './sharing/links.js';
import type { Capacities, CapacityChange, Sharing } from './sharing/sharing.js';
import { listSharedLinks, type SharedLink, type SharedLinks, withBandwidths } from './zones.js';

/** Bandwidths and factors by node, and bandwidths of shared links, as plain data. */
export interface NetworkLinksState {
  readonly uplink: Float64Array;
  readonly downlink: Float64Array;
  readonly slowness: Float64Array;
  readonly shared: Float64Array;
}

/** Both links of a node. */
interface LinksOfNode {
  readonly uplink: BitsPerSecond;
  readonly downlink: BitsPerSecond;
}

/** The links of nodes and those that they share, now. Unlimited ones stay so. */
export class NetworkLinks {
  readonly #sharing: Sharing;
  /** What the links of nodes have of themselves. */
  readonly #own: { readonly uplink: Float64Array; readonly downlink: Float64Array };
  /** By what that is divided. */
  readonly #slowness: Float64Array;
  readonly #shared: SharedLinks;
  readonly #sharedList: readonly SharedLink[];
  /** What the shared links have, by number. */
  readonly #ofShared: Float64Array;

  /** `sharing` is told of every bandwidth that is another from now on. */
  constructor({ uplink, downlink }: Capacities, shared: SharedLinks, sharing: Sharing) {
    this.#sharing = sharing;
    this.#own = { uplink: Float64Array.from(uplink), downlink: Float64Array.from(downlink) };
    this.#slowness = new Float64Array(uplink.length).fill(1);
    this.#shared = shared;
    this.#sharedList = listSharedLinks(shared);
    this.#ofShared = Float64Array.from(this.#sharedList, ({ bandwidth }) => bandwidth);
  }

  /** All bandwidths. */
  now(): Links {
    const { uplink, downlink } = this.#own;
    const ofNodes = {
      uplink: Array.from(uplink, (_, node) => this.#left('uplink', node)),
      downlink: Array.from(downlink, (_, node) => this.#left('downlink', node)),
    };
    return new Links(ofNodes, withBandwidths(this.#shared, this.#ofShared));
  }

  /** From now on a link has that bandwidth of itself. Throws a UsageError where it is unlimited. */
  set({ node, link, bandwidth }: CapacityChange): void {
    checkChange(`a ${link} of node ${node}`, this.#own[link][node]!, bandwidth, `network.${link}`);
    const before = this.#of(node);
    this.#own[link][node] = bandwidth;
    this.#tell(node, before);
  }

  /** From now on a shared link has that bandwidth. Throws a UsageError where it is unlimited. */
  setShared(link: number, bandwidth: BitsPerSecond): void {
    const known = this.#sharedList[link];
    if (known === undefined)
      throw new PluginError(`expected a shared link from 0 to ${this.#sharedList.length - 1}, got ${link}`);
    const { name, path } = known;
    const before = this.#ofShared[link]!;
    checkChange(`the shared link ${name}`, before, bandwidth, path);
    if (bandwidth === before) return;
    this.#ofShared[link] = bandwidth;
    this.#sharing.setSharedCapacity!(link, bandwidth);
  }

  /** From now on the bandwidths of a node are divided by a factor in place of the last one. */
  slow(node: number, factor: number): void {
    const before = this.#of(node);
    this.#slowness[node] = factor;
    this.#tell(node, before);
  }

  save(): NetworkLinksState {
    const { uplink, downlink } = this.#own;
    return {
      uplink: uplink.slice(),
      downlink: downlink.slice(),
      slowness: this.#slowness.slice(),
      shared: this.#ofShared.slice(),
    };
  }

  /** The sharing discipline saves and loads for itself what it was told. */
  load({ uplink, downlink, slowness, shared }: NetworkLinksState): void {
    this.#own.uplink.set(uplink);
    this.#own.downlink.set(downlink);
    this.#slowness.set(slowness);
    this.#ofShared.set(shared);
  }

  #of(node: number): LinksOfNode {
    return { uplink: this.#left('uplink', node), downlink: this.#left('downlink', node) };
  }

  #left(link: 'uplink' | 'downlink', node: number): BitsPerSecond {
    const own = this.#own[link][node]!;
    const factor = this.#slowness[node]!;
    if (own === Number.POSITIVE_INFINITY || own === 0 || factor === 1) return own;
    return Math.min(MAX_BANDWIDTH, Math.max(1, Math.floor(own / factor)));
  }

  #tell(node: number, before: LinksOfNode): void {
    const now = this.#of(node);
    for (const link of ['uplink', 'downlink'] as const)
      if (now[link] !== before[link]) this.#sharing.setCapacity!({ node, link, bandwidth: now[link] });
  }
}

/** Refuses to change an unlimited link, and a bandwidth that no link can have. `what` is the link in words. */
function checkChange(what: string, before: BitsPerSecond, bandwidth: BitsPerSecond, path: string): void {
  if (before === Number.POSITIVE_INFINITY)
    throw new UsageError(
      'unlimited-link',
      `expected ${what} with a bandwidth, since it changes, got unlimited, and an unlimited link stays so`,
      path,
    );
  assert(bandwidth >= 0 && bandwidth <= MAX_BANDWIDTH, `${what} cannot have ${bandwidth} bit/s`);
}

/** The uplinks and downlinks of nodes: what bandwidth each has of itself, and what faults leave of it. */
import { assert, UsageError } from '../errors.js';
import type { BitsPerSecond } from '../units.js';
import { MAX_BANDWIDTH } from './sharing/arithmetic.js';
import type { Capacities, CapacityChange } from './sharing/sharing.js';

/** Bandwidths and factors by node, as plain data. */
export interface NodeLinksState {
  readonly uplink: Float64Array;
  readonly downlink: Float64Array;
  readonly slowness: Float64Array;
}

/** Both links of a node. */
interface LinksOfNode {
  readonly uplink: BitsPerSecond;
  readonly downlink: BitsPerSecond;
}

/** The links of all nodes now. Unlimited ones stay so. */
export class NodeLinks {
  readonly #change: (change: CapacityChange) => void;
  /** What the links have of themselves. */
  readonly #own: { readonly uplink: Float64Array; readonly downlink: Float64Array };
  /** By what that is divided. */
  readonly #slowness: Float64Array;

  /** `change` is told of every bandwidth that is another from now on. */
  constructor({ uplink, downlink }: Capacities, change: (change: CapacityChange) => void) {
    this.#change = change;
    this.#own = { uplink: Float64Array.from(uplink), downlink: Float64Array.from(downlink) };
    this.#slowness = new Float64Array(uplink.length).fill(1);
  }

  /** All bandwidths. */
  now(): Capacities {
    const { uplink, downlink } = this.#own;
    return {
      uplink: Array.from(uplink, (_, node) => this.#left('uplink', node)),
      downlink: Array.from(downlink, (_, node) => this.#left('downlink', node)),
    };
  }

  /** From now on a link has that bandwidth of itself. Throws a UsageError where it is unlimited. */
  set({ node, link, bandwidth }: CapacityChange): void {
    if (this.#own[link][node] === Number.POSITIVE_INFINITY)
      throw new UsageError(
        'unlimited-link',
        `expected a ${link} of node ${node} with a bandwidth, since it changes, got unlimited, and an unlimited link stays so`,
        `network.${link}`,
      );
    assert(bandwidth >= 0 && bandwidth <= MAX_BANDWIDTH, `a ${link} cannot have ${bandwidth} bit/s`);
    const before = this.#of(node);
    this.#own[link][node] = bandwidth;
    this.#tell(node, before);
  }

  /** From now on the bandwidths of a node are divided by a factor in place of the last one. */
  slow(node: number, factor: number): void {
    const before = this.#of(node);
    this.#slowness[node] = factor;
    this.#tell(node, before);
  }

  save(): NodeLinksState {
    const { uplink, downlink } = this.#own;
    return { uplink: uplink.slice(), downlink: downlink.slice(), slowness: this.#slowness.slice() };
  }

  /** The sharing discipline saves and loads for itself what it was told. */
  load({ uplink, downlink, slowness }: NodeLinksState): void {
    this.#own.uplink.set(uplink);
    this.#own.downlink.set(downlink);
    this.#slowness.set(slowness);
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
      if (now[link] !== before[link]) this.#change({ node, link, bandwidth: now[link] });
  }
}

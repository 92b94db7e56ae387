/**
 * Max-min fair rates in whole bits per second: to the last bit those of water-filling, computed from what has changed.
 *
 * Water-filling: resources are links with a capacity; a flow uses one or two of them. All flows start unfixed, and every
 * resource offers each of its unfixed flows max(1, ⌊remaining capacity ÷ number of its unfixed flows⌋). The resource with
 * the smallest offer (ties: the lowest id) is the bottleneck: its unfixed flows are fixed at its offer, which is
 * subtracted from what remains at their other resources (never below 0). This repeats until all flows are fixed.
 *
 * The **level** of a resource is the offer at which it becomes the bottleneck; it is infinite where all its flows are
 * fixed elsewhere. Offers only grow while flows are fixed, so resources become bottlenecks in the order of (level, id).
 * Hence the rate of a flow is the smaller level of its resources, and the level of a resource follows from its
 * neighbours (the resources with which it shares flows) that come before it in that order. What follows from the present
 * levels is **due**.
 *
 * Levels that are all due are those of water-filling: the first resource in the order has no neighbour before it, so its
 * level is what it offers at the start, which is the smallest offer; without its flows the same holds of the second, and
 * so on. So an update starts from the old levels and puts right those that are not due; what it does not reach is right.
 */
import { assert } from '../../errors.js';
import { grownFloat64, grownInt32 } from '../../grown.js';
import type { BitsPerSecond } from '../../units.js';
import { SlotQueue } from './slot-queue.js';

/** The second resource of a flow that uses only one. */
export const NO_RESOURCE = -1;

const INFINITE = Number.POSITIVE_INFINITY;

// Whether the due level of a resource is the one that was last computed, or has become greater or smaller since.
const KNOWN = 0;
const GREATER = 1;
const SMALLER = 2;

/** Rates of a changing set of flows. A flow is a small whole number chosen by the caller. */
export class MaxMin {
  readonly #capacity: Float64Array;
  /** Flows on each resource, in no particular order: no result depends on it. */
  readonly #flows: number[][];

  // By flow: its resources, their sum, its places in their lists, its rate. The sum leads from one to the other.
  #first = new Int32Array(64);
  #second = new Int32Array(64);
  #both = new Int32Array(64);
  #firstPlace = new Int32Array(64);
  #secondPlace = new Int32Array(64);
  #rate = new Float64Array(64);

  /** Stands in sums for the second resource of a flow that has only one. Its level is infinite, and stays so. */
  readonly #none: number;
  // By resource: its level, the due one as it was last computed, and whether that is known.
  readonly #level: Float64Array;
  readonly #due: Float64Array;
  readonly #state: Uint8Array;
  /** Resources whose level is not due, or whose due level is greater than computed, by the smaller of both, then id. */
  readonly #queue = new SlotQueue();
  /** Resources whose due level is smaller than computed: no place in the queue is right for them. */
  readonly #smaller: number[] = [];

  /** Resources whose flows or level have changed since rates were last compared, once each. */
  readonly #changed: number[] = [];
  readonly #isChanged: Uint8Array;

  /** `capacity`: bits per second of each resource, at least 1. */
  constructor(capacity: Float64Array) {
    const resources = capacity.length;
    this.#capacity = capacity;
    this.#flows = Array.from({ length: resources }, () => []);
    this.#none = resources;
    this.#level = new Float64Array(resources + 1).fill(INFINITE);
    this.#due = new Float64Array(resources).fill(INFINITE);
    this.#state = new Uint8Array(resources);
    this.#isChanged = new Uint8Array(resources);
  }

  /** The rate that the last {@link update} gave a flow; for a new flow, that of {@link add}. */
  rate(flow: number): BitsPerSecond {
    return this.#rate[flow]!;
  }

  /**
   * Adds a flow on one or two resources; `rate` is what it has until the next update. A new solver that is given all
   * flows and rates of an old one goes on as that would.
   */
  add(flow: number, first: number, second: number, rate: BitsPerSecond = 0): void {
    assert(first !== NO_RESOURCE && first !== second, 'a flow needs one resource, or two different ones');
    if (flow >= this.#rate.length) this.#grow(flow);
    this.#first[flow] = first;
    this.#second[flow] = second;
    this.#both[flow] = first + (second === NO_RESOURCE ? this.#none : second);
    this.#rate[flow] = rate;
    this.#firstPlace[flow] = this.#flows[first]!.push(flow) - 1;
    this.#note(first);
    if (second === NO_RESOURCE) return;
    this.#secondPlace[flow] = this.#flows[second]!.push(flow) - 1;
    this.#note(second);
  }

  /** Removes a flow. */
  remove(flow: number): void {
    this.#leave(this.#first[flow]!, this.#firstPlace[flow]!);
    if (this.#second[flow] !== NO_RESOURCE) this.#leave(this.#second[flow]!, this.#secondPlace[flow]!);
  }

  /**
   * Computes all rates again, and calls `changed` once for every flow whose rate has changed.
   *
   * Levels are put right in the order of (level, id), as nothing that comes later matters to a level. Only levels that are
   * too low at resources whose flows have changed are raised before that: those of many senders to one receiver, say, for
   * which what is due at the receiver is computed once.
   */
  update(changed: (flow: number, rate: BitsPerSecond) => void): void {
    const touched = this.#changed.length;
    for (let i = 0; i < touched; i++) this.#revise(this.#changed[i]!);
    for (let i = 0; i < touched; i++) {
      const resource = this.#changed[i]!;
      if (this.#due[resource]! > this.#level[resource]!) this.#setLevel(resource);
    }
    for (;;) {
      while (this.#smaller.length > 0) this.#revise(this.#smaller.pop()!);
      const resource = this.#queue.first;
      if (resource < 0) break;
      if (this.#state[resource] === GREATER) this.#revise(resource);
      else this.#setLevel(resource);
    }
    this.#compareRates(changed);
  }

  /** Computes the due level of a resource, and queues it where its level is another. */
  #revise(resource: number): void {
    const level = this.#level[resource]!;
    const due = this.#dueLevel(resource);
    this.#due[resource] = due;
    this.#state[resource] = KNOWN;
    if (due === level) this.#queue.remove(resource);
    else this.#queue.set(resource, Math.min(due, level), resource);
  }

  /**
   * What a resource offers when those of its flows are fixed whose other resource comes before it. Fixing them leaves at
   * least as much to each of the others, so the offer grows until no more of them come before it.
   */
  #dueLevel(resource: number): BitsPerSecond {
    const flows = this.#flows[resource]!;
    const capacity = this.#capacity[resource]!;
    const levels = this.#level;
    const both = this.#both;
    let offer = Math.max(1, Math.floor(capacity / flows.length));
    for (;;) {
      let remaining = capacity;
      let unfixed = flows.length;
      for (let i = 0; i < flows.length; i++) {
        const other = both[flows[i]!]! - resource;
        const level = levels[other]!;
        if (level > offer || (level === offer && other > resource)) continue;
        remaining -= level;
        unfixed--;
      }
      if (unfixed === 0) return INFINITE;
      const next = Math.max(1, Math.floor(remaining / unfixed));
      if (next === offer) return offer;
      offer = next;
    }
  }

  /** Gives a resource its due level. Another level may then be due at neighbours that come after it. */
  #setLevel(resource: number): void {
    const before = this.#level[resource]!;
    const level = this.#due[resource]!;
    const lower = Math.min(before, level);
    this.#level[resource] = level;
    this.#queue.remove(resource);
    this.#note(resource);
    const flows = this.#flows[resource]!;
    for (let i = 0; i < flows.length; i++) {
      const other = this.#both[flows[i]!]! - resource;
      if (other === this.#none) continue;
      const due = this.#due[other]!;
      if (due < lower || (due === lower && other < resource)) continue;
      if (level > before) this.#dueIsSmaller(other);
      else this.#dueIsGreater(other);
    }
  }

  /** Where all flows were fixed elsewhere, infinite is due, and nothing greater. */
  #dueIsGreater(resource: number): void {
    const due = this.#due[resource]!;
    if (due === INFINITE || this.#state[resource] !== KNOWN) return;
    this.#state[resource] = GREATER;
    if (due === this.#level[resource]) this.#queue.set(resource, due, resource);
  }

  #dueIsSmaller(resource: number): void {
    if (this.#state[resource] === SMALLER) return;
    this.#state[resource] = SMALLER;
    this.#smaller.push(resource);
  }

  /** Compares the rates of all flows on resources that have changed with what they were. */
  #compareRates(changed: (flow: number, rate: BitsPerSecond) => void): void {
    for (const resource of this.#changed) {
      this.#isChanged[resource] = 0;
      const flows = this.#flows[resource]!;
      const level = this.#level[resource]!;
      for (let i = 0; i < flows.length; i++) {
        const flow = flows[i]!;
        const rate = Math.min(level, this.#level[this.#both[flow]! - resource]!);
        if (this.#rate[flow] === rate) continue;
        changed(flow, rate);
        this.#rate[flow] = rate;
      }
    }
    this.#changed.length = 0;
  }

  /** Notes that the rates of a resource's flows are to be compared. */
  #note(resource: number): void {
    if (this.#isChanged[resource] === 1) return;
    this.#isChanged[resource] = 1;
    this.#changed.push(resource);
  }

  /** Takes the flow at `place` out of a resource's list; the last one moves there. */
  #leave(resource: number, place: number): void {
    this.#note(resource);
    const flows = this.#flows[resource]!;
    const last = flows.pop()!;
    if (place === flows.length) return;
    flows[place] = last;
    if (this.#first[last] === resource) this.#firstPlace[last] = place;
    else this.#secondPlace[last] = place;
  }

  #grow(flow: number): void {
    const length = Math.max(2 * this.#rate.length, flow + 1);
    this.#first = grownInt32(this.#first, length);
    this.#second = grownInt32(this.#second, length);
    this.#both = grownInt32(this.#both, length);
    this.#firstPlace = grownInt32(this.#firstPlace, length);
    this.#secondPlace = grownInt32(this.#secondPlace, length);
    this.#rate = grownFloat64(this.#rate, length);
  }
}

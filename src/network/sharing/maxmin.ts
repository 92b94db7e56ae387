/**
 * Max-min fair rates in whole bits per second, to the last bit those of water-filling, but solved from what has changed.
 *
 * Water-filling: all flows start unfixed, and every resource (a link with a capacity) offers each of its unfixed flows
 * max(1, ⌊remaining capacity ÷ number of its unfixed flows⌋). The resource with the smallest offer (ties: the lowest
 * id) is the bottleneck: its unfixed flows are fixed at its offer, which is subtracted from what remains at their other
 * resources (never below 0). This repeats until all flows are fixed.
 *
 * Call the offer at which a resource fixes flows its **level**; it is infinite where all its flows are fixed elsewhere.
 * Offers only grow while flows are fixed, so resources become bottlenecks in the order of (level, id). Hence
 *
 * - the rate of a flow is the smaller level of its two resources;
 * - the level of a resource follows from those of its neighbours (the resources with which it shares flows) that come
 *   before it: see {@link MaxMin.update}, which calls what follows from the present levels **due**;
 * - levels that are all due are those of water-filling. For the first resource in the order has no neighbour before it, so
 *   its level is its offer at the start, and none can offer less: it is the first bottleneck. Without its flows the
 *   same holds for the second, and so on.
 *
 * So an update starts from the old levels, and makes them due again in the order of (level, id), beginning with the
 * resources whose flows have changed. What it does not reach keeps its level.
 */
import { assert } from '../../errors.js';
import type { BitsPerSecond } from '../../units.js';
import { grownFloat64, grownInt32 } from '../grown.js';
import { SlotQueue } from './slot-queue.js';

/** The second resource of a flow that uses only one. */
export const NO_RESOURCE = -1;

const INFINITE = Number.POSITIVE_INFINITY;

/** Rates of a changing set of flows. A flow is a small whole number chosen by the caller. */
export class MaxMin {
  readonly #capacity: Float64Array;
  /** Flows on each resource, in no particular order: no result depends on it. */
  readonly #flows: number[][];

  // By flow: its resources, their sum, its places in their lists, its rate.
  #first = new Int32Array(64);
  #second = new Int32Array(64);
  #both = new Int32Array(64);
  #firstPlace = new Int32Array(64);
  #secondPlace = new Int32Array(64);
  #rate = new Float64Array(64);

  // By resource. The last one is none: it is the second resource of flows that have one, and its level is infinite.
  readonly #level: Float64Array;
  /** The due level as it was last computed. */
  readonly #due: Float64Array;
  /** 1 where the due level has grown since: it is computed again when its turn comes. */
  readonly #stale: Uint8Array;
  readonly #fallen: number[] = [];
  /** Resources whose level is not due, or that are stale, by the smaller of both, then id. */
  readonly #queue = new SlotQueue();

  /** Resources whose flows or level have changed since rates were last compared, once each. */
  readonly #changed: number[] = [];
  readonly #isChanged: Uint8Array;

  /** `capacity`: bits per second of each resource, at least 1. */
  constructor(capacity: Float64Array) {
    const resources = capacity.length;
    this.#capacity = capacity;
    this.#flows = Array.from({ length: resources }, () => []);
    this.#level = new Float64Array(resources + 1).fill(INFINITE);
    this.#due = new Float64Array(resources).fill(INFINITE);
    this.#stale = new Uint8Array(resources);
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
    this.#both[flow] = first + (second === NO_RESOURCE ? this.#flows.length : second);
    this.#rate[flow] = rate;
    this.#firstPlace[flow] = this.#flows[first]!.push(flow) - 1;
    this.#touch(first);
    if (second === NO_RESOURCE) return;
    this.#secondPlace[flow] = this.#flows[second]!.push(flow) - 1;
    this.#touch(second);
  }

  /** Removes a flow. */
  remove(flow: number): void {
    this.#leave(this.#first[flow]!, this.#firstPlace[flow]!);
    if (this.#second[flow] !== NO_RESOURCE) this.#leave(this.#second[flow]!, this.#secondPlace[flow]!);
  }

  /**
   * Computes all rates again, and calls `changed` once for every flow whose rate has changed.
   *
   * The least resource of the queue has no neighbour before it that might still change. If less is due than its level,
   * that is its level for good. If its level is too low, its flows are first taken from it: a neighbour may now come
   * before it. So each resource gets its level once and loses it at most once.
   */
  update(changed: (flow: number, rate: BitsPerSecond) => void): void {
    const touched = this.#changed.length;
    for (let i = 0; i < touched; i++) this.#revise(this.#changed[i]!);
    for (let i = 0; i < touched; i++) {
      const resource = this.#changed[i]!;
      if (this.#due[resource]! > this.#level[resource]!) this.#setLevel(resource);
    }
    for (;;) {
      while (this.#fallen.length > 0) this.#revise(this.#fallen.pop()!);
      const resource = this.#queue.first;
      if (resource < 0) break;
      if (this.#stale[resource] === 1) this.#revise(resource);
      else this.#setLevel(resource);
    }
    this.#compareRates(changed);
  }

  /** Computes the due level of a resource, and queues it where its level is another. */
  #revise(resource: number): void {
    const level = this.#level[resource]!;
    const due = this.#dueLevel(resource);
    this.#due[resource] = due;
    this.#stale[resource] = 0;
    if (due === level) this.#queue.remove(resource);
    else this.#queue.set(resource, Math.min(due, level), resource);
  }

  /**
   * What a resource offers when those of its flows are fixed whose other resource comes before it. Taking such a flow off
   * leaves at least as much to each of the others, so the offer grows to where no more come before it.
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

  /** Gives a resource its due level. What is due at neighbours that come after it changes with it. */
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
      if (other === this.#flows.length) continue;
      const due = this.#due[other]!;
      if (due < lower || (due === lower && other < resource)) continue;
      if (level > before) {
        if (this.#stale[other] !== 2) {
          this.#stale[other] = 2;
          this.#fallen.push(other);
        }
      } else if (due !== INFINITE && this.#stale[other] === 0) {
        // More is due; where all flows were fixed elsewhere, they still are.
        this.#stale[other] = 1;
        if (due === this.#level[other]) this.#queue.set(other, due, other);
      }
    }
  }

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

  /** The flows of a resource have changed. */
  #touch(resource: number): void {
    this.#note(resource);
  }

  /** Notes that the rates of a resource's flows are to be compared. */
  #note(resource: number): void {
    if (this.#isChanged[resource] === 1) return;
    this.#isChanged[resource] = 1;
    this.#changed.push(resource);
  }

  /** Takes the flow at `place` out of a resource's list; the last one moves there. */
  #leave(resource: number, place: number): void {
    this.#touch(resource);
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

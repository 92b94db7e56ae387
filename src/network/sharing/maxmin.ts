/**
 * Max-min fair rates by water-filling, in whole bits per second.
 *
 * Resources are links with a capacity; a flow uses one or two of them. All flows start unfixed, and every resource
 * offers each of its unfixed flows max(1, ⌊remaining capacity ÷ number of its unfixed flows⌋). The resource with the
 * smallest offer (ties: the lowest id) is the bottleneck: its unfixed flows are fixed at its offer, which is
 * subtracted from what remains at their other resources (never below 0). This repeats until all flows are fixed.
 *
 * Two resources that no chain of flows connects do not influence each other, so only the connected components that
 * were touched since the last filling are filled again; the result is the same to the last bit. And as offers only
 * grow while flows are fixed, a heap finds the bottleneck without looking at every resource.
 */
import { assert } from '../../errors.js';
import type { BitsPerSecond } from '../../units.js';
import { grownFloat64, grownInt32 } from '../grown.js';

/** The second resource of a flow that uses only one. */
export const NO_RESOURCE = -1;

/** Rates of a changing set of flows. A flow is a small whole number chosen by the caller. */
export class MaxMin {
  readonly #capacity: Float64Array;
  /** Flows on each resource, in no particular order: no result depends on it. */
  readonly #flows: number[][];

  // By flow: its resources, its places in their lists, its rate.
  #first = new Int32Array(64).fill(NO_RESOURCE);
  #second = new Int32Array(64).fill(NO_RESOURCE);
  #firstPlace = new Int32Array(64);
  #secondPlace = new Int32Array(64);
  #rate = new Float64Array(64);
  /** The filling in which a flow was last fixed. */
  #fixed = new Float64Array(64);

  /** Resources whose flows have changed since the last filling. */
  readonly #touched: number[] = [];
  #filling = 0;
  /** The last filling in which a resource took part. */
  readonly #concerned: Float64Array;
  /** By resource, during a filling. */
  readonly #remaining: Float64Array;
  readonly #unfixed: Int32Array;
  readonly #offer: Float64Array;
  /** Resources that take part, as a binary heap by (offer, id). An offer in it may be out of date, but only too low. */
  readonly #heap: Int32Array;
  #heapLength = 0;

  /** `capacity`: bits per second of each resource, at least 1. */
  constructor(capacity: Float64Array) {
    const resources = capacity.length;
    this.#capacity = capacity;
    this.#flows = Array.from({ length: resources }, () => []);
    this.#concerned = new Float64Array(resources);
    this.#remaining = new Float64Array(resources);
    this.#unfixed = new Int32Array(resources);
    this.#offer = new Float64Array(resources);
    this.#heap = new Int32Array(resources);
  }

  /** The rate that the last {@link update} gave a flow; for a new flow, that of {@link add}. */
  rate(flow: number): BitsPerSecond {
    return this.#rate[flow]!;
  }

  /** Adds a flow on one or two resources; `rate` is what it has until the next update. */
  add(flow: number, first: number, second: number, rate: BitsPerSecond = 0): void {
    assert(first !== NO_RESOURCE && first !== second, 'a flow needs one resource, or two different ones');
    if (flow >= this.#rate.length) this.#grow(flow);
    this.#first[flow] = first;
    this.#second[flow] = second;
    this.#rate[flow] = rate;
    this.#firstPlace[flow] = this.#flows[first]!.push(flow) - 1;
    this.#touched.push(first);
    if (second === NO_RESOURCE) return;
    this.#secondPlace[flow] = this.#flows[second]!.push(flow) - 1;
    this.#touched.push(second);
  }

  /** Removes a flow. */
  remove(flow: number): void {
    this.#leave(this.#first[flow]!, this.#firstPlace[flow]!);
    if (this.#second[flow] !== NO_RESOURCE) this.#leave(this.#second[flow]!, this.#secondPlace[flow]!);
  }

  /** Computes the rates of all touched components again, and calls `changed` for every flow whose rate has changed. */
  update(changed: (flow: number, rate: BitsPerSecond) => void): void {
    this.#filling++;
    this.#gather();
    this.#touched.length = 0;
    for (let i = (this.#heapLength >> 1) - 1; i >= 0; i--) this.#sink(i);
    while (this.#heapLength > 0) {
      const resource = this.#heap[0]!;
      if (this.#unfixed[resource] === 0) {
        this.#heap[0] = this.#heap[--this.#heapLength]!;
        this.#sink(0);
        continue;
      }
      const offer = this.#offerOf(resource);
      if (offer > this.#offer[resource]!) {
        this.#offer[resource] = offer;
        this.#sink(0);
      } else {
        this.#fix(resource, offer, changed);
      }
    }
  }

  /** Accepts the present rates as up to date: nothing is touched any more. */
  acceptRates(): void {
    this.#touched.length = 0;
  }

  /** Touches everything, as after loading a state in which an update was due. */
  touchAll(): void {
    for (let resource = 0; resource < this.#capacity.length; resource++) this.#touched.push(resource);
  }

  /** Puts the touched components into the heap, with their full capacity. */
  #gather(): void {
    const heap = this.#heap;
    let length = 0;
    const concern = (resource: number): void => {
      if (this.#concerned[resource] === this.#filling) return;
      this.#concerned[resource] = this.#filling;
      const flows = this.#flows[resource]!.length;
      if (flows === 0) return;
      this.#remaining[resource] = this.#capacity[resource]!;
      this.#unfixed[resource] = flows;
      this.#offer[resource] = this.#offerOf(resource);
      heap[length++] = resource;
    };
    for (const resource of this.#touched) concern(resource);
    // The heap's array serves as the list of resources that are still to be looked at.
    for (let i = 0; i < length; i++) {
      const resource = heap[i]!;
      const flows = this.#flows[resource]!;
      for (let j = 0; j < flows.length; j++) {
        const flow = flows[j]!;
        const first = this.#first[flow]!;
        const other = first === resource ? this.#second[flow]! : first;
        if (other !== NO_RESOURCE) concern(other);
      }
    }
    this.#heapLength = length;
  }

  #offerOf(resource: number): BitsPerSecond {
    return Math.max(1, Math.floor(this.#remaining[resource]! / this.#unfixed[resource]!));
  }

  /** Fixes the unfixed flows of the bottleneck. */
  #fix(resource: number, offer: BitsPerSecond, changed: (flow: number, rate: BitsPerSecond) => void): void {
    const flows = this.#flows[resource]!;
    for (let i = 0; i < flows.length; i++) {
      const flow = flows[i]!;
      if (this.#fixed[flow] === this.#filling) continue;
      this.#fixed[flow] = this.#filling;
      const first = this.#first[flow]!;
      const other = first === resource ? this.#second[flow]! : first;
      if (other !== NO_RESOURCE) {
        this.#unfixed[other]!--;
        this.#remaining[other] = Math.max(0, this.#remaining[other]! - offer);
      }
      if (this.#rate[flow] === offer) continue;
      changed(flow, offer);
      this.#rate[flow] = offer;
    }
    this.#unfixed[resource] = 0;
  }

  #isBefore(a: number, b: number): boolean {
    const difference = this.#offer[a]! - this.#offer[b]!;
    return difference < 0 || (difference === 0 && a < b);
  }

  #sink(start: number): void {
    const heap = this.#heap;
    const length = this.#heapLength;
    const resource = heap[start]!;
    let hole = start;
    for (let child = 2 * hole + 1; child < length; child = 2 * hole + 1) {
      if (child + 1 < length && this.#isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (!this.#isBefore(heap[child]!, resource)) break;
      heap[hole] = heap[child]!;
      hole = child;
    }
    heap[hole] = resource;
  }

  /** Takes the flow at `place` out of a resource's list; the last one moves there. */
  #leave(resource: number, place: number): void {
    this.#touched.push(resource);
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
    this.#firstPlace = grownInt32(this.#firstPlace, length);
    this.#secondPlace = grownInt32(this.#secondPlace, length);
    this.#rate = grownFloat64(this.#rate, length);
    this.#fixed = grownFloat64(this.#fixed, length);
  }
}

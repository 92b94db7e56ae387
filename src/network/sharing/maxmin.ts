/**
 * Max-min fair rates: those of water-filling, computed from what has changed.
 *
 * Water-filling: resources are links with a capacity; a flow uses some of them. All flows start unfixed, and every
 * resource offers each of its unfixed flows what remains of its capacity ÷ number of its unfixed flows, rounded down to the
 * unit. The resource with the smallest offer (ties: the lowest id) is the bottleneck: its unfixed flows are fixed at its
 * offer, which is subtracted from what remains at their other resources. This repeats until all flows are fixed. A limit of
 * a flow is a resource that it has to itself, and comes before all others in ties.
 *
 * The **level** of a resource is the offer at which it becomes the bottleneck; it is infinite where all its flows are
 * fixed elsewhere. Offers only grow while flows are fixed, so resources become bottlenecks in the order of (level, id).
 * Hence the rate of a flow is the smallest level of its resources, and the level of a resource follows from its
 * neighbours (the resources with which it shares flows) that come before it in that order. What follows from the present
 * levels is **due**.
 *
 * Levels that are all due are those of water-filling: the first resource in the order has no neighbour before it, so its
 * level is what it offers at the start, which is the smallest offer; without its flows the same holds of the second, and
 * so on. So an update starts from the old levels and puts right those that are not due; what it does not reach is right.
 *
 * **The unit** is 1 bit/s until rounding could matter, and 2⁻³² bit/s from then on. How far a level may be off, its
 * *error* in units, follows with it: 1 for its own rounding, where there is any, and the errors of the flows that were fixed
 * before, ÷ number of flows that it fixes. Where a level is less than 1,000 times its error, the unit becomes the finer one;
 * where that is not enough, the network is refused. Errors are sums of whole numbers, and as due as levels are.
 */
import { assert, UsageError } from '../../errors.js';
import { grownFloat64 } from '../../grown.js';
import type { BitsPerSecond } from '../../units.js';
import { Dues } from './dues.js';
import { FlowLists } from './flow-lists.js';
import { FINE_UNIT, fineShare, partsOf } from './shares.js';
import { SlotQueue } from './slot-queue.js';

const INFINITE = Number.POSITIVE_INFINITY;
/** How many times its error a level is at least: rates are right to 0.1 %. */
const TRUSTED = 1000;

// Whether the due level of a resource is the one that was last computed, or has become greater or smaller since.
const KNOWN = 0;
const GREATER = 1;
const SMALLER = 2;

/** What a solver starts with. */
interface MaxMinParts {
  /** Most resources of a flow; 2 unless given. */
  readonly width?: number;
  /** Whether the unit is the finer one from the start. */
  readonly fine?: boolean;
}

/** Rates of a changing set of flows. A flow is a small whole number chosen by the caller. */
export class MaxMin {
  readonly #capacity: Float64Array;
  readonly #lists: FlowLists;
  readonly #dues: Dues;
  #rate = new Float64Array(64);
  #fine: boolean;

  // By resource: its level and the error of that, what is due as it was last computed, and whether that is known.
  readonly #level: Float64Array;
  readonly #error: Float64Array;
  readonly #due: Float64Array;
  readonly #dueError: Float64Array;
  readonly #state: Uint8Array;
  /** How many levels are less than they must be for their error. */
  #untrusted = 0;
  /** Resources whose level is not due, or whose due level is greater than computed, by the smaller of both, then id. */
  readonly #queue = new SlotQueue();
  /** Resources whose due level is smaller than computed, or has another error: no place in the queue is right for them. */
  readonly #smaller: number[] = [];

  /** Resources whose flows, capacity or level have changed since rates were last compared, once each. */
  readonly #changed: number[] = [];
  readonly #isChanged: Uint8Array;
  /** Flows without resources, which only a limit can hold back, and those of them that have changed. */
  readonly #loose = new Set<number>();
  readonly #looseChanged: number[] = [];

  /** `capacity`: whole bits per second of each resource, at least 0, at most 9 · 10¹². */
  constructor(capacity: Float64Array, { width = 2, fine = false }: MaxMinParts = {}) {
    const resources = capacity.length;
    this.#capacity = capacity.slice();
    this.#lists = new FlowLists(resources, width);
    this.#fine = fine;
    this.#level = new Float64Array(resources + 1).fill(INFINITE);
    this.#error = new Float64Array(resources + 1);
    this.#due = new Float64Array(resources).fill(INFINITE);
    this.#dueError = new Float64Array(resources);
    this.#state = new Uint8Array(resources);
    this.#isChanged = new Uint8Array(resources);
    this.#dues = new Dues({
      capacity: this.#capacity,
      lists: this.#lists,
      level: this.#level,
      error: this.#error,
    });
  }

  /** Whether the unit has become 2⁻³² bit/s; it stays so. */
  get isFine(): boolean {
    return this.#fine;
  }

  /** The rate that the last {@link update} gave a flow; for a new flow, that of {@link add}. */
  rate(flow: number): BitsPerSecond {
    return this.#rate[flow]!;
  }

  /**
   * Adds a flow on different resources, or on none; `rate` is what it has until the next update. A new solver that is given the unit,
   * all flows, limits and rates of an old one goes on as that would.
   */
  add(flow: number, resources: ArrayLike<number>, rate: BitsPerSecond = 0): void {
    this.#lists.add(flow, resources);
    if (flow >= this.#rate.length) this.#grow(flow);
    const { limits } = this.#dues;
    if (limits !== undefined) limits[flow] = INFINITE;
    this.#rate[flow] = rate;
    if (resources.length === 0) this.#loose.add(flow);
    this.#noteAll(flow);
  }

  /** Removes a flow. */
  remove(flow: number): void {
    this.#loose.delete(flow);
    this.#noteAll(flow);
    this.#lists.remove(flow);
  }

  /** From the next update on a resource has that capacity: whole bits per second, at least 0, at most 9 · 10¹². */
  setCapacity(resource: number, capacity: BitsPerSecond): void {
    this.#capacity[resource] = capacity;
    this.#note(resource);
  }

  /** From the next update on a flow gets at most that rate, rounded down to 2⁻³² bit/s. The unit must be that. */
  setLimit(flow: number, limit: BitsPerSecond): void {
    assert(this.#fine, 'limits need the finer unit');
    this.#dues.limits ??= new Float64Array(this.#rate.length).fill(INFINITE);
    this.#dues.limits[flow] =
      limit === INFINITE ? limit : fineShare(Math.floor(limit), Math.floor(partsOf(limit)), 1);
    this.#noteAll(flow);
  }

  /**
   * Computes all rates again, and calls `changed` once for every flow whose rate has changed. Throws a UsageError
   * `bandwidth` where a rate would be less than 1,000 times what the finer unit leaves open.
   */
  update(changed: (flow: number, rate: BitsPerSecond) => void): void {
    this.#settle();
    if (this.#untrusted > 0 && !this.#fine) this.#refine();
    if (this.#untrusted > 0) this.#refuse();
    this.#compareRates(changed);
  }

  /** Takes the finer unit, and computes all levels anew. */
  #refine(): void {
    this.#fine = true;
    this.#untrusted = 0;
    this.#level.fill(INFINITE);
    this.#due.fill(INFINITE);
    this.#error.fill(0);
    this.#dueError.fill(0);
    for (const [resource, flows] of this.#lists.on.entries()) if (flows.length > 0) this.#note(resource);
    this.#settle();
  }

  /**
   * Puts right all levels that are not due, in the order of (level, id), as nothing that comes later matters to a level.
   * Only levels that are too low at resources whose flows have changed are raised before that: those of many senders to
   * one receiver, say, for which what is due at the receiver is computed once.
   */
  #settle(): void {
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
  }

  /** Computes the due level of a resource, and queues it where its level is another. */
  #revise(resource: number): void {
    const level = this.#level[resource]!;
    const due = this.#fine ? this.#dues.inParts(resource) : this.#dues.inBits(resource);
    this.#due[resource] = due;
    this.#dueError[resource] = this.#dues.error;
    this.#state[resource] = KNOWN;
    if (due === level && this.#dueError[resource] === this.#error[resource]) this.#queue.remove(resource);
    else this.#queue.set(resource, Math.min(due, level), resource);
  }

  /** Gives a resource its due level. Another level, or error, may then be due at neighbours that come after it. */
  #setLevel(resource: number): void {
    const before = this.#level[resource]!;
    const level = this.#due[resource]!;
    const error = this.#dueError[resource]!;
    const lower = Math.min(before, level);
    if (!this.#isTrusted(before, this.#error[resource]!)) this.#untrusted--;
    if (!this.#isTrusted(level, error)) this.#untrusted++;
    this.#level[resource] = level;
    this.#error[resource] = error;
    this.#queue.remove(resource);
    this.#note(resource);
    const flows = this.#lists.on[resource]!;
    const { sums, width } = this.#lists;
    for (let i = 0; i < flows.length; i++) {
      const flow = flows[i]!;
      if (sums !== undefined) this.#tell(sums[flow]! - resource, resource, lower, level < before);
      else
        for (let k = 0; k < width; k++) {
          const other = this.#lists.at(flow, k);
          if (other >= 0 && other !== resource) this.#tell(other, resource, lower, level < before);
        }
    }
  }

  /** Tells a neighbour that the level of `resource`, of which `lower` is the smaller one, has changed. */
  #tell(other: number, resource: number, lower: BitsPerSecond, isLess: boolean): void {
    if (other === this.#lists.none) return;
    const due = this.#due[other]!;
    if (due < lower || (due === lower && other < resource)) return;
    if (isLess) this.#dueIsGreater(other);
    else this.#dueIsSmaller(other);
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
    const lists = this.#lists;
    const { limits } = this.#dues;
    for (const resource of this.#changed) {
      this.#isChanged[resource] = 0;
      const flows = lists.on[resource]!;
      const level = this.#level[resource]!;
      for (let i = 0; i < flows.length; i++) {
        const flow = flows[i]!;
        let rate = Math.min(level, this.#level[lists.firstOther(flow, resource, this.#level)]!);
        if (limits !== undefined) rate = Math.min(rate, limits[flow]!);
        if (this.#rate[flow] === rate) continue;
        changed(flow, rate);
        this.#rate[flow] = rate;
      }
    }
    this.#changed.length = 0;
    for (const flow of this.#looseChanged) {
      const rate = limits?.[flow] ?? INFINITE;
      if (!this.#loose.has(flow) || this.#rate[flow] === rate) continue;
      changed(flow, rate);
      this.#rate[flow] = rate;
    }
    this.#looseChanged.length = 0;
  }

  #isTrusted(level: BitsPerSecond, error: number): boolean {
    return level >= TRUSTED * error * (this.#fine ? FINE_UNIT : 1);
  }

  #refuse(): never {
    const resource = this.#level.findIndex((level, r) => !this.#isTrusted(level, this.#error[r]!));
    throw new UsageError(
      'bandwidth',
      `expected links whose bandwidths suffice for what shares them, got ${this.#level[resource]} bit/s as the share of a ` +
        'transfer, which cannot be computed to 0.1 %: give the nodes more bandwidth, or bandwidths that differ less',
      'network',
    );
  }

  /** Notes that the rates of all that shares resources with a flow are to be compared. */
  #noteAll(flow: number): void {
    if (this.#loose.has(flow)) this.#looseChanged.push(flow);
    for (let k = 0; k < this.#lists.width; k++) {
      const resource = this.#lists.at(flow, k);
      if (resource >= 0) this.#note(resource);
    }
  }

  /** Notes that the rates of a resource's flows are to be compared. */
  #note(resource: number): void {
    if (this.#isChanged[resource] === 1) return;
    this.#isChanged[resource] = 1;
    this.#changed.push(resource);
  }

  #grow(flow: number): void {
    const length = Math.max(2 * this.#rate.length, flow + 1);
    this.#rate = grownFloat64(this.#rate, length);
    const { limits } = this.#dues;
    if (limits !== undefined) this.#dues.limits = grownFloat64(limits, length);
  }
}

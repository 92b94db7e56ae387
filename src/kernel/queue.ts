/**
 * The event queue: hands out pending events by (time, priority, order of scheduling).
 *
 * A heap alone slows down as it outgrows the cache. So only the events that are due soon stand in the heap; later
 * ones wait unsorted in buckets of equal width (a calendar), and those beyond the calendar in one list. When the
 * heap runs empty the next bucket becomes the heap; when the calendar is used up, a new one is laid out over the
 * list. Which event comes next is decided by the heap's total order alone: buckets change the speed, never the run.
 *
 *     now ──▶ heap: time < horizon │ buckets: horizon ≤ time < limit │ far: limit ≤ time
 *
 * Heap, buckets and list hold entries (time, order, slot). A cancelled event loses its slot at once; its entry is
 * recognised as stale by its order, which no other event has, and is dropped when it comes first or when many are stale.
 */
import { assert } from '../errors.js';
import type { Nanoseconds } from '../units.js';
import { DEFAULT_PRIORITY, type EventOptions } from './event.js';
import { EntryList, EventHeap } from './heap.js';
import {
  type EventId,
  type EventRecord,
  EventTable,
  NONE,
  type Order,
  type Slot,
  type TableState,
} from './table.js';

/** A pending event as plain data. */
export interface QueuedEvent extends EventRecord {
  readonly id: EventId;
  readonly time: Nanoseconds;
}

/** The queue as plain data: what {@link EventQueue.load} continues from exactly. */
interface QueueState {
  readonly sequence: number;
  /** In order of execution. */
  readonly events: readonly QueuedEvent[];
  readonly table: TableState;
}

/** The greatest priority; the least, 0, runs first. */
export const MAX_PRIORITY = 255;

// Priority and sequence number share one float64, so that a tie in time costs one comparison: 8 + 45 = 53 bits.
const SEQUENCES = 2 ** 45;

/** The priority in an event's order. */
export function priorityOf(order: Order): number {
  return Math.floor(order * (1 / SEQUENCES));
}

// Up to this many events a calendar costs more than it saves: all go into the heap, whatever their time. The heap
// is laid out as a calendar once it has outgrown the second figure; the gap keeps a queue from swinging.
const FEW = 128;
const MANY = 512;
// A bucket becomes a small heap; and the ends of all buckets, where events are added, fit the cache together.
const BUCKET = 16;
const MAX_BUCKETS = 256;
const SAMPLES = 64;

/** Pending events, taken out in order of execution. */
export class EventQueue {
  /** The records; read an event's fields here, by slot. */
  readonly table = new EventTable();
  #sequence = 0;
  #size = 0;
  /** Entries whose event was cancelled. */
  #stale = 0;

  readonly #near = new EventHeap();
  readonly #buckets: EntryList[] = [];
  #far = new EntryList();
  #horizon: Nanoseconds = Number.POSITIVE_INFINITY;
  #limit: Nanoseconds = Number.POSITIVE_INFINITY;

  /** Time at which bucket 0 begins. */
  #base: Nanoseconds = 0;
  /** Length of a bucket in nanoseconds: a power of two, so that bucket boundaries are exact. */
  #width: Nanoseconds = 1;
  /** The first bucket that has not become the heap. */
  #cursor = 0;
  /** Entries in buckets. */
  #bucketed = 0;

  /** Pending events. */
  get size(): number {
    return this.#size;
  }

  /** Time of the event that {@link first} has just returned. */
  get time(): Nanoseconds {
    return this.#near.time;
  }

  /** Adds an event behind all events that have its time and priority. The caller has checked its fields. */
  add(event: EventOptions): EventId {
    const { time, priority = DEFAULT_PRIORITY } = event;
    const sequence = this.#sequence++;
    assert(sequence < SEQUENCES, 'more events were scheduled than sequence numbers exist');
    const order = priority * SEQUENCES + sequence;
    const slot = this.table.add(order, event);
    this.#size++;
    this.#place(time, order, slot);
    return this.table.id(slot);
  }

  /** Removes an event; false where it has run or was cancelled before. */
  cancel(id: EventId): boolean {
    const slot = this.table.find(id);
    if (slot === NONE) return false;
    this.table.release(slot);
    this.#size--;
    this.#stale++;
    if (this.#stale > MANY && this.#stale > this.#size) this.#startOver(this.#entries());
    return true;
  }

  /** The slot of the event that is due first, or NONE. */
  first(): Slot {
    for (;;) {
      while (this.#near.length > 0) {
        const slot = this.#near.slot;
        if (this.table.order(slot) === this.#near.order) return slot;
        this.#near.pop();
        this.#stale--;
      }
      if (!this.#refill()) return NONE;
    }
  }

  /** Removes the event that {@link first} has just returned. */
  removeFirst(): void {
    const slot = this.#near.slot;
    this.#near.pop();
    this.table.release(slot);
    this.#size--;
  }

  /** Plain data that depends only on the pending events, not on the history of the queue. */
  save(): QueueState {
    const table = this.table;
    const { times, slots, length } = this.#entries();
    const events = Array.from({ length }, (_, i) => {
      const slot = slots[i]!;
      return {
        id: table.id(slot),
        time: times[i]!,
        order: table.order(slot),
        kind: table.kind(slot),
        target: table.target(slot),
        gate: table.gate(slot),
        payload: table.payload(slot),
      };
    });
    events.sort((a, b) => a.time - b.time || a.order - b.order);
    return { sequence: this.#sequence, events, table: table.save() };
  }

  /** Replaces everything by a saved state; ids from before saving stay valid. */
  load(state: QueueState): void {
    const slots = this.table.load(state.table, state.events);
    this.#sequence = state.sequence;
    this.#size = slots.length;
    const entries = new EntryList();
    for (const [i, event] of state.events.entries()) entries.push(event.time, event.order, slots[i]!);
    this.#startOver(entries);
  }

  #place(time: Nanoseconds, order: Order, slot: Slot): void {
    if (time < this.#horizon) {
      this.#near.push(time, order, slot);
      if (this.#horizon === Number.POSITIVE_INFINITY && this.#near.length > MANY) {
        this.#startOver(this.#entries());
      }
    } else if (time < this.#limit) {
      this.#buckets[Math.floor((time - this.#base) / this.#width)]!.push(time, order, slot);
      this.#bucketed++;
    } else this.#far.push(time, order, slot);
  }

  /** Fills the empty heap with the entries that are due next; false where there are none. */
  #refill(): boolean {
    if (this.#bucketed === 0) {
      if (this.#far.length === 0) return false;
      if (this.#far.length <= FEW) {
        this.#far = this.#near.exchange(this.#far);
        this.#horizon = this.#limit = Number.POSITIVE_INFINITY;
        return true;
      }
      this.#layOut();
    }
    while (this.#buckets[this.#cursor]!.length === 0) this.#cursor++;
    const bucket = this.#buckets[this.#cursor]!;
    this.#bucketed -= bucket.length;
    this.#weed(bucket);
    this.#buckets[this.#cursor] = this.#near.exchange(bucket);
    this.#cursor++;
    this.#horizon = this.#base + this.#cursor * this.#width;
    return true;
  }

  /**
   * Lays a calendar over the far list. It spans four times the distance from the first entry to the median, which a
   * few events in the remote future do not stretch; yet about half of the list or more finds its bucket, so that
   * each entry is moved a bounded number of times on the average.
   */
  #layOut(): void {
    const far = this.#far;
    const { first, median } = firstAndMedian(far);
    let buckets = 8;
    while (buckets * BUCKET < 4 * far.length && buckets < MAX_BUCKETS) buckets *= 2;
    while (this.#buckets.length < buckets) this.#buckets.push(new EntryList());
    let width = 1;
    while (width * buckets <= 4 * (median - first)) width *= 2;
    this.#base = this.#horizon = first;
    this.#width = width;
    this.#cursor = 0;
    this.#limit = first + width * buckets;
    const { times, orders, slots, length } = far;
    far.length = 0;
    // What stays in the list is written behind the place that is read.
    for (let i = 0; i < length; i++) this.#place(times[i]!, orders[i]!, slots[i]!);
  }

  /** Puts all entries into the far list, so that the next look lays out a calendar or fills the heap. */
  #startOver(entries: EntryList): void {
    this.#near.exchange(new EntryList());
    for (const bucket of this.#buckets) bucket.length = 0;
    this.#bucketed = 0;
    this.#far = entries;
    this.#horizon = this.#limit = Number.NEGATIVE_INFINITY;
    this.#stale = 0;
  }

  /**
   * Drops the stale entries of a list. Beside that it brings the records of all its events into the cache at one
   * go, which is several times as fast as waiting for each when its turn comes.
   */
  #weed(list: EntryList): void {
    const { times, orders, slots, length } = list;
    list.length = 0;
    for (let i = 0; i < length; i++) {
      if (this.table.order(slots[i]!) === orders[i]!) list.push(times[i]!, orders[i]!, slots[i]!);
    }
    this.#stale -= length - list.length;
  }

  /** All entries of pending events. */
  #entries(): EntryList {
    const near = this.#near.exchange(new EntryList());
    const fresh = new EntryList();
    for (const { times, orders, slots, length } of [near, ...this.#buckets, this.#far]) {
      for (let i = 0; i < length; i++) {
        const slot = slots[i]!;
        if (this.table.order(slot) === orders[i]!) fresh.push(times[i]!, orders[i]!, slot);
      }
    }
    this.#near.exchange(near);
    return fresh;
  }
}

/** The least time in a list, and the median of a sample taken at regular steps through it. */
function firstAndMedian({ times, length }: EntryList): { first: Nanoseconds; median: Nanoseconds } {
  const step = Math.ceil(length / SAMPLES);
  const sample: number[] = [];
  let first = Number.POSITIVE_INFINITY;
  for (let i = 0; i < length; i++) {
    if (times[i]! < first) first = times[i]!;
    if (i % step === 0) sample.push(times[i]!);
  }
  sample.sort((a, b) => a - b);
  return { first, median: sample[sample.length >> 1]! };
}

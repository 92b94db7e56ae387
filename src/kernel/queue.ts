/**
 * The event queue: hands out pending events by (time, priority, order of scheduling).
 *
 * A heap alone slows down as it outgrows the cache. So later events wait without order: in the buckets of two calendars,
 * and those beyond them in one list. When nothing else is left before the horizon, the next bucket is sorted: it becomes the
 * agenda, from which events are taken one after the other. A bucket of the coarse calendar that holds too many is laid out
 * over the fine one first. What is scheduled for a time before the horizon goes into the heap. When the calendars are
 * used up, the coarse one is laid out anew over the list.
 *
 *     now ──▶ agenda and heap: time < horizon │ fine │ coarse │ far
 *
 * Which event comes next is decided by the total order alone: how they wait changes the speed, never the run. A cancelled
 * event loses its slot at once; its entry, which is recognised as stale by its id or order, is dropped when its turn comes
 * or when many are stale.
 */
import { assert } from '../errors.js';
import type { Nanoseconds } from '../units.js';
import { Calendar, WaitingList } from './calendar.js';
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

// Up to this many events a calendar costs more than it saves: all are due soon, whatever their time. A calendar is laid
// out once the heap has outgrown the second figure; the gap keeps a queue from swinging.
const FEW = 128;
const MANY = 512;
// A bucket of the coarse calendar with more events is laid out over the fine one.
const CROWD = 64;
const SAMPLES = 64;

/** Pending events, taken out in order of execution. */
export class EventQueue {
  /** The records; read an event's fields here, by slot. */
  readonly table = new EventTable();
  #sequence = 0;
  #size = 0;
  /** Entries whose event was cancelled. */
  #stale = 0;

  /** Events before the horizon: those of the last bucket that was taken, in order, from `#next` on … */
  #agenda = new EntryList();
  #next = 0;
  /** … and those that were added since, or could not be sorted fast. */
  readonly #heap = new EventHeap();
  /** Whether the event that is due first is the next one of the agenda, and not the least one of the heap. */
  #isOnAgenda = false;
  readonly #fine = new Calendar();
  readonly #coarse = new Calendar();
  #far = new WaitingList();
  #horizon: Nanoseconds = Number.POSITIVE_INFINITY;

  /** Pending events. */
  get size(): number {
    return this.#size;
  }

  /** Time of the event that {@link first} has just returned. */
  get time(): Nanoseconds {
    return this.#isOnAgenda ? this.#agenda.times[this.#next]! : this.#heap.time;
  }

  /** Adds an event behind all events that have its time and priority. The caller has checked its fields. */
  add(event: EventOptions): EventId {
    const { time, priority = DEFAULT_PRIORITY } = event;
    const sequence = this.#sequence++;
    assert(sequence < SEQUENCES, 'more events were scheduled than sequence numbers exist');
    const order = priority * SEQUENCES + sequence;
    const slot = this.table.add(order, event);
    this.#size++;
    const id = this.table.id(slot);
    if (time < this.#horizon) this.#addSoon(time, order, slot);
    else if (time < this.#fine.limit) this.#fine.add(time, id);
    else if (time < this.#coarse.limit) this.#coarse.add(time, id);
    else this.#far.push(time, id);
    return id;
  }

  /** Removes an event; false where it has run or was cancelled before. */
  cancel(id: EventId): boolean {
    const slot = this.table.find(id);
    if (slot === NONE) return false;
    this.table.release(slot);
    this.#size--;
    this.#stale++;
    if (this.#stale > MANY && this.#stale > this.#size) this.#startOver(this.#waiting());
    return true;
  }

  /** The slot of the event that is due first, or NONE. */
  first(): Slot {
    for (;;) {
      this.#dropStale();
      const { times, orders, slots, length } = this.#agenda;
      const heap = this.#heap;
      const next = this.#next;
      if (next < length) {
        const difference = heap.length === 0 ? -1 : times[next]! - heap.time || orders[next]! - heap.order;
        this.#isOnAgenda = difference < 0;
        return this.#isOnAgenda ? slots[next]! : heap.slot;
      }
      this.#isOnAgenda = false;
      if (heap.length > 0) return heap.slot;
      if (!this.#refill()) return NONE;
    }
  }

  /** Removes the event that {@link first} has just returned. */
  removeFirst(): void {
    if (this.#isOnAgenda) this.table.release(this.#agenda.slots[this.#next++]!);
    else {
      const { slot } = this.#heap;
      this.#heap.pop();
      this.table.release(slot);
    }
    this.#size--;
  }

  /** Plain data that depends only on the pending events, not on the history of the queue. */
  save(): QueueState {
    const table = this.table;
    const { entries, length } = this.#waiting();
    const events = Array.from({ length }, (_, i) => {
      const id: EventId = entries[2 * i + 1]!;
      const slot = table.find(id);
      return {
        id,
        time: entries[2 * i]!,
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
    this.table.load(state.table, state.events);
    this.#sequence = state.sequence;
    this.#size = state.events.length;
    const entries = new WaitingList();
    for (const { time, id } of state.events) entries.push(time, id);
    this.#startOver(entries);
  }

  #addSoon(time: Nanoseconds, order: Order, slot: Slot): void {
    this.#heap.push(time, order, slot);
    if (this.#horizon === Number.POSITIVE_INFINITY && this.#heap.length > MANY) {
      this.#startOver(this.#waiting());
    }
  }

  /** Takes cancelled events from the front of agenda and heap. */
  #dropStale(): void {
    const { orders, slots, length } = this.#agenda;
    while (this.#next < length && this.table.order(slots[this.#next]!) !== orders[this.#next]!) {
      this.#next++;
      this.#stale--;
    }
    const heap = this.#heap;
    while (heap.length > 0 && this.table.order(heap.slot) !== heap.order) {
      heap.pop();
      this.#stale--;
    }
  }

  /** Makes an agenda of the entries that are due next; false where there are none. Agenda and heap are empty. */
  #refill(): boolean {
    if (this.#fine.length > 0) {
      this.#makeAgenda(this.#fine.take());
      this.#horizon = this.#fine.horizon;
      return true;
    }
    if (this.#coarse.length === 0) {
      if (this.#far.length === 0) return false;
      if (this.#far.length <= FEW) {
        this.#makeAgenda(this.#far);
        this.#fine.clear();
        this.#coarse.clear();
        this.#horizon = Number.POSITIVE_INFINITY;
        return true;
      }
      // It spans four times the distance from the first entry to the median, which a few events in the remote future do
      // not stretch; yet about half of the list or more finds its bucket, so that each entry is moved a bounded
      // number of times on the average.
      const { first, median } = firstAndMedian(this.#far);
      this.#coarse.layOut(this.#far, first, 4 * (median - first) + 1);
    }
    const bucket = this.#coarse.take();
    const { horizon, width } = this.#coarse;
    if (bucket.length > CROWD && width > 1) {
      this.#fine.layOut(bucket, horizon - width, width);
      this.#makeAgenda(this.#fine.take());
      this.#horizon = this.#fine.horizon;
    } else {
      this.#fine.clear();
      this.#makeAgenda(bucket);
      this.#horizon = horizon;
    }
    return true;
  }

  /**
   * Makes an agenda of the entries of a list, which it empties, without stale ones. Looking up all their records before
   * sorting brings these into the cache at one go, several times as fast as waiting for each when its turn comes.
   */
  #makeAgenda(list: WaitingList): void {
    const agenda = this.#agenda;
    agenda.length = 0;
    this.#next = 0;
    const { entries, length } = list;
    list.length = 0;
    for (let k = 0; k < 2 * length; k += 2) {
      const slot = this.table.find(entries[k + 1]!);
      if (slot === NONE) this.#stale--;
      else agenda.push(entries[k]!, this.table.order(slot), slot);
    }
    const sorted = agenda.sort(CROWD * agenda.length);
    const { times, orders, slots } = agenda;
    for (let k = sorted; k < agenda.length; k++) this.#heap.push(times[k]!, orders[k]!, slots[k]!);
    agenda.length = sorted;
  }

  /** Puts all entries into the far list, so that the next look makes an agenda or lays out a calendar. */
  #startOver(entries: WaitingList): void {
    this.#agenda.length = 0;
    this.#next = 0;
    this.#heap.clear();
    this.#fine.clear();
    this.#coarse.clear();
    this.#far = entries;
    this.#horizon = Number.NEGATIVE_INFINITY;
    this.#stale = 0;
  }

  /** Times and ids of all pending events. */
  #waiting(): WaitingList {
    const { table } = this;
    const pending = new WaitingList();
    const { times, orders, slots, length } = this.#agenda;
    for (let i = this.#next; i < length; i++) {
      if (table.order(slots[i]!) === orders[i]!) pending.push(times[i]!, table.id(slots[i]!));
    }
    for (const { time, order, slot } of this.#heap.entries()) {
      if (table.order(slot) === order) pending.push(time, table.id(slot));
    }
    for (const { entries, length } of [...this.#fine.lists, ...this.#coarse.lists, this.#far]) {
      for (let k = 0; k < 2 * length; k += 2) {
        if (table.find(entries[k + 1]!) !== NONE) pending.push(entries[k]!, entries[k + 1]!);
      }
    }
    return pending;
  }
}

/** The least time in a list, and the median of a sample taken at regular steps through it. */
function firstAndMedian({ entries, length }: WaitingList): { first: Nanoseconds; median: Nanoseconds } {
  const step = Math.ceil(length / SAMPLES);
  const sample: number[] = [];
  let first = Number.POSITIVE_INFINITY;
  for (let i = 0; i < length; i++) {
    const time = entries[2 * i]!;
    if (time < first) first = time;
    if (i % step === 0) sample.push(time);
  }
  sample.sort((a, b) => a - b);
  return { first, median: sample[sample.length >> 1]! };
}

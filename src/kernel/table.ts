/**
 * The pending events themselves: one record per slot; slots are reused. The queue decides when an event is due;
 * this file keeps what was scheduled, and distinguishes an event from earlier ones that had the same slot.
 */
import { assert } from '../errors.js';
import { grownFloat64 } from '../grown.js';
import type { Tagged } from '../units.js';
import { type EventKind, type EventOptions, NO_GATE, type TaskId } from './event.js';

/** Names one scheduled event; no later event of the run has the same id. A safe integer. @public */
export type EventId = Tagged<'event id'>;

/** Where a pending event stands in the table, while it is pending; a later event may have the same slot. */
export type Slot = Tagged<'slot'>;

/** Priority and sequence number of an event in one number: among events of one time, the least runs first. */
export type Order = Tagged<'order'>;

/** What the table takes from an event that is scheduled. */
type EventContent = Pick<EventOptions, 'kind' | 'target' | 'gate' | 'payload'>;

/** What the table keeps of an event. */
export interface EventRecord {
  /** At least 0, and unique. */
  readonly order: Order;
  /** At least 0. */
  readonly kind: EventKind;
  readonly target: number;
  readonly gate: TaskId;
  readonly payload: unknown;
}

/** The table's slots as plain data; the records of pending events are saved beside it. */
export interface TableState {
  /** How often each slot has been released. */
  readonly generations: Uint32Array;
  /** Free slots; the last is used next. */
  readonly free: Uint32Array;
}

/** "No slot". */
export const NONE: Slot = -1;

// An id is generation · 2^24 + slot. A slot whose generations are used up is retired, so that ids never repeat.
const SLOTS = 2 ** 24;
const GENERATIONS = 2 ** 29;

// A record is 32 bytes, so that reading an event costs one cache line: two float64 (order, payload), then four int32.
// Indices of the float64 and of the int32 count from the start of the record.
const NUMBERS = 4;
const PAYLOAD = 1;
const WORDS = 8;
/** The kind, negative (−1 − kind) where the payload is no number; in a free slot the next free one. */
const KIND = 4;
const TARGET = 5;
const GATE = 6;
const GENERATION = 7;
/** The order of a free slot; no event has it. */
const FREE: Order = -1;

/** Records of events in reusable slots. Methods that take a slot trust it to be in use. */
export class EventTable {
  #numbers = new Float64Array(0);
  #words = new Int32Array(0);
  /** Payloads that are no numbers, by slot. */
  #objects: unknown[] = [];
  /** Slots that were in use at some time. */
  #used = 0;
  /** Head of the list of free slots: last released, first reused, because it is still in the cache. */
  #free: Slot = NONE;

  /** Stores an event and returns its slot. */
  add(order: Order, event: EventContent): Slot {
    let slot = this.#free;
    if (slot === NONE) slot = this.#extend();
    else this.#free = this.#words[slot * WORDS + KIND]!;
    this.#fill(slot, order, event);
    return slot;
  }

  /** Frees a slot; its event's id is void from now on. */
  release(slot: Slot): void {
    const word = slot * WORDS;
    if (this.#words[word + KIND]! < 0) this.#objects[slot] = undefined;
    this.#numbers[slot * NUMBERS] = FREE;
    const generation = this.#words[word + GENERATION]! + 1;
    this.#words[word + GENERATION] = generation;
    if (generation === GENERATIONS) return;
    this.#words[word + KIND] = this.#free;
    this.#free = slot;
  }

  /** The slot of a pending event, or NONE where that event has run or was cancelled. */
  find(id: EventId): Slot {
    // The lowest 24 bits; a number that is no id is found out below.
    const slot: Slot = id & (SLOTS - 1);
    if (slot >= this.#used) return NONE;
    return this.order(slot) !== FREE && this.id(slot) === id ? slot : NONE;
  }

  id(slot: Slot): EventId {
    return this.#words[slot * WORDS + GENERATION]! * SLOTS + slot;
  }

  order(slot: Slot): Order {
    return this.#numbers[slot * NUMBERS]!;
  }

  kind(slot: Slot): EventKind {
    const kind = this.#words[slot * WORDS + KIND]!;
    return kind < 0 ? -1 - kind : kind;
  }

  target(slot: Slot): number {
    return this.#words[slot * WORDS + TARGET]!;
  }

  gate(slot: Slot): TaskId {
    return this.#words[slot * WORDS + GATE]!;
  }

  payload(slot: Slot): unknown {
    if (this.#words[slot * WORDS + KIND]! < 0) return this.#objects[slot];
    return this.#numbers[slot * NUMBERS + PAYLOAD]!;
  }

  save(): TableState {
    const generations = Uint32Array.from({ length: this.#used }, (_, slot) => {
      return this.#words[slot * WORDS + GENERATION]!;
    });
    const free: number[] = [];
    for (let slot: Slot = this.#free; slot !== NONE; slot = this.#words[slot * WORDS + KIND]!)
      free.push(slot);
    return { generations, free: Uint32Array.from(free.reverse()) };
  }

  /** Replaces everything: each of `events` gets back the slot that its id names. */
  load(state: TableState, events: readonly (EventRecord & { readonly id: EventId })[]): void {
    this.#objects = [];
    this.#used = 0;
    for (const generation of state.generations) {
      const slot = this.#extend();
      this.#words[slot * WORDS + GENERATION] = generation;
      this.#numbers[slot * NUMBERS] = FREE;
    }
    for (const event of events) {
      const slot: Slot = event.id % SLOTS;
      assert(
        slot < this.#used && this.order(slot) === FREE,
        `saved event ${event.id} has no slot of its own`,
      );
      assert(this.id(slot) === event.id, `saved event ${event.id} is of another generation than its slot`);
      this.#fill(slot, event.order, event);
    }
    this.#free = NONE;
    for (const slot of state.free) {
      assert(slot < this.#used && this.order(slot) === FREE, `saved free slot ${slot} is in use`);
      this.#words[slot * WORDS + KIND] = this.#free;
      this.#free = slot;
    }
  }

  #fill(slot: Slot, order: Order, event: EventContent): void {
    const { kind, target, gate = NO_GATE, payload = 0 } = event;
    const word = slot * WORDS;
    this.#numbers[slot * NUMBERS] = order;
    this.#words[word + TARGET] = target;
    this.#words[word + GATE] = gate;
    if (typeof payload === 'number') {
      this.#words[word + KIND] = kind;
      this.#numbers[slot * NUMBERS + PAYLOAD] = payload;
    } else {
      this.#words[word + KIND] = -1 - kind;
      this.#objects[slot] = payload;
    }
  }

  #extend(): Slot {
    const slot = this.#used;
    assert(slot < SLOTS, `more than ${SLOTS} events are pending at once`);
    if ((slot + 1) * NUMBERS > this.#numbers.length) {
      this.#numbers = grownFloat64(this.#numbers, Math.max(64 * NUMBERS, 2 * this.#numbers.length));
      this.#words = new Int32Array(this.#numbers.buffer);
    }
    this.#used++;
    return slot;
  }
}

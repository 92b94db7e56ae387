/**
 * The attempts under way, in slots that are used again: each has a record of numbers, and one object that reads and writes
 * it. Of the millions of attempts of a run, some hundred thousand may be under way at once; as objects that are made and
 * thrown away they cost more than all else that the network does.
 */
import { assert } from '../errors.js';
import { grownFloat64 } from '../grown.js';
import type { EventId } from '../kernel/kernel.js';
import type { Bytes, Nanoseconds, Round } from '../units.js';
import type { ChecksummedBody } from '../wire/header.js';
import type { NetworkMessage } from './message.js';
import type { Attempt } from './sharing/sharing.js';

/** What is known of an attempt when it is made. */
interface NewAttempt {
  readonly tries: number;
  readonly bytes: Bytes;
  readonly cell: number;
  readonly latency: Nanoseconds;
  readonly lost: boolean;
}

/** Stands for no slot, no attempt, and a time or event that is not known. */
const NONE = -1;

// A record: sixteen float64.
const WIDTH = 16;
/** NONE in a free slot. */
const ID = 0;
/** The next slot of the same bucket; of a free slot, the next free one. */
const NEXT = 1;
const TRIES = 2;
const BYTES = 3;
const CELL = 4;
const LATENCY = 5;
const LOST = 6;
const STARTED_AT = 7;
const LEFT_AT = 8;
const EVENT = 9;
const FROM = 10;
const TO = 11;
/** The type of the message, + RELIABLE where it is reliable. */
const TYPE = 12;
const RELIABLE = 256;
const ROUND = 13;
const SEQUENCE = 14;
const SENT_AT = 15;
const FIRST_SLOTS = 1024;

/** The records of all slots. */
interface Records {
  numbers: Float64Array;
  readonly bodies: (ChecksummedBody | undefined)[];
}

/** The attempt of a slot and its message, while it is under way; afterwards that of the next attempt in the slot. */
class SlotAttempt implements Attempt, NetworkMessage {
  readonly slot: number;
  readonly #records: Records;

  constructor(records: Records, slot: number) {
    this.slot = slot;
    this.#records = records;
  }

  get id(): number {
    return this.#get(ID);
  }
  get message(): NetworkMessage {
    return this;
  }
  get tries(): number {
    return this.#get(TRIES);
  }
  get bytes(): Bytes {
    return this.#get(BYTES);
  }
  get cell(): number {
    return this.#get(CELL);
  }
  set cell(cell: number) {
    this.#set(CELL, cell);
  }
  get latency(): Nanoseconds {
    return this.#get(LATENCY);
  }
  get lost(): boolean {
    return this.#get(LOST) === 1;
  }
  get startedAt(): Nanoseconds {
    return this.#get(STARTED_AT);
  }
  set startedAt(time: Nanoseconds) {
    this.#set(STARTED_AT, time);
  }
  get leftAt(): Nanoseconds {
    return this.#get(LEFT_AT);
  }
  set leftAt(time: Nanoseconds) {
    this.#set(LEFT_AT, time);
  }
  get event(): EventId {
    return this.#get(EVENT);
  }
  set event(event: EventId) {
    this.#set(EVENT, event);
  }
  get from(): number {
    return this.#get(FROM);
  }
  get to(): number {
    return this.#get(TO);
  }
  get type(): number {
    return this.#get(TYPE) % RELIABLE;
  }
  get reliable(): boolean {
    return this.#get(TYPE) >= RELIABLE;
  }
  get round(): Round {
    return this.#get(ROUND);
  }
  get sequence(): number {
    return this.#get(SEQUENCE);
  }
  get sentAt(): Nanoseconds {
    return this.#get(SENT_AT);
  }
  get body(): ChecksummedBody {
    return this.#records.bodies[this.slot]!;
  }

  #get(field: number): number {
    return this.#records.numbers[this.slot * WIDTH + field]!;
  }

  #set(field: number, value: number): void {
    this.#records.numbers[this.slot * WIDTH + field] = value;
  }
}

/** The message of an attempt, to be kept when the attempt has ended. */
export function messageOf({ message }: Pick<Attempt, 'message'>): NetworkMessage {
  const { from, to, type, round, body, reliable, sequence, sentAt } = message;
  return { from, to, type, round, body, reliable, sequence, sentAt };
}

/** Attempts under way by their ids, which number all attempts of a run from 0. */
export class AttemptTable {
  readonly #records: Records = { numbers: new Float64Array(0), bodies: [] };
  readonly #attempts: SlotAttempt[] = [];
  /**
   * The first slot of each bucket: attempt `id` is in bucket `id` modulo their number, which is that of the slots, a power
   * of two. So attempts made one after the other have neighbouring buckets, and none has to look past many others.
   */
  #buckets = new Int32Array(0);
  /** The first free slot: the last one released is used again first, because it is still in the cache. */
  #free = NONE;
  #nextId = 0;

  /** The attempt of that id, if it is under way. */
  get(id: number): Attempt | undefined {
    const { numbers } = this.#records;
    let slot = this.#buckets[this.#bucket(id)] ?? NONE;
    while (slot !== NONE && numbers[slot * WIDTH + ID] !== id) slot = numbers[slot * WIDTH + NEXT]!;
    return slot === NONE ? undefined : this.#attempts[slot];
  }

  /** Makes an attempt at a message, not started yet, under the next id. */
  open(message: NetworkMessage, attempt: NewAttempt): Attempt {
    return this.#enter(this.#nextId++, message, attempt);
  }

  /** Forgets an attempt. Asserts that it is under way; the object stands for another one from now on. */
  close(attempt: Attempt): void {
    const { slot, id } = attempt as SlotAttempt;
    assert(id !== NONE, 'an attempt ended that is not under way');
    const { numbers, bodies } = this.#records;
    const bucket = this.#bucket(id);
    const next = numbers[slot * WIDTH + NEXT]!;
    let before = this.#buckets[bucket]!;
    if (before === slot) this.#buckets[bucket] = next;
    else {
      while (numbers[before * WIDTH + NEXT] !== slot) before = numbers[before * WIDTH + NEXT]!;
      numbers[before * WIDTH + NEXT] = next;
    }
    bodies[slot] = undefined;
    this.#release(slot);
  }

  /** All attempts under way, in no order. */
  *unordered(): Generator<Attempt> {
    for (const attempt of this.#attempts) if (attempt.id !== NONE) yield attempt;
  }

  /** Attempts under way that fulfil a condition, or all, in the order in which they were made. */
  inOrder(condition: (attempt: Attempt) => boolean = () => true): Attempt[] {
    const found: Attempt[] = [];
    for (const attempt of this.unordered()) if (condition(attempt)) found.push(attempt);
    return found.sort((a, b) => a.id - b.id);
  }

  /** Plain data. */
  save(): { readonly attempts: readonly Attempt[]; readonly nextAttempt: number } {
    const attempts = this.inOrder().map((attempt): Attempt => {
      const { id, tries, bytes, cell, latency, lost, startedAt, leftAt, event } = attempt;
      return { id, message: messageOf(attempt), tries, bytes, cell, latency, lost, startedAt, leftAt, event };
    });
    return { attempts, nextAttempt: this.#nextId };
  }

  /** Replaces everything by what `save` returned. */
  load(state: ReturnType<AttemptTable['save']>): void {
    for (const attempt of this.inOrder()) this.close(attempt);
    for (const saved of state.attempts) {
      const attempt = this.#enter(saved.id, saved.message, saved);
      attempt.startedAt = saved.startedAt;
      attempt.leftAt = saved.leftAt;
      attempt.event = saved.event;
    }
    this.#nextId = state.nextAttempt;
  }

  #enter(id: number, message: NetworkMessage, attempt: NewAttempt): Attempt {
    if (this.#free === NONE) this.#grow();
    const slot = this.#free;
    const { numbers, bodies } = this.#records;
    const start = slot * WIDTH;
    this.#free = numbers[start + NEXT]!;
    numbers[start + ID] = id;
    numbers[start + TRIES] = attempt.tries;
    numbers[start + BYTES] = attempt.bytes;
    numbers[start + CELL] = attempt.cell;
    numbers[start + LATENCY] = attempt.latency;
    numbers[start + LOST] = attempt.lost ? 1 : 0;
    numbers[start + STARTED_AT] = NONE;
    numbers[start + LEFT_AT] = NONE;
    numbers[start + EVENT] = NONE;
    numbers[start + FROM] = message.from;
    numbers[start + TO] = message.to;
    numbers[start + TYPE] = message.type + (message.reliable ? RELIABLE : 0);
    numbers[start + ROUND] = message.round;
    numbers[start + SEQUENCE] = message.sequence;
    numbers[start + SENT_AT] = message.sentAt;
    bodies[slot] = message.body;
    this.#link(slot, id);
    return this.#attempts[slot]!;
  }

  #bucket(id: number): number {
    return id & (this.#buckets.length - 1);
  }

  #link(slot: number, id: number): void {
    const bucket = this.#bucket(id);
    this.#records.numbers[slot * WIDTH + NEXT] = this.#buckets[bucket]!;
    this.#buckets[bucket] = slot;
  }

  #release(slot: number): void {
    const { numbers } = this.#records;
    numbers[slot * WIDTH + ID] = NONE;
    numbers[slot * WIDTH + NEXT] = this.#free;
    this.#free = slot;
  }

  /** Doubles slots and buckets; no slot is free. */
  #grow(): void {
    const used = this.#attempts.length;
    const slots = Math.max(FIRST_SLOTS, 2 * used);
    this.#records.numbers = grownFloat64(this.#records.numbers, slots * WIDTH);
    for (let slot = used; slot < slots; slot++) {
      this.#attempts.push(new SlotAttempt(this.#records, slot));
      this.#records.bodies.push(undefined);
    }
    this.#buckets = new Int32Array(slots).fill(NONE);
    for (let slot = 0; slot < used; slot++) this.#link(slot, this.#attempts[slot]!.id);
    for (let slot = slots - 1; slot >= used; slot--) this.#release(slot);
  }
}

/**
 * Where events wait whose time is still far: in lists without order, and in calendars, which are such lists side by side,
 * each for the same length of time.
 */
import { grownFloat64 } from '../grown.js';
import type { Nanoseconds } from '../units.js';
import type { EventId } from './table.js';

/** Times and ids of events, two float64 an entry, in an array that grows by doubling. */
export class WaitingList {
  /** Time and id of entry k at 2k and 2k + 1. */
  entries = new Float64Array(16);
  length = 0;

  push(time: Nanoseconds, id: EventId): void {
    const place = 2 * this.length++;
    if (place === this.entries.length) this.entries = grownFloat64(this.entries, 2 * place);
    this.entries[place] = time;
    this.entries[place + 1] = id;
  }
}

// A bucket becomes a short sorted list; and the ends of all buckets, where events are added, fit the cache together.
const BUCKET = 8;
const MAX_BUCKETS = 256;

/** Buckets of equal width, taken one after the other. */
export class Calendar {
  readonly #buckets: WaitingList[] = [];
  /** Time at which bucket 0 begins. */
  #base: Nanoseconds = 0;
  /** Length of a bucket in nanoseconds: a power of two, so that bucket boundaries are exact. */
  #width: Nanoseconds = 1;
  /** The first bucket that has not been taken. */
  #cursor = 0;
  #limit: Nanoseconds = Number.NEGATIVE_INFINITY;
  #length = 0;

  /** Entries in buckets. */
  get length(): number {
    return this.#length;
  }

  /** Time at which the last bucket ends. */
  get limit(): Nanoseconds {
    return this.#limit;
  }

  /** Time at which the first bucket begins that has not been taken; an entry to be added must not be before it. */
  get horizon(): Nanoseconds {
    return this.#base + this.#cursor * this.#width;
  }

  /** Length of a bucket. */
  get width(): Nanoseconds {
    return this.#width;
  }

  /**
   * Empties the list into buckets that begin at `base` and reach `span` far, rounded up to a power of two: what is in the
   * span finds its bucket, the rest stays in the list. Nothing in the list is before `base`; all buckets must be empty.
   */
  layOut(list: WaitingList, base: Nanoseconds, span: Nanoseconds): void {
    const { entries, length } = list;
    let buckets = 1;
    while (buckets < span && buckets * BUCKET < length && buckets < MAX_BUCKETS) buckets *= 2;
    while (this.#buckets.length < buckets) this.#buckets.push(new WaitingList());
    let width = 1;
    while (width * buckets < span) width *= 2;
    this.#base = base;
    this.#width = width;
    this.#cursor = 0;
    this.#limit = base + width * buckets;
    list.length = 0;
    for (let k = 0; k < 2 * length; k += 2) {
      // What stays in the list is written behind the place that is read.
      if (entries[k]! < this.#limit) this.add(entries[k]!, entries[k + 1]!);
      else list.push(entries[k]!, entries[k + 1]!);
    }
  }

  /** Adds an entry between horizon and limit. */
  add(time: Nanoseconds, id: EventId): void {
    this.#buckets[Math.floor((time - this.#base) / this.#width)]!.push(time, id);
    this.#length++;
  }

  /** The first bucket that is not empty, which is thereby taken: to be emptied. There must be one. */
  take(): WaitingList {
    while (this.#buckets[this.#cursor]!.length === 0) this.#cursor++;
    const bucket = this.#buckets[this.#cursor++]!;
    this.#length -= bucket.length;
    return bucket;
  }

  /** Empties and closes the calendar: its limit is before all times. */
  clear(): void {
    for (const bucket of this.#buckets) bucket.length = 0;
    this.#length = 0;
    this.#limit = Number.NEGATIVE_INFINITY;
  }

  /** All buckets, the empty ones too. */
  get lists(): readonly WaitingList[] {
    return this.#buckets;
  }
}

/**
 * A 4-ary heap of queue entries. The keys stand in heap order in arrays of their own: comparing touches neighbours
 * in memory instead of chasing slots all over the table, and four children cost hardly more to look through than
 * two while the heap is half as deep.
 */
import { grownFloat64, grownInt32 } from '../grown.js';
import type { Nanoseconds } from '../units.js';
import type { Order, Slot } from './table.js';

/** Entries (time, order, slot) in arrays that grow by doubling. */
export class EntryList {
  times = new Float64Array(16);
  orders = new Float64Array(16);
  slots = new Int32Array(16);
  length = 0;

  push(time: Nanoseconds, order: Order, slot: Slot): void {
    if (this.length === this.times.length) this.#grow();
    this.set(this.length++, time, order, slot);
  }

  /** Overwrites the entry at `index`, which must be there. */
  set(index: number, time: Nanoseconds, order: Order, slot: Slot): void {
    this.times[index] = time;
    this.orders[index] = order;
    this.slots[index] = slot;
  }

  /**
   * Sorts by time and order: by insertion, which is fastest for a few entries and for many that are nearly in order.
   * After `patience` moves it stops; returns how many entries from the first on are in order.
   */
  sort(patience: number): number {
    const { times, orders, slots, length } = this;
    let left = patience;
    for (let k = 1; k < length; k++) {
      const time = times[k]!;
      const order = orders[k]!;
      if (times[k - 1]! < time || (times[k - 1] === time && orders[k - 1]! < order)) continue;
      if (left < 0) return k;
      const slot = slots[k]!;
      let hole = k;
      do {
        times[hole] = times[hole - 1]!;
        orders[hole] = orders[hole - 1]!;
        slots[hole] = slots[hole - 1]!;
        hole--;
      } while (
        hole > 0 &&
        (times[hole - 1]! > time || (times[hole - 1] === time && orders[hole - 1]! > order))
      );
      this.set(hole, time, order, slot);
      left -= k - hole;
    }
    return length;
  }

  #grow(): void {
    const length = 2 * this.times.length;
    this.times = grownFloat64(this.times, length);
    this.orders = grownFloat64(this.orders, length);
    this.slots = grownInt32(this.slots, length);
  }
}

/** A heap whose first entry has the least time, and among equal times the least order. */
export class EventHeap {
  readonly #entries = new EntryList();

  /** Number of entries. */
  get length(): number {
    return this.#entries.length;
  }

  /** Order of the least entry; the heap must not be empty. */
  get order(): Order {
    return this.#entries.orders[0]!;
  }

  /** Time of the least entry. */
  get time(): Nanoseconds {
    return this.#entries.times[0]!;
  }

  /** Slot of the least entry. */
  get slot(): Slot {
    return this.#entries.slots[0]!;
  }

  push(time: Nanoseconds, order: Order, slot: Slot): void {
    const entries = this.#entries;
    entries.push(time, order, slot);
    const { times, orders, slots } = entries;
    let hole = entries.length - 1;
    while (hole > 0) {
      const parent = (hole - 1) >> 2;
      const other = times[parent]!;
      if (time > other || (time === other && order > orders[parent]!)) break;
      entries.set(hole, other, orders[parent]!, slots[parent]!);
      hole = parent;
    }
    entries.set(hole, time, order, slot);
  }

  /** Removes the least entry. */
  pop(): void {
    const entries = this.#entries;
    const last = --entries.length;
    if (last > 0) this.#sink(entries.times[last]!, entries.orders[last]!, entries.slots[last]!);
  }

  clear(): void {
    this.#entries.length = 0;
  }

  /** All entries, in no order. */
  *entries(): Generator<{ readonly time: Nanoseconds; readonly order: Order; readonly slot: Slot }> {
    const { times, orders, slots, length } = this.#entries;
    for (let i = 0; i < length; i++) yield { time: times[i]!, order: orders[i]!, slot: slots[i]! };
  }

  /** Lets an entry sink from the top to where no child is before it. */
  #sink(time: Nanoseconds, order: Order, slot: Slot): void {
    const { times, orders, slots, length } = this.#entries;
    let hole = 0;
    for (let child = 4 * hole + 1; child < length; child = 4 * hole + 1) {
      const end = Math.min(child + 4, length);
      let least = child;
      let leastTime = times[child]!;
      for (let i = child + 1; i < end; i++) {
        const other = times[i]!;
        if (other < leastTime || (other === leastTime && orders[i]! < orders[least]!)) {
          least = i;
          leastTime = other;
        }
      }
      if (time < leastTime || (time === leastTime && order < orders[least]!)) break;
      times[hole] = leastTime;
      orders[hole] = orders[least]!;
      slots[hole] = slots[least]!;
      hole = least;
    }
    times[hole] = time;
    orders[hole] = order;
    slots[hole] = slot;
  }
}

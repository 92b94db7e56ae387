/** Slots in order of a key that may change: a binary heap in which a slot can be moved and removed. */
import { grownFloat64, grownInt32 } from '../../grown.js';

/** Slots by (key, id), the least first. A slot is a small whole number; its id breaks ties. */
export class SlotQueue {
  readonly #heap: number[] = [];
  /** By slot. */
  #place = new Int32Array(64).fill(-1);
  #key = new Float64Array(64);
  #id = new Float64Array(64);

  /** The slot with the least key (ties: the lowest id), or −1. */
  get first(): number {
    return this.#heap.length === 0 ? -1 : this.#heap[0]!;
  }

  /** The least key; Infinity where there is none. */
  get least(): number {
    return this.#heap.length === 0 ? Number.POSITIVE_INFINITY : this.#key[this.#heap[0]!]!;
  }

  /** The key that was last set for a slot; it means nothing once the slot is removed. */
  keyOf(slot: number): number {
    return slot < this.#key.length ? this.#key[slot]! : Number.POSITIVE_INFINITY;
  }

  /** Inserts a slot, or moves it. */
  set(slot: number, key: number, id: number): void {
    if (slot >= this.#place.length) this.#grow(slot);
    this.#key[slot] = key;
    this.#id[slot] = id;
    let place = this.#place[slot]!;
    if (place < 0) place = this.#heap.push(slot) - 1;
    this.#sift(slot, place);
  }

  /** Removes a slot, if it is in the queue. */
  remove(slot: number): void {
    const place = slot < this.#place.length ? this.#place[slot]! : -1;
    if (place < 0) return;
    this.#place[slot] = -1;
    const last = this.#heap.pop()!;
    if (last !== slot) this.#sift(last, place);
  }

  clear(): void {
    this.#heap.length = 0;
    this.#place.fill(-1);
  }

  /** Puts a slot where it belongs, given a free place that may be too high or too low. */
  #sift(slot: number, place: number): void {
    const heap = this.#heap;
    let hole = place;
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      if (!this.#isBefore(slot, heap[parent]!)) break;
      this.#put(heap[parent]!, hole);
      hole = parent;
    }
    for (let child = 2 * hole + 1; child < heap.length; child = 2 * hole + 1) {
      if (child + 1 < heap.length && this.#isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (!this.#isBefore(heap[child]!, slot)) break;
      this.#put(heap[child]!, hole);
      hole = child;
    }
    this.#put(slot, hole);
  }

  #isBefore(a: number, b: number): boolean {
    const difference = this.#key[a]! - this.#key[b]!;
    return difference < 0 || (difference === 0 && this.#id[a]! < this.#id[b]!);
  }

  #put(slot: number, place: number): void {
    this.#heap[place] = slot;
    this.#place[slot] = place;
  }

  #grow(slot: number): void {
    const length = Math.max(2 * this.#place.length, slot + 1);
    this.#place = grownInt32(this.#place, length, -1);
    this.#key = grownFloat64(this.#key, length);
    this.#id = grownFloat64(this.#id, length);
  }
}

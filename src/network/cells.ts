/** Numbers the cells of the ledger: (type, from, to, round) → 0, 1, 2 … in the order in which they are first touched. */
import type { Round } from '../units.js';

/** Who sent what to whom, and in which of its rounds. */
export interface CellKey {
  readonly type: number;
  readonly from: number;
  readonly to: number;
  readonly round: Round;
}

/** The keys in order of their cells, four numbers each: type, from, to, round. */
export type CellTableState = Uint32Array;

const FIELDS = 4;

/**
 * A hash table with open addressing over typed arrays: a hundred thousand links times rounds would cost a Map of
 * strings ten times the memory, and four 32-bit numbers do not fit into one key.
 */
export class CellTable {
  #keys = new Uint32Array(64 * FIELDS);
  /** Cell + 1, or 0 for free; its length is a power of two and at least twice the number of cells. */
  #buckets = new Int32Array(256);
  #length = 0;

  /** Number of cells. */
  get length(): number {
    return this.#length;
  }

  /** The cell of that key, or −1. */
  find(key: CellKey): number {
    return this.#buckets[this.#bucket(key)]! - 1;
  }

  /** The cell of that key, a new one where there is none. */
  cell(key: CellKey): number {
    let bucket = this.#bucket(key);
    const known = this.#buckets[bucket]! - 1;
    if (known >= 0) return known;
    if (2 * (this.#length + 1) > this.#buckets.length) {
      this.#rehash(2 * this.#buckets.length);
      bucket = this.#bucket(key);
    }
    const cell = this.#length++;
    const start = cell * FIELDS;
    if (start === this.#keys.length) {
      const keys = new Uint32Array(2 * this.#keys.length);
      keys.set(this.#keys);
      this.#keys = keys;
    }
    this.#keys[start] = key.type;
    this.#keys[start + 1] = key.from;
    this.#keys[start + 2] = key.to;
    this.#keys[start + 3] = key.round;
    this.#buckets[bucket] = cell + 1;
    return cell;
  }

  /** The key of a cell. */
  key(cell: number): CellKey {
    const keys = this.#keys;
    const start = cell * FIELDS;
    return { type: keys[start]!, from: keys[start + 1]!, to: keys[start + 2]!, round: keys[start + 3]! };
  }

  /** All cells, by type, from, to and round. */
  sorted(): number[] {
    const keys = this.#keys;
    return Array.from({ length: this.#length }, (_, cell) => cell).sort((a, b) => {
      for (let i = 0; i < FIELDS; i++) {
        const difference = keys[a * FIELDS + i]! - keys[b * FIELDS + i]!;
        if (difference !== 0) return difference;
      }
      return 0;
    });
  }

  save(): CellTableState {
    return this.#keys.slice(0, this.#length * FIELDS);
  }

  load(state: CellTableState): void {
    this.#length = state.length / FIELDS;
    this.#keys = new Uint32Array(Math.max(64 * FIELDS, state.length));
    this.#keys.set(state);
    let buckets = 256;
    while (buckets < 2 * this.#length) buckets *= 2;
    this.#rehash(buckets);
  }

  /** The bucket that holds the key, or the free one where it belongs. */
  #bucket(key: CellKey): number {
    const buckets = this.#buckets;
    const keys = this.#keys;
    const mask = buckets.length - 1;
    for (let bucket = hash(key.type, key.from, key.to, key.round) & mask; ; bucket = (bucket + 1) & mask) {
      const start = (buckets[bucket]! - 1) * FIELDS;
      if (start < 0) return bucket;
      if (
        keys[start + 1] === key.from &&
        keys[start + 2] === key.to &&
        keys[start + 3] === key.round &&
        keys[start] === key.type
      ) {
        return bucket;
      }
    }
  }

  #rehash(size: number): void {
    this.#buckets = new Int32Array(size);
    for (let cell = 0; cell < this.#length; cell++) {
      this.#buckets[this.#bucket(this.key(cell))] = cell + 1;
    }
  }
}

function hash(type: number, from: number, to: number, round: Round): number {
  let value = Math.imul(from, 0x9e3779b1) ^ Math.imul(to, 0x85ebca77);
  value = Math.imul(value ^ (value >>> 15), 0xc2b2ae3d) ^ Math.imul(round, 0x27d4eb2f) ^ type;
  value = Math.imul(value ^ (value >>> 13), 0x165667b1);
  return value ^ (value >>> 16);
}

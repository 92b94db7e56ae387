/** Numbers the cells of the ledger: (type, from, to, round) → 0, 1, 2 … in the order in which they are first touched. */

import { grownUint32 } from '../grown.js';
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

// A row is what cells of one broadcast share: type, from and round. Its cells are a list, in the order of their numbers.
// Cells and rows are counted from 1 where they are named in the tables, so that 0 stands for none.
const ROW_FIELDS = 8;
const TYPE = 0;
const FROM = 1;
const ROUND = 2;
const FIRST = 3;
const LAST = 4;
/** The cell that was asked for last. */
const RECENT = 5;
/** The greatest receiver. */
const GREATEST = 6;
const LENGTH = 7;

const CELL_FIELDS = 4;
const TO = 0;
const ROW = 1;
const NEXT = 2;

/** Up to so many cells a row is looked through; for more it has a Map. */
const FEW = 32;

/**
 * Rows in a hash table, and the cells of a row in a list. A broadcast asks for the cells of one row one after the other, so
 * the row is looked up once; and receivers come in ascending order, or in the order of the last time, so that a cell, or
 * that there is none yet, is mostly known at the first look.
 */
export class CellTable {
  #rows = new Uint32Array(64 * ROW_FIELDS);
  #rowCount = 0;
  #cells = new Uint32Array(64 * CELL_FIELDS);
  #length = 0;
  /** Row, or 0 for free; its length is a power of two and at least twice the number of rows. */
  #buckets = new Uint32Array(256);
  /** The row that was asked for last. */
  #recentRow = 0;
  /** Cells by receiver, of rows with more than a few; made when one is first looked through. */
  readonly #maps = new Map<number, Map<number, number>>();

  /** Number of cells. */
  get length(): number {
    return this.#length;
  }

  /** The cell of that key, or −1. */
  find(key: CellKey): number {
    const row = this.#findRow(key);
    return (row === 0 ? 0 : this.#findCell(row, key.to)) - 1;
  }

  /** The cell of that key, a new one where there is none. */
  cell(key: CellKey): number {
    const row = this.#findRow(key) || this.#addRow(key);
    return (this.#findCell(row, key.to) || this.#addCell(row, key.to)) - 1;
  }

  /** The key of a cell. */
  key(cell: number): CellKey {
    const place = cell * CELL_FIELDS;
    const row = this.#cells[place + ROW]! * ROW_FIELDS;
    return {
      type: this.#rows[row + TYPE]!,
      from: this.#rows[row + FROM]!,
      to: this.#cells[place + TO]!,
      round: this.#rows[row + ROUND]!,
    };
  }

  /** All cells, by type, from, to and round. */
  sorted(): number[] {
    const keys = this.save();
    return Array.from({ length: this.#length }, (_, cell) => cell).sort((a, b) => {
      for (let i = 0; i < 4; i++) {
        const difference = keys[a * 4 + i]! - keys[b * 4 + i]!;
        if (difference !== 0) return difference;
      }
      return 0;
    });
  }

  save(): CellTableState {
    const keys = new Uint32Array(4 * this.#length);
    for (let cell = 0; cell < this.#length; cell++) {
      const { type, from, to, round } = this.key(cell);
      keys.set([type, from, to, round], 4 * cell);
    }
    return keys;
  }

  load(state: CellTableState): void {
    this.#rowCount = 0;
    this.#length = 0;
    this.#recentRow = 0;
    this.#buckets.fill(0);
    this.#maps.clear();
    for (let k = 0; k < state.length; k += 4) {
      this.cell({ type: state[k]!, from: state[k + 1]!, to: state[k + 2]!, round: state[k + 3]! });
    }
  }

  #findRow(key: CellKey): number {
    if (this.#recentRow !== 0 && this.#isRow(this.#recentRow, key)) return this.#recentRow;
    const row = this.#buckets[this.#bucket(key)]!;
    if (row !== 0) this.#recentRow = row;
    return row;
  }

  #isRow(row: number, { type, from, round }: CellKey): boolean {
    const rows = this.#rows;
    const place = row * ROW_FIELDS;
    return rows[place + FROM] === from && rows[place + ROUND] === round && rows[place + TYPE] === type;
  }

  #addRow(key: CellKey): number {
    const row = ++this.#rowCount;
    if ((row + 1) * ROW_FIELDS > this.#rows.length) this.#rows = grownUint32(this.#rows);
    const rows = this.#rows;
    const place = row * ROW_FIELDS;
    rows.fill(0, place, place + ROW_FIELDS);
    rows[place + TYPE] = key.type;
    rows[place + FROM] = key.from;
    rows[place + ROUND] = key.round;
    if (2 * row > this.#buckets.length) this.#rehash();
    else this.#buckets[this.#bucket(key)] = row;
    this.#recentRow = row;
    return row;
  }

  /** The cell of a row with that receiver, or 0. */
  #findCell(row: number, to: number): number {
    const cells = this.#cells;
    const rows = this.#rows;
    const place = row * ROW_FIELDS;
    if (rows[place + LENGTH] === 0) return 0;
    let cell = this.#after(rows[place + RECENT]!) || rows[place + FIRST]!;
    if (cells[(cell - 1) * CELL_FIELDS + TO] !== to) {
      if (to > rows[place + GREATEST]!) return 0;
      cell = rows[place + LENGTH]! > FEW ? (this.#mapOf(row).get(to) ?? 0) : this.#search(row, to);
    }
    if (cell !== 0) rows[place + RECENT] = cell;
    return cell;
  }

  #search(row: number, to: number): number {
    let cell = this.#rows[row * ROW_FIELDS + FIRST]!;
    while (cell !== 0 && this.#cells[(cell - 1) * CELL_FIELDS + TO] !== to) cell = this.#after(cell);
    return cell;
  }

  #mapOf(row: number): Map<number, number> {
    let map = this.#maps.get(row);
    if (map === undefined) {
      map = new Map();
      for (let cell = this.#rows[row * ROW_FIELDS + FIRST]!; cell !== 0; cell = this.#after(cell)) {
        map.set(this.#cells[(cell - 1) * CELL_FIELDS + TO]!, cell);
      }
      this.#maps.set(row, map);
    }
    return map;
  }

  #addCell(row: number, to: number): number {
    const cell = ++this.#length;
    const start = (cell - 1) * CELL_FIELDS;
    if (start === this.#cells.length) this.#cells = grownUint32(this.#cells);
    this.#cells[start + TO] = to;
    this.#cells[start + ROW] = row;
    this.#cells[start + NEXT] = 0;
    const rows = this.#rows;
    const place = row * ROW_FIELDS;
    const last = rows[place + LAST]!;
    if (last === 0) rows[place + FIRST] = cell;
    else this.#cells[(last - 1) * CELL_FIELDS + NEXT] = cell;
    rows[place + LAST] = cell;
    rows[place + RECENT] = cell;
    if (to > rows[place + GREATEST]!) rows[place + GREATEST] = to;
    rows[place + LENGTH]!++;
    if (rows[place + LENGTH]! > FEW) this.#maps.get(row)?.set(to, cell);
    return cell;
  }

  /** The next cell of the same row, or 0. */
  #after(cell: number): number {
    return this.#cells[(cell - 1) * CELL_FIELDS + NEXT]!;
  }

  /** The bucket that holds the row, or the free one where it belongs. */
  #bucket(key: CellKey): number {
    const buckets = this.#buckets;
    const mask = buckets.length - 1;
    for (let bucket = hash(key.type, key.from, key.round) & mask; ; bucket = (bucket + 1) & mask) {
      const row = buckets[bucket]!;
      if (row === 0 || this.#isRow(row, key)) return bucket;
    }
  }

  #rehash(): void {
    this.#buckets = new Uint32Array(2 * this.#buckets.length);
    const rows = this.#rows;
    for (let row = 1; row <= this.#rowCount; row++) {
      const place = row * ROW_FIELDS;
      const key = {
        type: rows[place + TYPE]!,
        from: rows[place + FROM]!,
        to: 0,
        round: rows[place + ROUND]!,
      };
      this.#buckets[this.#bucket(key)] = row;
    }
  }
}

function hash(type: number, from: number, round: Round): number {
  let value = Math.imul(from, 0x9e3779b1) ^ Math.imul(round, 0x27d4eb2f) ^ type;
  value = Math.imul(value ^ (value >>> 15), 0xc2b2ae3d);
  value = Math.imul(value ^ (value >>> 13), 0x165667b1);
  return value ^ (value >>> 16);
}

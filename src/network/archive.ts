/**
 * Cells of the ledger that were laid aside, so that a long run does not keep them in memory: sorted lists of rows in a
 * store, as a rule a file. A cell that is touched again later starts a new row, so a key may stand in several lists; the
 * rows of one key are added up when all of them are read.
 */
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { assert } from '../errors.js';
import type { Bytes } from '../units.js';
import type { CellKey } from './cells.js';
import { MESSAGES, WIDTH } from './traffic.js';

/** Where bytes are laid aside. */
export interface ByteStore {
  append(bytes: Uint8Array): void;
  read(start: Bytes, length: Bytes): Uint8Array;
}

/** A cell: its key, and its columns. */
export interface ArchivedRow {
  readonly key: CellKey;
  /** float64 [columns]. */
  readonly numbers: Float64Array;
}

/** The place of one list in the store. */
interface List {
  readonly start: Bytes;
  readonly rows: number;
}

/** An archive as plain data, without its store. */
export interface ArchiveState {
  readonly lists: readonly List[];
  readonly end: Bytes;
  readonly sums: Float64Array;
}

/** Rows that are compressed together: few, since one such block of each list is in memory while all are merged. */
const BLOCK = 512;

/** Type, from, to and round. */
const KEY = 4;
const RECORD = KEY + WIDTH;

/** Bytes before a block: its length, compressed. */
const HEAD: Bytes = 4;

/** Takes sorted lists of cells, and gives them back as one. */
export class Archive {
  readonly #store: ByteStore;
  #lists: List[] = [];
  #end: Bytes = 0;
  /** Sums over all rows, by column. */
  #sums = new Float64Array(WIDTH);

  /** `store` is empty, or has what the state that will be loaded says. */
  constructor(store: ByteStore) {
    this.#store = store;
  }

  get isEmpty(): boolean {
    return this.#lists.length === 0;
  }

  get sums(): Float64Array {
    return this.#sums;
  }

  /** Lays rows aside, which are in ascending order of their keys. The numbers are copied. */
  add(rows: Iterable<ArchivedRow>): void {
    const start = this.#end;
    const block = new Float64Array(BLOCK * RECORD);
    let count = 0;
    for (const { key, numbers } of rows) {
      const place = (count % BLOCK) * RECORD;
      block.set([key.type, key.from, key.to, key.round], place);
      block.set(numbers, place + KEY);
      for (let column = 0; column < WIDTH; column++) this.#sums[column]! += numbers[column]!;
      if (++count % BLOCK === 0) this.#write(block);
    }
    if (count % BLOCK > 0) this.#write(block.subarray(0, (count % BLOCK) * RECORD));
    if (count > 0) this.#lists.push({ start, rows: count });
  }

  /** All rows and `more`, both in ascending order of their keys, with one row for each key. A row is valid until the next one. */
  *merged(more: Iterator<ArchivedRow>): Generator<ArchivedRow> {
    const sources: Source[] = [];
    for (const rows of [...this.#lists.map((list) => this.#read(list)), more])
      enter(sources, new Source(rows));
    while (sources.length > 0) {
      const { key } = sources[0]!.head!;
      const numbers = new Float64Array(WIDTH);
      while (sources.length > 0 && compareKeys(sources[0]!.head!.key, key) === 0) {
        const source = sources.shift()!;
        for (let column = 0; column < WIDTH; column++) numbers[column]! += source.head!.numbers[column]!;
        source.advance();
        enter(sources, source);
      }
      assert(
        numbers[MESSAGES.ignored]! <= numbers[MESSAGES.delivered]!,
        'the ledger: more messages ignored than were delivered',
      );
      yield { key, numbers };
    }
  }

  save(): ArchiveState {
    return { lists: [...this.#lists], end: this.#end, sums: this.#sums.slice() };
  }

  load({ lists, end, sums }: ArchiveState): void {
    this.#lists = [...lists];
    this.#end = end;
    this.#sums = sums.slice();
  }

  #write(block: Float64Array): void {
    const packed = deflateRawSync(new Uint8Array(block.buffer, block.byteOffset, block.byteLength), {
      level: 1,
    });
    const head = new Uint8Array(HEAD);
    new DataView(head.buffer).setUint32(0, packed.length);
    this.#store.append(head);
    this.#store.append(packed);
    this.#end += HEAD + packed.length;
  }

  *#read({ start, rows }: List): Generator<ArchivedRow> {
    let place = start;
    for (let done = 0; done < rows; done += BLOCK) {
      const head = this.#store.read(place, HEAD);
      const length = new DataView(head.buffer, head.byteOffset).getUint32(0);
      const bytes = inflateRawSync(this.#store.read(place + HEAD, length));
      place += HEAD + length;
      const block = new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
      for (let record = 0; record < block.length; record += RECORD) {
        const [type, from, to, round] = block.subarray(record, record + KEY);
        const numbers = block.subarray(record + KEY, record + RECORD);
        yield { key: { type: type!, from: from!, to: to!, round: round! }, numbers };
      }
    }
  }
}

/** Rows, of which the first one that was not taken yet can be looked at. */
class Source {
  readonly #rows: Iterator<ArchivedRow>;
  head: ArchivedRow | undefined;

  constructor(rows: Iterator<ArchivedRow>) {
    this.#rows = rows;
    this.advance();
  }

  advance(): void {
    const { value, done } = this.#rows.next();
    this.head = done ? undefined : value;
  }
}

/** Puts a source into a list in ascending order of the first keys, unless it is exhausted. */
function enter(sources: Source[], source: Source): void {
  if (source.head === undefined) return;
  let [low, high] = [0, sources.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compareKeys(sources[middle]!.head!.key, source.head.key) < 0) low = middle + 1;
    else high = middle;
  }
  sources.splice(low, 0, source);
}

/** The order of traffic.csv. */
function compareKeys(a: CellKey, b: CellKey): number {
  return a.type - b.type || a.from - b.from || a.to - b.to || a.round - b.round;
}

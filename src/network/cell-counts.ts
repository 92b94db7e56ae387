/**
 * The numbers of the ledger's cells. A cell of which all attempts have one size, and none was cut, is kept in short, as
 * counts; its columns are made from them when somebody reads it.
 */
import type { Bytes } from '../units.js';
import { addAcks, addAttempt, addCut, addEnd, addParts, type End, type SentPart } from './booking.js';
import type { MessageSize } from './parts.js';
import { BYTES, MESSAGES, PARTS, WIDTH } from './traffic.js';

/** The records of so many cells lie in one array; the next array is made when it is full, and nothing is copied. */
const CHUNK = 4096;

/** A cell in short, uint32: counts of its attempts, the place of their size, and 1 + that of its columns if it has some. */
const SENT = 0;
const DELIVERED = 1;
const DROPPED = 2;
const IGNORED = 3;
const RETRIED = 4;
const SIZE = 5;
const WIDE = 6;
const FIELDS = 8;

/** The size of the messages of a cell that has none. */
const NOTHING: MessageSize = { bytes: 0, values: 0, index: 0, header: 0, framing: 0 };

const FIELD = { delivered: DELIVERED, dropped: DROPPED };

/** The numbers of all cells, which count from 0. */
export class CellCounts {
  readonly #short: Uint32Array[] = [];
  /** The columns of cells that are not short. */
  readonly #wide: Float64Array[] = [];
  /** Each different size of a message once, and its place by its text. */
  readonly #sizes: MessageSize[] = [];
  readonly #sizePlaces = new Map<string, number>();
  /** Room for the columns of a short cell. */
  readonly #scratch = new Float64Array(WIDTH);

  /** Makes room for a cell; to be called for each in turn before anything else is. */
  add(cell: number): void {
    if (cell === this.#short.length * CHUNK) this.#short.push(new Uint32Array(CHUNK * FIELDS));
  }

  /** An attempt is sent and in flight. */
  attempt(cell: number, size: MessageSize, retry: boolean): void {
    const short = this.#chunk(cell);
    const place = placeOf(cell);
    if (short[place + SENT] === 0 && short[place + WIDE] === 0) short[place + SIZE] = this.#placeOf(size);
    const columns = this.#columns(cell, size);
    if (columns) addAttempt(columns, size, retry);
    else {
      short[place + SENT]!++;
      if (retry) short[place + RETRIED]!++;
    }
  }

  end(cell: number, size: MessageSize, end: End): void {
    const columns = this.#columns(cell, size);
    if (columns) addEnd(columns, size, end);
    else this.#chunk(cell)[placeOf(cell) + FIELD[end]]!++;
  }

  cut(cell: number, size: MessageSize, gone: SentPart): void {
    addCut(this.#widened(cell), size, gone);
  }

  acks(cell: number, bytes: Bytes): void {
    addAcks(this.#widened(cell), bytes);
  }

  ignored(cell: number): void {
    const short = this.#chunk(cell);
    const wide = short[placeOf(cell) + WIDE]!;
    if (wide > 0) this.#wide[wide - 1]![MESSAGES.ignored]! += 1;
    else short[placeOf(cell) + IGNORED]!++;
  }

  /** The columns of a cell, to be read before the next call and not to be changed. */
  row(cell: number): Float64Array {
    return this.#row(cell, this.#scratch);
  }

  /** Gives a new cell these numbers: in short where that says the same. */
  set(cell: number, row: Float64Array): void {
    const short = this.#chunk(cell);
    const place = placeOf(cell);
    const sent = row[MESSAGES.sent]!;
    const each = (column: number) => row[column]! / sent;
    const size = {
      bytes: each(BYTES.sent),
      values: each(PARTS.values),
      index: each(PARTS.index),
      header: each(PARTS.header),
      framing: each(PARTS.framing),
    };
    short[place + SENT] = sent;
    short[place + DELIVERED] = row[MESSAGES.delivered]!;
    short[place + DROPPED] = row[MESSAGES.dropped]!;
    short[place + IGNORED] = row[MESSAGES.ignored]!;
    short[place + RETRIED] = row[MESSAGES.retried]!;
    if (Object.values(size).every(Number.isInteger)) {
      short[place + SIZE] = this.#placeOf(size);
      if (this.#row(cell, this.#scratch).every((number, column) => number === row[column])) return;
    }
    short[place + WIDE] = this.#wide.push(row);
  }

  /** The columns of a cell where it has some, or needs some from now on, since a message has another size. */
  #columns(cell: number, size: MessageSize): Float64Array | undefined {
    const short = this.#chunk(cell);
    const place = placeOf(cell);
    const wide = short[place + WIDE]!;
    if (wide > 0) return this.#wide[wide - 1];
    return areEqual(this.#sizes[short[place + SIZE]!]!, size) ? undefined : this.#widened(cell);
  }

  #widened(cell: number): Float64Array {
    const short = this.#chunk(cell);
    const place = placeOf(cell);
    if (short[place + WIDE] === 0) short[place + WIDE] = this.#wide.push(this.#row(cell));
    return this.#wide[short[place + WIDE]! - 1]!;
  }

  /** The place of a size, which is mostly that of the message before. */
  #placeOf(size: MessageSize): number {
    const last = this.#sizes.length - 1;
    if (last >= 0 && areEqual(this.#sizes[last]!, size)) return last;
    const key = `${size.bytes} ${size.values} ${size.index} ${size.header} ${size.framing}`;
    let place = this.#sizePlaces.get(key);
    if (place === undefined) {
      place = this.#sizes.push(size) - 1;
      this.#sizePlaces.set(key, place);
    }
    return place;
  }

  #chunk(cell: number): Uint32Array {
    return this.#short[(cell / CHUNK) | 0]!;
  }

  /** The columns of a cell; those of a short one are written into `row`. */
  #row(cell: number, row = new Float64Array(WIDTH)): Float64Array {
    const short = this.#chunk(cell);
    const place = placeOf(cell);
    const wide = short[place + WIDE]!;
    if (wide > 0) return this.#wide[wide - 1]!;
    row.fill(0);
    const sent = short[place + SENT]!;
    const delivered = short[place + DELIVERED]!;
    const dropped = short[place + DROPPED]!;
    const size = this.#sizes[short[place + SIZE]!] ?? NOTHING;
    row[MESSAGES.sent] = sent;
    row[MESSAGES.delivered] = delivered;
    row[MESSAGES.dropped] = dropped;
    row[MESSAGES.inFlight] = sent - delivered - dropped;
    row[MESSAGES.ignored] = short[place + IGNORED]!;
    row[MESSAGES.retried] = short[place + RETRIED]!;
    row[BYTES.sent] = sent * size.bytes;
    row[BYTES.delivered] = delivered * size.bytes;
    row[BYTES.dropped] = dropped * size.bytes;
    row[BYTES.inFlight] = (sent - delivered - dropped) * size.bytes;
    addParts(row, size, sent);
    return row;
  }
}

const placeOf = (cell: number): number => (cell % CHUNK) * FIELDS;

function areEqual(a: MessageSize, b: MessageSize): boolean {
  const areParts = a.values === b.values && a.index === b.index && a.header === b.header;
  return areParts && a.framing === b.framing && a.bytes === b.bytes;
}

/**
 * The ledger: what was sent, of which type, over which link, in which round of its sender, and what became of it.
 * Its unit is one attempt. In every cell, in messages and in bytes,
 *
 *     sent = delivered + dropped + cut + in flight        and        sent bytes = values + index + header + framing
 *
 * A message that waits in a queue is in flight. A cut attempt is charged what was sent of it; the rest of its bytes
 * was never sent, and stands in a column of its own.
 */
import { assert } from '../errors.js';
import type { Bytes } from '../units.js';
import type { EncodedBody } from '../wire/codec.js';
import { type CellKey, CellTable, type CellTableState } from './cells.js';
import { messageBytes, partsOf, partsOfPrefix } from './parts.js';
import {
  auditConservation,
  auditLive,
  BYTES,
  type LedgerTotals,
  MESSAGES,
  nameOf,
  PARTS,
  type PartBytes,
  rowOf,
  type TrafficRow,
  totalsOf,
  WIDTH,
} from './traffic.js';

export type { LedgerTotals, TrafficRow } from './traffic.js';

/** The ledger as plain data. */
interface LedgerState {
  readonly cells: CellTableState;
  /** float64 [cells × columns], row-major. */
  readonly numbers: Float64Array;
}

/** An attempt that is under way, as the network reports it; `bytes` is its whole size. */
export interface LiveAttempt extends CellKey {
  readonly bytes: Bytes;
}

/** The records of so many cells lie in one array; the next array is made when it is full, and nothing is copied. */
const CHUNK = 4096;

/**
 * A cell in short, uint32: counts of its attempts, and the size of all of them, which is the same as long as a cell
 * repeats one message. Where it does not, and where an attempt was cut, WIDE is 1 + the place of its columns.
 */
const SENT = 0;
const DELIVERED = 1;
const DROPPED = 2;
const IGNORED = 3;
const RETRIED = 4;
const SIZE = 5;
const WIDE = 6;
const FIELDS = 8;

/** Counts attempts and bytes. Booking an attempt or its outcome takes O(1). */
export class Ledger {
  readonly #types: readonly string[];
  readonly #cells = new CellTable();
  #short: Uint32Array[] = [];
  /** The columns of cells that are not short. */
  #wide: Float64Array[] = [];
  /** Each different size of a message once, and its place by the text of its parts. */
  #sizes: PartBytes[] = [];
  #sizePlaces = new Map<string, number>();
  readonly #totals = new Float64Array(WIDTH);
  /** Room for the columns of a short cell. */
  readonly #scratch = new Float64Array(WIDTH);

  /** `types`: names of the message types, by index. */
  constructor(types: readonly string[]) {
    this.#types = types;
  }

  /** Books an attempt as sent and in flight; returns the cell in which its outcome is to be booked. */
  attempt(key: CellKey, body: EncodedBody, retry: boolean): number {
    if (!(key.type >= 0 && key.type < this.#types.length)) {
      assert(false, `the ledger has no message type ${key.type}`);
    }
    const cell = this.#cells.cell(key);
    const parts = partsOf(body);
    if (cell === this.#short.length * CHUNK) this.#addChunk();
    const short = this.#chunk(cell);
    const place = placeOf(cell);
    if (short[place + SENT] === 0 && short[place + WIDE] === 0) short[place + SIZE] = this.#sizeOf(parts);
    const columns = this.#columns(cell, parts);
    if (columns) addAttempt(columns, parts, retry);
    else {
      short[place + SENT]!++;
      if (retry) short[place + RETRIED]!++;
    }
    addAttempt(this.#totals, parts, retry);
    return cell;
  }

  /** Books the end of an attempt that arrived. */
  delivered(cell: number, body: EncodedBody): void {
    this.#land(cell, body, DELIVERED, MESSAGES.delivered, BYTES.delivered);
  }

  /** Books the end of an attempt that was lost on the way. */
  dropped(cell: number, body: EncodedBody): void {
    this.#land(cell, body, DROPPED, MESSAGES.dropped, BYTES.dropped);
  }

  /** Books the end of an attempt that was cut after `sent` bytes. */
  cut(cell: number, body: EncodedBody, sent: Bytes): void {
    const bytes = messageBytes(body);
    assert(sent >= 0 && sent <= bytes, `a cut charges 0 to ${bytes} bytes, not ${sent}`);
    addCut(this.#widened(cell), body, sent);
    addCut(this.#totals, body, sent);
  }

  /** Counts a delivered message that came too late to be used. */
  ignored(key: CellKey): void {
    const cell = this.#cells.find(key);
    const row = cell < 0 ? undefined : this.#row(cell, this.#scratch);
    assert(
      row && row[MESSAGES.ignored]! < row[MESSAGES.delivered]!,
      `${this.#name(key)}: more messages ignored than were delivered`,
    );
    const short = this.#chunk(cell);
    const wide = short[placeOf(cell) + WIDE]!;
    if (wide > 0) this.#wide[wide - 1]![MESSAGES.ignored]! += 1;
    else short[placeOf(cell) + IGNORED]!++;
    this.#totals[MESSAGES.ignored]! += 1;
  }

  /** Sums over all cells, in O(1). */
  totals(): LedgerTotals {
    return totalsOf(this.#totals);
  }

  /** One row for each cell, by type (in the order of the types' table), from, to and round. */
  *rows(): Generator<TrafficRow> {
    for (const cell of this.#cells.sorted()) {
      const key = this.#cells.key(cell);
      yield rowOf(this.#types[key.type]!, key, this.#row(cell, this.#scratch));
    }
  }

  /**
   * Asserts that every cell and the totals obey the equations above, and that the ledger has the same attempts in flight
   * as the network, cell by cell. O(cells + live).
   */
  audit(live: Iterable<LiveAttempt>): void {
    const length = this.#cells.length;
    const messages = new Float64Array(length);
    const bytes = new Float64Array(length);
    for (const attempt of live) {
      const cell = this.#cells.find(attempt);
      assert(cell >= 0, `audit: ${this.#name(attempt)}: under way, but never booked as sent`);
      messages[cell]! += 1;
      bytes[cell]! += attempt.bytes;
    }
    const sums = new Float64Array(WIDTH);
    for (let cell = 0; cell < length; cell++) {
      const row = this.#row(cell, this.#scratch);
      const where = (): string => this.#name(this.#cells.key(cell));
      auditConservation(row, where);
      auditLive(row[MESSAGES.inFlight]!, messages[cell]!, 'messages', where);
      auditLive(row[BYTES.inFlight]!, bytes[cell]!, 'bytes', where);
      for (let column = 0; column < WIDTH; column++) sums[column]! += row[column]!;
    }
    for (let column = 0; column < WIDTH; column++) {
      assert(
        sums[column] === this.#totals[column],
        `audit: ${nameOf(column)} sums to ${sums[column]}, the total says ${this.#totals[column]}`,
      );
    }
  }

  /** The cheap half of {@link audit}: the totals alone. O(live). */
  auditTotals(live: Iterable<LiveAttempt>): void {
    let messages = 0;
    let bytes = 0;
    for (const attempt of live) {
      messages++;
      bytes += attempt.bytes;
    }
    const where = (): string => 'totals';
    auditConservation(this.#totals, where);
    auditLive(this.#totals[MESSAGES.inFlight]!, messages, 'messages', where);
    auditLive(this.#totals[BYTES.inFlight]!, bytes, 'bytes', where);
  }

  /** Cells in full. */
  save(): LedgerState {
    const numbers = new Float64Array(this.#cells.length * WIDTH);
    for (let cell = 0; cell < this.#cells.length; cell++) {
      numbers.set(this.#row(cell, this.#scratch), cell * WIDTH);
    }
    return { cells: this.#cells.save(), numbers };
  }

  load(state: LedgerState): void {
    this.#cells.load(state.cells);
    this.#short = [];
    this.#wide = [];
    this.#sizes = [];
    this.#sizePlaces.clear();
    this.#totals.fill(0);
    for (let cell = 0; cell < this.#cells.length; cell++) {
      if (cell === this.#short.length * CHUNK) this.#addChunk();
      const row = state.numbers.slice(cell * WIDTH, (cell + 1) * WIDTH);
      this.#shorten(cell, row);
      for (let column = 0; column < WIDTH; column++) this.#totals[column]! += row[column]!;
    }
  }

  /** A cell with these numbers: in short where that says the same. */
  #shorten(cell: number, row: Float64Array): void {
    const short = this.#chunk(cell);
    const place = placeOf(cell);
    const sent = row[MESSAGES.sent]!;
    const each = (column: number) => row[column]! / sent;
    const parts = {
      values: each(PARTS.values),
      index: each(PARTS.index),
      header: each(PARTS.header),
      framing: 0,
    };
    short[place + SENT] = sent;
    short[place + DELIVERED] = row[MESSAGES.delivered]!;
    short[place + DROPPED] = row[MESSAGES.dropped]!;
    short[place + IGNORED] = row[MESSAGES.ignored]!;
    short[place + RETRIED] = row[MESSAGES.retried]!;
    if (Object.values(parts).every(Number.isInteger)) {
      short[place + SIZE] = this.#sizeOf(parts);
      if (this.#row(cell, this.#scratch).every((number, column) => number === row[column])) return;
    }
    short[place + WIDE] = this.#wide.push(row);
  }

  /** Books an outcome: its field in short cells, and its columns of messages and bytes. */
  #land(cell: number, body: EncodedBody, field: number, messages: number, bytes: number): void {
    const parts = partsOf(body);
    const columns = this.#columns(cell, parts);
    if (columns) addOutcome(columns, parts, messages, bytes);
    else this.#chunk(cell)[placeOf(cell) + field]!++;
    addOutcome(this.#totals, parts, messages, bytes);
  }

  /** The columns of a cell where it has some, or needs some from now on, since a message has another size. */
  #columns(cell: number, parts: PartBytes): Float64Array | undefined {
    const short = this.#chunk(cell);
    const place = placeOf(cell);
    const wide = short[place + WIDE]!;
    if (wide > 0) return this.#wide[wide - 1];
    return areEqual(this.#sizes[short[place + SIZE]!]!, parts) ? undefined : this.#widened(cell);
  }

  #widened(cell: number): Float64Array {
    const short = this.#chunk(cell);
    const place = placeOf(cell);
    if (short[place + WIDE] === 0) short[place + WIDE] = this.#wide.push(this.#row(cell));
    return this.#wide[short[place + WIDE]! - 1]!;
  }

  /** The place of a size, which is mostly that of the message before. */
  #sizeOf(parts: PartBytes): number {
    const last = this.#sizes.length - 1;
    if (last >= 0 && areEqual(this.#sizes[last]!, parts)) return last;
    const key = `${parts.values} ${parts.index} ${parts.header} ${parts.framing}`;
    let place = this.#sizePlaces.get(key);
    if (place === undefined) {
      place = this.#sizes.push(parts) - 1;
      this.#sizePlaces.set(key, place);
    }
    return place;
  }

  #addChunk(): void {
    this.#short.push(new Uint32Array(CHUNK * FIELDS));
  }

  #chunk(cell: number): Uint32Array {
    return this.#short[(cell / CHUNK) | 0]!;
  }

  /** The columns of a cell, not to be changed; those of a short one are written into `row`. */
  #row(cell: number, row = new Float64Array(WIDTH)): Float64Array {
    const short = this.#chunk(cell);
    const place = placeOf(cell);
    const wide = short[place + WIDE]!;
    if (wide > 0) return this.#wide[wide - 1]!;
    row.fill(0);
    const sent = short[place + SENT]!;
    const delivered = short[place + DELIVERED]!;
    const dropped = short[place + DROPPED]!;
    const parts = this.#sizes[short[place + SIZE]!]!;
    const bytes = sumOf(parts);
    row[MESSAGES.sent] = sent;
    row[MESSAGES.delivered] = delivered;
    row[MESSAGES.dropped] = dropped;
    row[MESSAGES.inFlight] = sent - delivered - dropped;
    row[MESSAGES.ignored] = short[place + IGNORED]!;
    row[MESSAGES.retried] = short[place + RETRIED]!;
    row[BYTES.sent] = sent * bytes;
    row[BYTES.delivered] = delivered * bytes;
    row[BYTES.dropped] = dropped * bytes;
    row[BYTES.inFlight] = (sent - delivered - dropped) * bytes;
    addParts(row, parts, sent);
    return row;
  }

  #name(key: CellKey): string {
    return `${this.#types[key.type] ?? `type ${key.type}`}, link ${key.from}>${key.to}, round ${key.round}`;
  }
}

const placeOf = (cell: number): number => (cell % CHUNK) * FIELDS;

function addAttempt(numbers: Float64Array, parts: PartBytes, retry: boolean): void {
  const bytes = sumOf(parts);
  numbers[MESSAGES.sent]! += 1;
  numbers[MESSAGES.inFlight]! += 1;
  if (retry) numbers[MESSAGES.retried]! += 1;
  numbers[BYTES.sent]! += bytes;
  numbers[BYTES.inFlight]! += bytes;
  addParts(numbers, parts, 1);
}

/** The end of an attempt that was not cut; `messages` and `bytes` are the columns of its outcome. */
function addOutcome(numbers: Float64Array, parts: PartBytes, messages: number, bytes: number): void {
  const size = sumOf(parts);
  numbers[MESSAGES.inFlight]! -= 1;
  numbers[messages]! += 1;
  numbers[BYTES.inFlight]! -= size;
  numbers[bytes]! += size;
}

function addCut(numbers: Float64Array, body: EncodedBody, sent: Bytes): void {
  const bytes = messageBytes(body);
  numbers[MESSAGES.inFlight]! -= 1;
  numbers[MESSAGES.cut]! += 1;
  numbers[BYTES.inFlight]! -= bytes;
  numbers[BYTES.cut]! += sent;
  numbers[BYTES.sent]! += sent - bytes;
  numbers[BYTES.unsent]! += bytes - sent;
  addParts(numbers, partsOf(body), -1);
  addParts(numbers, partsOfPrefix(body, sent), 1);
}

const sumOf = ({ values, index, header, framing }: PartBytes): Bytes => values + index + header + framing;

function addParts(numbers: Float64Array, parts: PartBytes, times: number): void {
  numbers[PARTS.values]! += times * parts.values;
  numbers[PARTS.index]! += times * parts.index;
  numbers[PARTS.header]! += times * parts.header;
  numbers[PARTS.framing]! += times * parts.framing;
}

function areEqual(a: PartBytes, b: PartBytes): boolean {
  return a.values === b.values && a.index === b.index && a.header === b.header && a.framing === b.framing;
}

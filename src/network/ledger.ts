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

/** The numbers of so many cells lie in one array; the next array is made when it is full, and nothing is copied. */
const CHUNK = 4096;

/** Counts attempts and bytes. Booking an attempt or its outcome takes O(1). */
export class Ledger {
  readonly #types: readonly string[];
  readonly #cells = new CellTable();
  #chunks: Float64Array[] = [];
  readonly #totals = new Float64Array(WIDTH);

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
    if (cell === this.#chunks.length * CHUNK) this.#chunks.push(new Float64Array(CHUNK * WIDTH));
    const bytes = messageBytes(body);
    this.#add(cell, MESSAGES.sent, 1);
    this.#add(cell, MESSAGES.inFlight, 1);
    this.#add(cell, BYTES.sent, bytes);
    this.#add(cell, BYTES.inFlight, bytes);
    if (retry) this.#add(cell, MESSAGES.retried, 1);
    this.#addParts(cell, partsOf(body), 1);
    return cell;
  }

  /** Books the end of an attempt that arrived. */
  delivered(cell: number, body: EncodedBody): void {
    this.#land(cell, { messages: MESSAGES.delivered, bytes: BYTES.delivered }, messageBytes(body));
  }

  /** Books the end of an attempt that was lost on the way. */
  dropped(cell: number, body: EncodedBody): void {
    this.#land(cell, { messages: MESSAGES.dropped, bytes: BYTES.dropped }, messageBytes(body));
  }

  /** Books the end of an attempt that was cut after `sent` bytes. */
  cut(cell: number, body: EncodedBody, sent: Bytes): void {
    const bytes = messageBytes(body);
    assert(sent >= 0 && sent <= bytes, `a cut charges 0 to ${bytes} bytes, not ${sent}`);
    this.#add(cell, MESSAGES.inFlight, -1);
    this.#add(cell, MESSAGES.cut, 1);
    this.#add(cell, BYTES.inFlight, -bytes);
    this.#add(cell, BYTES.cut, sent);
    this.#add(cell, BYTES.sent, sent - bytes);
    this.#add(cell, BYTES.unsent, bytes - sent);
    this.#addParts(cell, partsOf(body), -1);
    this.#addParts(cell, partsOfPrefix(body, sent), 1);
  }

  /** Counts a delivered message that came too late to be used. */
  ignored(key: CellKey): void {
    const cell = this.#cells.find(key);
    assert(
      cell >= 0 && this.#at(cell, MESSAGES.ignored) < this.#at(cell, MESSAGES.delivered),
      `${this.#name(key)}: more messages ignored than were delivered`,
    );
    this.#add(cell, MESSAGES.ignored, 1);
  }

  /** Sums over all cells, in O(1). */
  totals(): LedgerTotals {
    return totalsOf(this.#totals);
  }

  /** One row for each cell, by type (in the order of the types' table), from, to and round. */
  *rows(): Generator<TrafficRow> {
    for (const cell of this.#cells.sorted()) {
      const key = this.#cells.key(cell);
      yield rowOf(this.#types[key.type]!, key, this.#row(cell));
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
      const row = this.#row(cell);
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

  save(): LedgerState {
    const numbers = new Float64Array(this.#cells.length * WIDTH);
    for (let cell = 0; cell < this.#cells.length; cell++) numbers.set(this.#row(cell), cell * WIDTH);
    return { cells: this.#cells.save(), numbers };
  }

  load(state: LedgerState): void {
    this.#cells.load(state.cells);
    this.#chunks = [];
    for (let from = 0; from < state.numbers.length; from += CHUNK * WIDTH) {
      const chunk = new Float64Array(CHUNK * WIDTH);
      chunk.set(state.numbers.subarray(from, from + CHUNK * WIDTH));
      this.#chunks.push(chunk);
    }
    this.#totals.fill(0);
    for (let i = 0; i < state.numbers.length; i++) this.#totals[i % WIDTH]! += state.numbers[i]!;
  }

  #land(cell: number, outcome: { messages: number; bytes: number }, bytes: Bytes): void {
    this.#add(cell, MESSAGES.inFlight, -1);
    this.#add(cell, outcome.messages, 1);
    this.#add(cell, BYTES.inFlight, -bytes);
    this.#add(cell, outcome.bytes, bytes);
  }

  #addParts(cell: number, parts: PartBytes, sign: 1 | -1): void {
    this.#add(cell, PARTS.values, sign * parts.values);
    this.#add(cell, PARTS.index, sign * parts.index);
    this.#add(cell, PARTS.header, sign * parts.header);
    this.#add(cell, PARTS.framing, sign * parts.framing);
  }

  #add(cell: number, column: number, amount: number): void {
    this.#chunks[(cell / CHUNK) | 0]![(cell % CHUNK) * WIDTH + column]! += amount;
    this.#totals[column]! += amount;
  }

  #row(cell: number): Float64Array {
    const start = (cell % CHUNK) * WIDTH;
    return this.#chunks[(cell / CHUNK) | 0]!.subarray(start, start + WIDTH);
  }

  #at(cell: number, column: number): number {
    return this.#row(cell)[column]!;
  }

  #name(key: CellKey): string {
    return `${this.#types[key.type] ?? `type ${key.type}`}, link ${key.from}>${key.to}, round ${key.round}`;
  }
}

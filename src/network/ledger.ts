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
import type { PartBytes } from './message.js';
import { messageBytes, partsOf } from './parts.js';

// Columns of a cell. The last thirteen are bytes.
const SENT = 0;
const DELIVERED = 1;
const DROPPED = 2;
const CUT = 3;
const IN_FLIGHT = 4;
const IGNORED = 5;
const RETRIED = 6;
/** From a column of messages to its column of bytes, for sent … in flight. */
const BYTES = 7;
const UNSENT_BYTES = 12;
const VALUES = 13;
const INDEX = 14;
const HEADER = 15;
const FRAMING = 16;
const WIDTH = 17;

/** One line of traffic.csv. Parts are of `sent_bytes`; `ignored` and `retried` messages are counted in others too. */
export interface TrafficRow {
  readonly type: string;
  readonly from: number;
  readonly to: number;
  readonly round: number;
  readonly sent_messages: number;
  readonly delivered_messages: number;
  readonly dropped_messages: number;
  readonly cut_messages: number;
  readonly in_flight_messages: number;
  readonly ignored_messages: number;
  readonly retried_messages: number;
  readonly sent_bytes: Bytes;
  readonly delivered_bytes: Bytes;
  readonly dropped_bytes: Bytes;
  readonly cut_bytes: Bytes;
  readonly in_flight_bytes: Bytes;
  readonly unsent_bytes: Bytes;
  readonly values_bytes: Bytes;
  readonly index_bytes: Bytes;
  readonly header_bytes: Bytes;
  readonly framing_bytes: Bytes;
}

/** Sums over all cells. */
export interface LedgerTotals {
  /** Attempts by outcome; `ignored` are delivered too, `retried` are those that repeat an earlier one. */
  readonly messages: Readonly<
    Record<'sent' | 'delivered' | 'dropped' | 'cut' | 'inFlight' | 'ignored' | 'retried', number>
  >;
  readonly bytes: Readonly<Record<'sent' | 'delivered' | 'dropped' | 'cut' | 'inFlight' | 'unsent', Bytes>>;
  /** `bytes.sent` by part. */
  readonly parts: Readonly<PartBytes>;
}

/** The ledger as plain data. */
export interface LedgerState {
  readonly cells: CellTableState;
  /** float64 [cells × columns], row-major. */
  readonly numbers: Float64Array;
}

/** What the transport says of an attempt that is under way; `bytes` is its whole size. */
export interface LiveAttempt extends CellKey {
  readonly bytes: Bytes;
}

/** Counts attempts and bytes. All methods that book are O(1). */
export class Ledger {
  readonly #types: readonly string[];
  readonly #cells = new CellTable();
  #numbers = new Float64Array(64 * WIDTH);
  readonly #totals = new Float64Array(WIDTH);

  /** `types`: names of the message types, by index. */
  constructor(types: readonly string[]) {
    this.#types = types;
  }

  /** Books an attempt as sent and in flight; returns the cell in which its outcome is to be booked. */
  attempt(key: CellKey, body: EncodedBody, retry: boolean): number {
    assert(key.type >= 0 && key.type < this.#types.length, `the ledger has no message type ${key.type}`);
    const cell = this.#cells.cell(key);
    if (cell * WIDTH === this.#numbers.length) this.#grow();
    const bytes = messageBytes(body);
    this.#add(cell, SENT, 1);
    this.#add(cell, IN_FLIGHT, 1);
    this.#add(cell, SENT + BYTES, bytes);
    this.#add(cell, IN_FLIGHT + BYTES, bytes);
    if (retry) this.#add(cell, RETRIED, 1);
    this.#addParts(cell, partsOf(body, bytes), 1);
    return cell;
  }

  /** Books the end of an attempt that arrived. */
  delivered(cell: number, body: EncodedBody): void {
    this.#land(cell, DELIVERED, messageBytes(body));
  }

  /** Books the end of an attempt that was lost on the way. */
  dropped(cell: number, body: EncodedBody): void {
    this.#land(cell, DROPPED, messageBytes(body));
  }

  /** Books the end of an attempt that was cut after `sent` bytes. */
  cut(cell: number, body: EncodedBody, sent: Bytes): void {
    const bytes = messageBytes(body);
    assert(sent >= 0 && sent <= bytes, `a cut charges 0 to ${bytes} bytes, not ${sent}`);
    this.#add(cell, IN_FLIGHT, -1);
    this.#add(cell, CUT, 1);
    this.#add(cell, IN_FLIGHT + BYTES, -bytes);
    this.#add(cell, CUT + BYTES, sent);
    this.#add(cell, SENT + BYTES, sent - bytes);
    this.#add(cell, UNSENT_BYTES, bytes - sent);
    this.#addParts(cell, partsOf(body, bytes), -1);
    this.#addParts(cell, partsOf(body, sent), 1);
  }

  /** Counts a delivered message that came too late to be used. */
  ignored(key: CellKey): void {
    const cell = this.#cells.find(key);
    assert(
      cell >= 0 && this.#at(cell, IGNORED) < this.#at(cell, DELIVERED),
      `${this.#name(key)}: more messages ignored than were delivered`,
    );
    this.#add(cell, IGNORED, 1);
  }

  /** Sums over all cells, in O(1). */
  totals(): LedgerTotals {
    const total = this.#totals;
    return {
      messages: {
        sent: total[SENT]!,
        delivered: total[DELIVERED]!,
        dropped: total[DROPPED]!,
        cut: total[CUT]!,
        inFlight: total[IN_FLIGHT]!,
        ignored: total[IGNORED]!,
        retried: total[RETRIED]!,
      },
      bytes: {
        sent: total[SENT + BYTES]!,
        delivered: total[DELIVERED + BYTES]!,
        dropped: total[DROPPED + BYTES]!,
        cut: total[CUT + BYTES]!,
        inFlight: total[IN_FLIGHT + BYTES]!,
        unsent: total[UNSENT_BYTES]!,
      },
      parts: {
        values: total[VALUES]!,
        index: total[INDEX]!,
        header: total[HEADER]!,
        framing: total[FRAMING]!,
      },
    };
  }

  /** One row for each cell, by type (in the order of the types' table), from, to and round. */
  *rows(): Generator<TrafficRow> {
    for (const cell of this.#cells.sorted()) {
      const { type, from, to, round } = this.#cells.key(cell);
      const at = (column: number): number => this.#at(cell, column);
      yield {
        type: this.#types[type]!,
        from,
        to,
        round,
        sent_messages: at(SENT),
        delivered_messages: at(DELIVERED),
        dropped_messages: at(DROPPED),
        cut_messages: at(CUT),
        in_flight_messages: at(IN_FLIGHT),
        ignored_messages: at(IGNORED),
        retried_messages: at(RETRIED),
        sent_bytes: at(SENT + BYTES),
        delivered_bytes: at(DELIVERED + BYTES),
        dropped_bytes: at(DROPPED + BYTES),
        cut_bytes: at(CUT + BYTES),
        in_flight_bytes: at(IN_FLIGHT + BYTES),
        unsent_bytes: at(UNSENT_BYTES),
        values_bytes: at(VALUES),
        index_bytes: at(INDEX),
        header_bytes: at(HEADER),
        framing_bytes: at(FRAMING),
      };
    }
  }

  /**
   * Asserts that every cell and the totals are conserved, and that what the ledger has in flight is what the
   * transport has under way, cell by cell. O(cells + live).
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
      const start = cell * WIDTH;
      const row = this.#numbers.subarray(start, start + WIDTH);
      const where = (): string => this.#name(this.#cells.key(cell));
      auditConservation(row, where);
      auditLive(row[IN_FLIGHT]!, messages[cell]!, 'messages', where);
      auditLive(row[IN_FLIGHT + BYTES]!, bytes[cell]!, 'bytes', where);
      for (let column = 0; column < WIDTH; column++) sums[column]! += row[column]!;
    }
    for (let column = 0; column < WIDTH; column++) {
      assert(
        sums[column] === this.#totals[column],
        `audit: column ${column} sums to ${sums[column]}, the total says ${this.#totals[column]}`,
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
    auditLive(this.#totals[IN_FLIGHT]!, messages, 'messages', where);
    auditLive(this.#totals[IN_FLIGHT + BYTES]!, bytes, 'bytes', where);
  }

  save(): LedgerState {
    return { cells: this.#cells.save(), numbers: this.#numbers.slice(0, this.#cells.length * WIDTH) };
  }

  load(state: LedgerState): void {
    this.#cells.load(state.cells);
    this.#numbers = new Float64Array(Math.max(64 * WIDTH, state.numbers.length));
    this.#numbers.set(state.numbers);
    this.#totals.fill(0);
    for (let i = 0; i < state.numbers.length; i++) this.#totals[i % WIDTH]! += state.numbers[i]!;
  }

  #land(cell: number, outcome: number, bytes: Bytes): void {
    this.#add(cell, IN_FLIGHT, -1);
    this.#add(cell, outcome, 1);
    this.#add(cell, IN_FLIGHT + BYTES, -bytes);
    this.#add(cell, outcome + BYTES, bytes);
  }

  #addParts(cell: number, parts: PartBytes, sign: 1 | -1): void {
    this.#add(cell, VALUES, sign * parts.values);
    this.#add(cell, INDEX, sign * parts.index);
    this.#add(cell, HEADER, sign * parts.header);
    this.#add(cell, FRAMING, sign * parts.framing);
  }

  #add(cell: number, column: number, amount: number): void {
    this.#numbers[cell * WIDTH + column]! += amount;
    this.#totals[column]! += amount;
  }

  #at(cell: number, column: number): number {
    return this.#numbers[cell * WIDTH + column]!;
  }

  #name(key: CellKey): string {
    return `${this.#types[key.type] ?? `type ${key.type}`}, link ${key.from}>${key.to}, round ${key.round}`;
  }

  #grow(): void {
    const numbers = new Float64Array(2 * this.#numbers.length);
    numbers.set(this.#numbers);
    this.#numbers = numbers;
  }
}

function auditConservation(row: Float64Array, where: () => string): void {
  for (const shift of [0, BYTES]) {
    const unit = shift === 0 ? 'messages' : 'bytes';
    const ends =
      row[DELIVERED + shift]! + row[DROPPED + shift]! + row[CUT + shift]! + row[IN_FLIGHT + shift]!;
    const sent = row[SENT + shift]!;
    if (sent !== ends)
      assert(false, `audit: ${where()}: ${sent} ${unit} sent, ${ends} delivered, dropped, cut or in flight`);
  }
  const parts = row[VALUES]! + row[INDEX]! + row[HEADER]! + row[FRAMING]!;
  const sent = row[SENT + BYTES]!;
  if (sent !== parts) assert(false, `audit: ${where()}: ${sent} bytes sent, their parts sum to ${parts}`);
  for (const number of row) if (!(number >= 0)) assert(false, `audit: ${where()}: a count of ${number}`);
}

function auditLive(booked: number, live: number, unit: string, where: () => string): void {
  if (booked !== live)
    assert(false, `audit: ${where()}: ${booked} ${unit} booked as in flight, ${live} under way`);
}

/**
 * The ledger: what was sent, of which type, over which link, in which round of its sender, and what became of it.
 * Its unit is one attempt. In every cell, in messages and in bytes,
 *
 *     sent = delivered + dropped + cut + in flight        and        sent bytes = values + index + header + framing
 *
 * A message that waits in a queue is in flight. A cut attempt is charged what was sent of it; the rest of its bytes
 * was never sent, and stands in a column of its own.
 *
 * A run that counts more cells than fit lays those aside of which no message is in flight (`archive.ts`).
 */
import { assert } from '../errors.js';
import type { Bytes } from '../units.js';
import type { EncodedBody } from '../wire/codec.js';
import { Archive, type ArchivedRow, type ArchiveState, type ByteStore } from './archive.js';
import { addAcks, addAttempt, addCut, addEnd, type End } from './booking.js';
import { CellCounts } from './cell-counts.js';
import { type CellKey, CellTable, type CellTableState } from './cells.js';
import type { Framing } from './framing.js';
import { messageBytes, partsOfPrefix, sizeOf } from './parts.js';
import {
  auditConservation,
  auditLive,
  BYTES,
  type LedgerTotals,
  MESSAGES,
  nameOf,
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
  /** What was laid aside; undefined where nothing was. */
  readonly archive: ArchiveState | undefined;
}

/** Where a ledger lays cells aside. */
export interface LedgerArchive {
  readonly store: ByteStore;
  /** Number of cells in memory from which on some are laid aside. */
  readonly cells: number;
}

/** An attempt that is under way, as the network reports it; `bytes` is its whole size. */
export interface LiveAttempt extends CellKey {
  readonly bytes: Bytes;
}

/** What stands in place of a message type in rows of acknowledgements, whose type is one more than the last. */
const ACKS = 'acknowledgements';

/** Counts attempts and bytes. Booking an attempt or its outcome takes O(1). */
export class Ledger {
  readonly #types: readonly string[];
  #cells = new CellTable();
  #counts = new CellCounts();
  readonly #totals = new Float64Array(WIDTH);
  readonly #archive: Archive | undefined;
  readonly #framing: Framing | undefined;
  /** Number of cells from which on some are laid aside. */
  #most: number;

  /**
   * `types`: names of the message types, by index. Without `archive`, all cells stay in memory; without `framing`, there are no
   * packets.
   */
  constructor(types: readonly string[], archive?: LedgerArchive, framing?: Framing) {
    this.#types = types;
    this.#framing = framing;
    this.#archive = archive && new Archive(archive.store);
    this.#most = archive?.cells ?? Number.POSITIVE_INFINITY;
  }

  /** Whether cells are to be laid aside before the next attempt. */
  get isFull(): boolean {
    return this.#cells.length >= this.#most;
  }

  /**
   * Lays aside all cells without a message in flight. The others get new numbers: the function that is returned gives the new
   * one for an old one. O(cells · log cells).
   */
  layAside(): (cell: number) => number {
    const [before, counts] = [this.#cells, this.#counts];
    const isLive = (cell: number) => counts.row(cell)[MESSAGES.inFlight]! > 0;
    this.#archive!.add(this.#sorted((cell) => !isLive(cell)));
    this.#cells = new CellTable();
    this.#counts = new CellCounts();
    const places = new Map<number, number>();
    for (let cell = 0; cell < before.length; cell++) {
      if (!isLive(cell)) continue;
      const place = this.#cells.cell(before.key(cell));
      this.#counts.add(place);
      this.#counts.set(place, counts.row(cell).slice());
      places.set(cell, place);
    }
    // Where most cells are live, there is nothing to be gained before there are many more.
    this.#most = Math.max(this.#most, 2 * this.#cells.length);
    return (cell) => places.get(cell)!;
  }

  /** Books an attempt as sent and in flight; returns the cell in which its outcome is to be booked. */
  attempt(key: CellKey, body: EncodedBody, retry: boolean): number {
    if (!(key.type >= 0 && key.type < this.#types.length)) {
      assert(false, `the ledger has no message type ${key.type}`);
    }
    const size = sizeOf(body, this.#framing);
    const cell = this.#newCell(key);
    this.#counts.attempt(cell, size, retry);
    addAttempt(this.#totals, size, retry);
    return cell;
  }

  /** Books the end of an attempt that arrived. */
  delivered(cell: number, body: EncodedBody): void {
    this.#end(cell, body, 'delivered');
  }

  /** Books the end of an attempt that was lost on the way. */
  dropped(cell: number, body: EncodedBody): void {
    this.#end(cell, body, 'dropped');
  }

  /** Books the end of an attempt that was cut after `sent` bytes. */
  cut(cell: number, body: EncodedBody, sent: Bytes): void {
    const size = sizeOf(body, this.#framing);
    assert(sent >= 0 && sent <= size.bytes, `a cut charges 0 to ${size.bytes} bytes, not ${sent}`);
    const gone = { bytes: sent, ...partsOfPrefix(body, sent, this.#framing) };
    this.#counts.cut(cell, size, gone);
    addCut(this.#totals, size, gone);
  }

  /** Books the acknowledgements of a delivered message, in a row of their own from its receiver to its sender. */
  acknowledged({ from, to, round }: CellKey, body: EncodedBody): void {
    const bytes = this.#framing?.ofAcks(messageBytes(body)) ?? 0;
    if (bytes === 0) return;
    this.#counts.acks(this.#newCell({ type: this.#types.length, from: to, to: from, round }), bytes);
    addAcks(this.#totals, bytes);
  }

  /** Counts a delivered message that came too late to be used. */
  ignored(key: CellKey): void {
    const known = this.#cells.find(key);
    const row = known < 0 ? undefined : this.#counts.row(known);
    // The delivery may have been laid aside: then the rows are compared when they are added up.
    const isCovered =
      row && row[MESSAGES.ignored]! < row[MESSAGES.delivered]! ? true : this.#archive?.isEmpty === false;
    assert(isCovered, `${this.#name(key)}: more messages ignored than were delivered`);
    this.#counts.ignored(known < 0 ? this.#newCell(key) : known);
    this.#totals[MESSAGES.ignored]! += 1;
  }

  /** Sums over all cells, in O(1). */
  totals(): LedgerTotals {
    return totalsOf(this.#totals);
  }

  /** One row for each cell, by type (in the order of the types' table), from, to and round. */
  *rows(): Generator<TrafficRow> {
    const own = this.#sorted(() => true);
    for (const { key, numbers } of this.#archive ? this.#archive.merged(own) : own)
      yield rowOf(this.#types[key.type] ?? ACKS, key, numbers);
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
    const sums = this.#archive?.sums.slice() ?? new Float64Array(WIDTH);
    for (let cell = 0; cell < length; cell++) {
      const row = this.#counts.row(cell);
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

  /** Cells in full; of those that were laid aside, where they are. */
  save(): LedgerState {
    const numbers = new Float64Array(this.#cells.length * WIDTH);
    for (let cell = 0; cell < this.#cells.length; cell++) {
      numbers.set(this.#counts.row(cell), cell * WIDTH);
    }
    const archive = this.#archive?.isEmpty === false ? this.#archive.save() : undefined;
    return { cells: this.#cells.save(), numbers, archive };
  }

  load(state: LedgerState): void {
    this.#cells.load(state.cells);
    this.#counts = new CellCounts();
    this.#totals.fill(0);
    if (state.archive) {
      assert(this.#archive, 'expected the store that the saved ledger has laid cells aside in');
      this.#archive.load(state.archive);
      this.#totals.set(state.archive.sums);
    }
    for (let cell = 0; cell < this.#cells.length; cell++) {
      this.#counts.add(cell);
      const row = state.numbers.slice(cell * WIDTH, (cell + 1) * WIDTH);
      this.#counts.set(cell, row);
      for (let column = 0; column < WIDTH; column++) this.#totals[column]! += row[column]!;
    }
  }

  /** The cell of a key, with room for its numbers. */
  #newCell(key: CellKey): number {
    const cell = this.#cells.cell(key);
    this.#counts.add(cell);
    return cell;
  }

  /** Cells by type, from, to and round. A row is valid until the next one. */
  *#sorted(isWanted: (cell: number) => boolean): Generator<ArchivedRow> {
    for (const cell of this.#cells.sorted())
      if (isWanted(cell)) yield { key: this.#cells.key(cell), numbers: this.#counts.row(cell) };
  }

  #end(cell: number, body: EncodedBody, end: End): void {
    const size = sizeOf(body, this.#framing);
    this.#counts.end(cell, size, end);
    addEnd(this.#totals, size, end);
  }

  #name(key: CellKey): string {
    return `${this.#types[key.type] ?? ACKS}, link ${key.from}>${key.to}, round ${key.round}`;
  }
}

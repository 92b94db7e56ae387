/** The columns of the ledger: their order in memory, in rows and in totals, and the laws between them. */
import { assert } from '../errors.js';
import type { Bytes, Round } from '../units.js';
import type { CellKey } from './cells.js';
import type { PartBytes } from './message.js';

// Columns of a cell: messages first, bytes from SENT + BYTES on.
/** Attempts. */
export const SENT = 0;
/** Attempts that arrived. */
export const DELIVERED = 1;
/** Attempts lost on the way. */
export const DROPPED = 2;
/** Attempts cut by a node that went down. */
export const CUT = 3;
/** Attempts under way, queued ones included. */
export const IN_FLIGHT = 4;
/** Delivered too late to be used. */
export const IGNORED = 5;
/** Attempts that repeat an earlier one. */
export const RETRIED = 6;
/** From a column of messages to its column of bytes, for sent … in flight. */
export const BYTES = 7;
/** Bytes of cut attempts that were never sent. */
export const UNSENT_BYTES = 12;
/** Part `values` of the bytes sent. */
export const VALUES = 13;
/** Part `index` of the bytes sent. */
export const INDEX = 14;
/** Part `header` of the bytes sent. */
export const HEADER = 15;
/** Part `framing` of the bytes sent. */
export const FRAMING = 16;
/** Number of columns. */
export const WIDTH = 17;

/** One line of traffic.csv. Parts are of `sent_bytes`; `ignored` and `retried` messages are counted in others too. */
export interface TrafficRow {
  readonly type: string;
  readonly from: number;
  readonly to: number;
  readonly round: Round;
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

/** The sums over all cells, from a row of columns. */
export function totalsOf(total: Float64Array): LedgerTotals {
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

/** One line of traffic.csv from a cell's key and columns. */
export function rowOf(type: string, key: CellKey, row: Float64Array): TrafficRow {
  return {
    type,
    from: key.from,
    to: key.to,
    round: key.round,
    sent_messages: row[SENT]!,
    delivered_messages: row[DELIVERED]!,
    dropped_messages: row[DROPPED]!,
    cut_messages: row[CUT]!,
    in_flight_messages: row[IN_FLIGHT]!,
    ignored_messages: row[IGNORED]!,
    retried_messages: row[RETRIED]!,
    sent_bytes: row[SENT + BYTES]!,
    delivered_bytes: row[DELIVERED + BYTES]!,
    dropped_bytes: row[DROPPED + BYTES]!,
    cut_bytes: row[CUT + BYTES]!,
    in_flight_bytes: row[IN_FLIGHT + BYTES]!,
    unsent_bytes: row[UNSENT_BYTES]!,
    values_bytes: row[VALUES]!,
    index_bytes: row[INDEX]!,
    header_bytes: row[HEADER]!,
    framing_bytes: row[FRAMING]!,
  };
}

/** Asserts that sent is the sum of the outcomes and of the parts, and that nothing is negative. */
export function auditConservation(row: Float64Array, where: () => string): void {
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

/** Asserts that what is booked as in flight is under way. */
export function auditLive(booked: number, live: number, unit: string, where: () => string): void {
  if (booked !== live)
    assert(false, `audit: ${where()}: ${booked} ${unit} booked as in flight, ${live} under way`);
}

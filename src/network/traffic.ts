/**
 * The columns of the ledger, written down once: {@link COLUMNS} is the order of the numbers of a cell in memory and of
 * the columns of traffic.csv, and says where a column stands in the totals. All else is derived from it.
 */
import { assert } from '../errors.js';
import type { Bytes, Round } from '../units.js';
import type { CellKey } from './cells.js';

/** By name in traffic.csv: the group of the totals in which a column stands, and its name there. */
const COLUMNS = {
  /** Attempts. */
  sent_messages: ['messages', 'sent'],
  /** Attempts that arrived. */
  delivered_messages: ['messages', 'delivered'],
  /** Attempts that were lost on the way. */
  dropped_messages: ['messages', 'dropped'],
  /** Attempts that were cut by a node that went down. */
  cut_messages: ['messages', 'cut'],
  /** Attempts under way, those that wait in a queue included. */
  in_flight_messages: ['messages', 'inFlight'],
  /** Attempts that were delivered too late to be used; they are counted as delivered too. */
  ignored_messages: ['messages', 'ignored'],
  /** Attempts that repeat an earlier one. */
  retried_messages: ['messages', 'retried'],
  /** Bytes of all attempts, of those that were cut only what was sent. */
  sent_bytes: ['bytes', 'sent'],
  delivered_bytes: ['bytes', 'delivered'],
  dropped_bytes: ['bytes', 'dropped'],
  cut_bytes: ['bytes', 'cut'],
  in_flight_bytes: ['bytes', 'inFlight'],
  /** Bytes of cut attempts that were never sent. */
  unsent_bytes: ['bytes', 'unsent'],
  /** Parts of the bytes sent. */
  values_bytes: ['parts', 'values'],
  index_bytes: ['parts', 'index'],
  header_bytes: ['parts', 'header'],
  framing_bytes: ['parts', 'framing'],
} as const satisfies Readonly<Record<string, readonly [group: string, name: string]>>;

type Columns = typeof COLUMNS;
type Column = keyof Columns;
type Group = Columns[Column][0];

/** What a column counts. */
type Counted<Name extends Column> = Columns[Name][0] extends 'messages' ? number : Bytes;

/** One value per column, in the groups of the totals; of type `Value`, or by default of the type of the column. */
type Grouped<Value = undefined> = {
  readonly [G in Group]: {
    readonly [Name in Column as Columns[Name][0] extends G
      ? Columns[Name][1]
      : never]: Value extends undefined ? Counted<Name> : Value;
  };
};

/**
 * Sums over all cells: attempts and bytes by outcome, and the bytes sent by part. Messages under
 * `ignored` are under `delivered` too; those under `retried` repeat an earlier attempt.
 * @public
 */
export type LedgerTotals = Grouped;

/** Bytes by part, of one attempt or of a sum. @public */
export type PartBytes = LedgerTotals['parts'];

/** One line of traffic.csv: type, link and round of the sender, and the numbers of that cell. @public */
export type TrafficRow = {
  readonly type: string;
  readonly from: number;
  readonly to: number;
  readonly round: Round;
} & { readonly [Name in Column]: Counted<Name> };

const NAMES = Object.keys(COLUMNS) as Column[];

/** Header line of traffic.csv. */
export const TRAFFIC_COLUMNS: readonly (keyof TrafficRow)[] = ['type', 'from', 'to', 'round', ...NAMES];

/** Number of columns of a cell. */
export const WIDTH = NAMES.length;

function grouped<Value>(valueAt: (place: number) => Value): Grouped<Value> {
  const groups: Record<Group, Record<string, Value>> = { messages: {}, bytes: {}, parts: {} };
  for (const [place, [group, name]] of Object.values(COLUMNS).entries()) groups[group][name] = valueAt(place);
  return groups as unknown as Grouped<Value>;
}

/** The place of each column in a cell. */
export const { messages: MESSAGES, bytes: BYTES, parts: PARTS } = grouped((place) => place);

/** Name of the column at a place. */
export function nameOf(place: number): string {
  return NAMES[place]!;
}

/** The sums over all cells, from the numbers of a cell. */
export function totalsOf(numbers: Float64Array): LedgerTotals {
  return grouped((place) => numbers[place]!);
}

const EMPTY_ROW: Readonly<Record<string, string | number>> = {
  ...{ type: '', from: 0, to: 0, round: 0 },
  ...Object.fromEntries(NAMES.map((name) => [name, 0])),
};

/** One line of traffic.csv from a cell's key and numbers. */
export function rowOf(type: string, { from, to, round }: CellKey, numbers: Float64Array): TrafficRow {
  // A copy of a row has its shape, which is much faster than to add column after column.
  const row: Record<string, string | number> = { ...EMPTY_ROW, type, from, to, round };
  for (const [place, name] of NAMES.entries()) row[name] = numbers[place]!;
  return row as unknown as TrafficRow;
}

const ENDS = ['delivered', 'dropped', 'cut', 'inFlight'] as const;
const SUMS = [
  { unit: 'messages', whole: MESSAGES.sent, ends: ENDS.map((end) => MESSAGES[end]) },
  { unit: 'bytes', whole: BYTES.sent, ends: ENDS.map((end) => BYTES[end]) },
];
const PART_PLACES = Object.values(PARTS);

/** Asserts that sent is the sum of the outcomes and of the parts, and that nothing is negative. */
export function auditConservation(numbers: Float64Array, where: () => string): void {
  for (const { unit, whole, ends } of SUMS) {
    const sent = numbers[whole]!;
    const sum = sumAt(numbers, ends);
    if (sent !== sum)
      assert(
        false,
        `audit: ${where()}: expected sent = delivered + dropped + cut + in flight, got ${sent} = ${sum} ${unit}`,
      );
  }
  const sent = numbers[BYTES.sent]!;
  const parts = sumAt(numbers, PART_PLACES);
  if (sent !== parts)
    assert(false, `audit: ${where()}: expected the parts to sum to the ${sent} bytes sent, got ${parts}`);
  for (let column = 0; column < WIDTH; column++) {
    if (!(numbers[column]! >= 0))
      assert(false, `audit: ${where()}: expected counts of at least 0, got ${numbers[column]}`);
  }
}

/** Asserts that the ledger has in flight exactly what is under way. */
export function auditLive(booked: number, live: number, unit: string, where: () => string): void {
  if (booked !== live)
    assert(false, `audit: ${where()}: ${booked} ${unit} booked as in flight, ${live} under way`);
}

function sumAt(numbers: Float64Array, places: readonly number[]): number {
  let sum = 0;
  for (const place of places) sum += numbers[place]!;
  return sum;
}

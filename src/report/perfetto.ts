/**
 * A trace for Perfetto (https://ui.perfetto.dev): packets of its protobuf format, with the numbers of their fields in
 * `perfetto/protos/perfetto/trace/trace_packet.proto`, `track_event.proto` and `track_descriptor.proto`.
 */
import { PbfWriter } from 'pbf';
import type { Nanoseconds } from '../units.js';

/** A line of the picture. */
export interface Track {
  readonly id: number;
  readonly name: string;
  /** The track that it stands below. */
  readonly parent?: number;
  /** Of a track of numbers: their unit. */
  readonly unit?: string;
}

/** Something on a track, from a time to a time. Slices of one track do not overlap. */
export interface Slice {
  readonly track: number;
  readonly name: string;
  readonly start: Nanoseconds;
  readonly end: Nanoseconds;
  /** The arrow that begins here. */
  readonly flow?: number;
  readonly facts?: Readonly<Record<string, number | string>>;
}

/** Something on a track at one time. */
export interface Instant {
  readonly track: number;
  readonly name: string;
  readonly at: Nanoseconds;
  /** The arrow that ends here. */
  readonly flow?: number;
}

/** A number on a track from now on. */
export interface Count {
  readonly track: number;
  readonly at: Nanoseconds;
  readonly value: number;
}

/** All that a trace shows. */
interface TraceContent {
  readonly tracks: readonly Track[];
  readonly slices: readonly Slice[];
  readonly instants: readonly Instant[];
  readonly counts: readonly Count[];
}

const PACKET = 1;
const TIMESTAMP = 8;
const SEQUENCE = 10;
const EVENT = 11;
const DESCRIPTOR = 60;

const TYPE = { begin: 1, end: 2, instant: 3, counter: 4 } as const;

/** At one time, slices end before others begin. */
const ORDER = { end: 0, counter: 1, instant: 2, begin: 3 } as const;

interface Event {
  readonly at: Nanoseconds;
  readonly type: keyof typeof TYPE;
  readonly track: number;
  readonly name?: string;
  readonly value?: number;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly facts?: Slice['facts'];
}

/** The bytes of a trace. */
export function formatPerfetto({ tracks, slices, instants, counts }: TraceContent): Uint8Array {
  const events: Event[] = [
    ...slices.flatMap(({ start, end, track, name, flow, facts }): Event[] => [
      { at: start, type: 'begin', track, name, from: flow, facts },
      { at: end, type: 'end', track },
    ]),
    ...instants.map(({ at, track, name, flow }): Event => ({ at, type: 'instant', track, name, to: flow })),
    ...counts.map((count): Event => ({ ...count, type: 'counter' })),
  ];
  events.sort((a, b) => a.at - b.at || ORDER[a.type] - ORDER[b.type]);
  const pbf = new PbfWriter();
  for (const track of tracks) pbf.writeMessage(PACKET, writeTrack, track);
  for (const event of events) pbf.writeMessage(PACKET, writeEvent, event);
  return pbf.finish();
}

function writeTrack(track: Track, pbf: PbfWriter): void {
  pbf.writeVarintField(SEQUENCE, 1);
  pbf.writeMessage(DESCRIPTOR, writeDescriptor, track);
}

function writeDescriptor({ id, name, parent, unit }: Track, pbf: PbfWriter): void {
  pbf.writeVarintField(1, id);
  pbf.writeStringField(2, name);
  if (parent !== undefined) pbf.writeVarintField(5, parent);
  if (unit !== undefined) pbf.writeMessage(8, (text, counter) => counter.writeStringField(6, text), unit);
  // Tracks stand in the order of their ids, not by name.
  pbf.writeVarintField(11, 3);
  pbf.writeVarintField(12, id);
}

function writeEvent(event: Event, pbf: PbfWriter): void {
  pbf.writeVarintField(TIMESTAMP, event.at);
  pbf.writeVarintField(SEQUENCE, 1);
  pbf.writeMessage(EVENT, writeTrackEvent, event);
}

function writeTrackEvent({ type, track, name, value, from, to, facts }: Event, pbf: PbfWriter): void {
  for (const [key, fact] of Object.entries(facts ?? {})) pbf.writeMessage(4, writeFact, [key, fact] as const);
  pbf.writeVarintField(9, TYPE[type]);
  pbf.writeVarintField(11, track);
  if (name !== undefined) pbf.writeStringField(23, name);
  if (value !== undefined) pbf.writeDoubleField(44, value);
  if (from !== undefined) pbf.writeFixed64Field(47, from);
  if (to !== undefined) pbf.writeFixed64Field(48, to);
}

function writeFact([key, fact]: readonly [string, number | string], pbf: PbfWriter): void {
  if (typeof fact === 'string') pbf.writeStringField(6, fact);
  else pbf.writeDoubleField(5, fact);
  pbf.writeStringField(10, key);
}

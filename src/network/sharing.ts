/** What moves bytes: an attempt on its way, and the ways in which attempts share links. */
import type { EventId } from '../kernel/kernel.js';
import type { BitsPerSecond, Bytes, Nanoseconds } from '../units.js';
import type { Delivered } from './message.js';

/** "Not yet" for times, "none" for events. */
export const NONE = -1;

/**
 * One attempt at a message, from the moment it is handed to the network until it is delivered, dropped or cut.
 * Plain data.
 */
export interface Attempt {
  /** Numbers the attempts of a run in the order in which they were made. */
  readonly id: number;
  readonly message: Delivered;
  /** 1 for the first attempt at the message. */
  readonly tries: number;
  /** Header and body. */
  readonly bytes: Bytes;
  /** Where the ledger books it. */
  readonly cell: number;
  readonly latency: Nanoseconds;
  /** Whether it will be found dropped on arrival. */
  readonly lost: boolean;
  /** When its first byte left the uplink; {@link NONE} while it is queued. */
  startedAt: Nanoseconds;
  /** When its last byte left or leaves the uplink; {@link NONE} while that is not settled. */
  leftAt: Nanoseconds;
  /** The event of its next change that concerns this attempt alone, or {@link NONE}. */
  event: EventId;
}

/** Bandwidths by node; Infinity for unlimited. */
export interface Capacities {
  readonly uplink: readonly BitsPerSecond[];
  readonly downlink: readonly BitsPerSecond[];
}

/** Bandwidth sharing: decides when each attempt arrives. */
export interface Sharing<State = unknown> {
  /** Takes over an attempt; it will be handed to `arrive` of the setup. */
  start(attempt: Attempt): void;
  /** Called when an attempt has arrived, before anything else happens to it. */
  arrived(attempt: Attempt): void;
  /** Takes attempts out, at whatever point of the way; calls `gone` for each with the bytes that had left its uplink. */
  cut(attempts: readonly Attempt[], gone: (attempt: Attempt, sent: Bytes) => void): void;
  /** Busy time of a node's links until now. An unlimited link is never busy. */
  busy(node: number): { readonly uplink: Nanoseconds; readonly downlink: Nanoseconds };
  /** Plain data; attempts by id. */
  save(): State;
  /** `attempts` are those that were under way, by id. */
  load(state: State, attempts: ReadonlyMap<number, Attempt>): void;
}

/** Whether the last byte has left the uplink at `now`. */
export function hasLeft(attempt: Attempt, now: Nanoseconds): boolean {
  return attempt.leftAt !== NONE && attempt.leftAt <= now;
}

/** Ends of transfers come before anything else at an instant: who goes down at that instant no longer cuts them. */
export const ENDS_PRIORITY = 16;
/** New rates come after everything else, so that all flows that start or end at an instant are one update. */
export const RATES_PRIORITY = 240;

/** What a sharing discipline is, and the attempts whose arrival it decides. */
import type { EventId, Kernel } from '../../kernel/kernel.js';
import type { Entry } from '../../options/index.js';
import type { BitsPerSecond, Bytes, Nanoseconds } from '../../units.js';
import type { NetworkMessage } from '../message.js';
import type { Pace } from '../transports/index.js';
import type { SharedLinks } from '../zones.js';

/** Stands for a time that is not known yet, and for an event that does not exist. */
export const NONE = -1;

/**
 * One attempt at a message, from the moment it is handed to the network until it is delivered, dropped or cut. From then on
 * the object stands for another attempt: nobody may keep it longer.
 * @public
 */
export interface Attempt {
  /** Numbers the attempts of a run in the order in which they were made. */
  readonly id: number;
  readonly message: NetworkMessage;
  /** 1 for the first attempt at the message. */
  readonly tries: number;
  /** Header and body, and what its packets have besides. */
  readonly bytes: Bytes;
  /** Where the ledger books it. */
  cell: number;
  readonly latency: Nanoseconds;
  /** Whether it will be dropped; that is booked when it would have arrived. */
  readonly lost: boolean;
  /** When its first byte left the uplink; {@link NONE} while it is queued. */
  startedAt: Nanoseconds;
  /** When its last byte left or leaves the uplink; {@link NONE} while that is not known. */
  leftAt: Nanoseconds;
  /** The next event that concerns this attempt alone, or {@link NONE}. */
  event: EventId;
}

/** Attempts under way, by id. @public */
export type AttemptsById = Pick<ReadonlyMap<number, Attempt>, 'get'>;

/** Bandwidths by node; Infinity where a link is unlimited. @public */
export interface Capacities {
  readonly uplink: readonly BitsPerSecond[];
  readonly downlink: readonly BitsPerSecond[];
}

/** A link of a node whose bandwidth is another from now on; 0 where it carries nothing. @public */
export interface CapacityChange {
  readonly node: number;
  readonly link: 'uplink' | 'downlink';
  readonly bandwidth: BitsPerSecond;
}

/**
 * How attempts share uplinks and downlinks in one run: it decides when each attempt arrives.
 *
 * It sets an attempt's `startedAt` when the first byte leaves the uplink, and `leftAt` as soon as it is known when the
 * last byte leaves it; the network reads them when a node goes down. All other state of a discipline is private to it.
 * @public
 */
export interface Sharing<State = unknown> {
  /** Takes over an attempt. It must be handed to `arrive` once, unless it is cut. */
  start(attempt: Attempt): void;
  /** Called when an attempt has arrived, before anything else happens to it. */
  arrived(attempt: Attempt): void;
  /**
   * Removes attempts, however far they have come: cancels their events, and calls `gone` for each with the number of
   * bytes that had left its uplink.
   */
  cut(attempts: readonly Attempt[], gone: (attempt: Attempt, sent: Bytes) => void): void;
  /**
   * From now on a link has that bandwidth, whole bits per second from 0 to 9 · 10¹²: what is under way goes on at the new one,
   * and stands still at 0. A link that is unlimited stays so. A discipline without this method has constant links.
   */
  setCapacity?(change: CapacityChange): void;
  /**
   * The same for a link that nodes share, by its number: the uplinks of the zones from 0 on, their downlinks, the core. A
   * discipline without this method has constant shared links.
   */
  setSharedCapacity?(link: number, bandwidth: BitsPerSecond): void;
  /** Busy time of a node's links until now. An unlimited link is never busy. */
  busy(node: number): { readonly uplink: Nanoseconds; readonly downlink: Nanoseconds };
  /** Plain data; attempts by their ids. */
  save(): State;
  /** Goes on from what `save` returned. `attempts` are those that were under way, by id. */
  load(state: State, attempts: AttemptsById): void;
}

/** The part of the kernel that a sharing discipline needs. @public */
export type SharingKernel = Pick<Kernel, 'now' | 'kind' | 'schedule' | 'cancel'>;

/** What a sharing discipline works with. @public */
export interface SharingParts {
  readonly kernel: SharingKernel;
  readonly capacities: Capacities;
  /** Links of zones, and the core; all unlimited, unless the entry has `sharedLinks`. */
  readonly shared: SharedLinks;
  /** What the transport lets an attempt send, and when; undefined where only links limit, always so unless the entry has `transports`. */
  readonly pace?: ((attempt: Attempt) => Pace | undefined) | undefined;
  /** The attempts under way, by id. */
  readonly attempts: AttemptsById;
  /** Schedules the arrival of an attempt, and makes that event the attempt's `event`. */
  readonly arrive: (attempt: Attempt, time: Nanoseconds) => void;
}

/** A sharing discipline. @public */
export interface SharingEntry<Options> extends Entry<Options> {
  /** Whether it knows zones and a core. Without it, a scenario that has them is refused. @defaultValue `false` */
  readonly sharedLinks?: boolean;
  /** Whether it keeps to the pace of a transport. Without it, a scenario that has one is refused. @defaultValue `false` */
  readonly transports?: boolean;
  /** Makes it ready for one run; registers the kinds of event that it uses, each under a name that no other has. */
  create(options: Options, parts: SharingParts): Sharing;
}

/** Any sharing discipline, for lists. @public */
// biome-ignore lint/suspicious/noExplicitAny: entries of one list differ in their options.
export type AnySharing = SharingEntry<any>;

/** Whether the last byte of an attempt has left the uplink at `now`. */
export function hasLeft(attempt: Attempt, now: Nanoseconds): boolean {
  return attempt.leftAt !== NONE && attempt.leftAt <= now;
}

/** Transfers end before anything else of an instant: a node that goes down at that instant does not cut them. */
export const ENDS_PRIORITY = 16;
/** Rates change after everything else of an instant, so that one update serves all flows that start or end then. */
export const RATES_PRIORITY = 240;

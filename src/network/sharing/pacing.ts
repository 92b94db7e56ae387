/** Flows that a transport holds back: what they may not send yet, and the rounds in which they may send more. */
import type { EventId, EventKind } from '../../kernel/kernel.js';
import type { BitsPerSecond, Nanoseconds } from '../../units.js';
import type { Pace } from '../transports/index.js';
import { type Attempt, NONE, type SharingKernel } from './sharing.js';

/** A flow that is held back, as plain data. */
export interface SavedPace {
  /** The next round, from 0; that after the last window has all the rest. */
  readonly next: number;
  /** Bits that it may not send yet. */
  readonly withheld: number;
  /** The event at which the next round begins, or {@link NONE}. */
  readonly event: EventId;
  /** Most that it may be sent with at present; 0 while it waits for a round. */
  readonly limit: BitsPerSecond;
}

/** The same under way. */
interface Paced extends SavedPace {
  readonly attempt: number;
  readonly pace: Pace;
  next: number;
  withheld: number;
  event: EventId;
  limit: BitsPerSecond;
}

/** The paces of flows, by slot. */
export class Pacing {
  readonly #kernel: SharingKernel;
  readonly #rounds: EventKind;
  readonly #paced: (Paced | undefined)[] = [];
  /** Slots by the ids of attempts. */
  readonly #slots = new Map<number, number>();

  /** `onRound` is called when a round of the flow in a slot begins. */
  constructor(kernel: SharingKernel, onRound: (slot: number) => void) {
    this.#kernel = kernel;
    this.#rounds = kernel.kind('flow-round', ({ payload: id }) => onRound(this.#slots.get(id)!));
  }

  /** Holds a flow back until its first round. */
  begin(slot: number, attempt: Attempt, pace: Pace): void {
    const paced = { attempt: attempt.id, pace, next: 0, withheld: 8 * attempt.bytes, event: NONE, limit: 0 };
    this.#put(slot, paced);
    this.#await(paced, pace.delay);
  }

  /** A round begins: what may be sent from now on beside what was left. The next round is scheduled where there is one. */
  release(slot: number): number {
    const paced = this.#paced[slot]!;
    const { pace } = paced;
    const bytes = pace.windows[paced.next++];
    const released = bytes === undefined ? paced.withheld : Math.min(8 * bytes, paced.withheld);
    paced.withheld -= released;
    paced.event = NONE;
    paced.limit = bytes === undefined ? pace.limit : Number.POSITIVE_INFINITY;
    if (paced.withheld > 0) this.#await(paced, pace.round);
    return released;
  }

  /** What a flow may send has been sent. Returns whether it waits for more; then it may send nothing. */
  stalls(slot: number): boolean {
    const paced = this.#paced[slot];
    if (paced === undefined || paced.withheld === 0) return false;
    paced.limit = 0;
    return true;
  }

  /** Most that a flow may be sent with. */
  limit(slot: number): BitsPerSecond {
    return this.#paced[slot]?.limit ?? Number.POSITIVE_INFINITY;
  }

  /** Bits that a flow may not send yet. */
  withheld(slot: number): number {
    return this.#paced[slot]?.withheld ?? 0;
  }

  /** Forgets a flow that has ended or was cut. */
  end(slot: number): void {
    const paced = this.#paced[slot];
    if (paced === undefined) return;
    if (paced.event !== NONE) this.#kernel.cancel(paced.event);
    this.#slots.delete(paced.attempt);
    this.#paced[slot] = undefined;
  }

  save(slot: number): SavedPace | undefined {
    const paced = this.#paced[slot];
    if (paced === undefined) return undefined;
    const { next, withheld, event, limit } = paced;
    return { next, withheld, event, limit };
  }

  load(slot: number, attempt: Attempt, pace: Pace, saved: SavedPace): void {
    this.#put(slot, { attempt: attempt.id, pace, ...saved });
  }

  clear(): void {
    this.#paced.length = 0;
    this.#slots.clear();
  }

  #put(slot: number, paced: Paced): void {
    this.#paced[slot] = paced;
    this.#slots.set(paced.attempt, slot);
  }

  /** The next round of a flow begins after a time, unless that is beyond the range of times. */
  #await(paced: Paced, time: Nanoseconds): void {
    const at = this.#kernel.now + time;
    if (at > Number.MAX_SAFE_INTEGER) return;
    paced.event = this.#kernel.schedule({ time: at, kind: this.#rounds, target: 0, payload: paced.attempt });
  }
}

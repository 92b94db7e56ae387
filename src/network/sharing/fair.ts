/**
 * `fair`: transfers share uplinks and downlinks max-min fairly; rates change whenever a transfer starts or ends.
 *
 * The rates are those of {@link MaxMin}; its resources are {@link Links}. A flow
 * keeps how much of it was left when its rate last changed, so it makes no difference how often it is looked at;
 * its end is rounded up to the nanosecond. A flow that would end beyond the range of times at its present rate has no end
 * until its rate changes.
 */
import { z } from 'zod';
import { assert } from '../../errors.js';
import type { EventId, EventKind } from '../../kernel/kernel.js';
import type { BitsPerSecond, Bytes, Nanoseconds } from '../../units.js';
import { type BusyState, BusyTime } from './busy.js';
import { Links } from './links.js';
import { MaxMin } from './maxmin.js';
import { Pacing, type SavedPace } from './pacing.js';
import { Remainders, type SavedRemainder } from './remainders.js';
import {
  type Attempt,
  type AttemptsById,
  type CapacityChange,
  ENDS_PRIORITY,
  hasLeft,
  NONE,
  RATES_PRIORITY,
  type Sharing,
  type SharingEntry,
  type SharingKernel,
  type SharingParts,
} from './sharing.js';
import { SlotQueue } from './slot-queue.js';

const UNLIMITED = Number.POSITIVE_INFINITY;
/** The end of a flow that ends beyond the range of times at its present rate, or has no rate. */
const NEVER = Number.POSITIVE_INFINITY;

/** A flow as plain data. */
interface SavedFlow extends SavedRemainder {
  readonly attempt: number;
  readonly rate: BitsPerSecond;
  readonly end: Nanoseconds;
  /** Only where a transport holds it back. */
  readonly paced?: SavedPace;
}

/** The flows as plain data, by id. */
interface FairState {
  readonly flows: readonly SavedFlow[];
  /** By resource, bits per second. */
  readonly capacity: Float64Array;
  /** Whether rates have become so small that they are computed in the finer unit. */
  readonly isFine: boolean;
  readonly updateDue: boolean;
  readonly endEvent: EventId;
  readonly endTime: Nanoseconds;
  readonly busy: BusyState;
}

const options = z.strictObject({});

/** Max-min fair sharing. */
export const fair: SharingEntry<z.output<typeof options>> = {
  id: 'fair',
  description: 'transfers share links max-min fairly',
  options,
  sharedLinks: true,
  transports: true,
  create: (_options, parts) => new FairSharing(parts),
};

class FairSharing implements Sharing<FairState> {
  readonly #kernel: SharingKernel;
  readonly #links: Links;
  readonly #arrive: (attempt: Attempt, time: Nanoseconds) => void;
  readonly #flowEnds: EventKind;
  readonly #flowRates: EventKind;
  #solver: MaxMin;
  readonly #ends = new SlotQueue();
  readonly #busy: BusyTime;

  /** By slot: the attempt of the flow, or undefined where the slot is free. */
  readonly #attempts: (Attempt | undefined)[] = [];
  readonly #free: number[] = [];
  readonly #rest = new Remainders();
  readonly #pace: SharingParts['pace'];
  readonly #pacing: Pacing | undefined;

  #updateDue = false;
  /** The event at which the next flow ends. */
  #endEvent: EventId = NONE;
  #endTime: Nanoseconds = NEVER;

  constructor({ kernel, capacities, shared, arrive, pace }: SharingParts) {
    this.#kernel = kernel;
    this.#links = new Links(capacities, shared);
    this.#arrive = arrive;
    this.#flowEnds = kernel.kind('flow-ends', () => this.#onEnds());
    this.#flowRates = kernel.kind('flow-rates', () => this.#onRates());
    this.#pace = pace;
    this.#pacing = pace && new Pacing(kernel, (slot) => this.#onRound(slot));
    // Limits are no whole bits per second.
    this.#solver = this.#newSolver(pace !== undefined);
    this.#busy = new BusyTime(this.#links.ofNodes);
  }

  start(attempt: Attempt): void {
    const now = this.#kernel.now;
    const path = this.#path(attempt);
    const pace = this.#pace?.(attempt);
    attempt.startedAt = pace === undefined ? now : NONE;
    if (path.length === 0 && pace === undefined) {
      attempt.leftAt = now;
      this.#arrive(attempt, now + attempt.latency);
      return;
    }
    const slot = this.#enter(attempt, path, 0);
    this.#rest.set(slot, { bits: pace === undefined ? 8 * attempt.bytes : 0, nanobits: 0, since: now });
    if (pace !== undefined) {
      this.#pacing!.begin(slot, attempt, pace);
      this.#solver.setLimit(slot, 0);
    }
    for (const link of path) if (link < this.#links.ofNodes) this.#busy.begin(link, now);
    this.#requestUpdate();
  }

  arrived(): void {
    // The attempt gave up its shares of both links when its last byte was sent.
  }

  cut(attempts: readonly Attempt[], gone: (attempt: Attempt, sent: Bytes) => void): void {
    const slots = new Map(this.#attempts.map((attempt, slot) => [attempt, slot]));
    for (const attempt of attempts) {
      if (attempt.event !== NONE) this.#kernel.cancel(attempt.event);
      if (hasLeft(attempt, this.#kernel.now)) {
        gone(attempt, attempt.bytes);
        continue;
      }
      const slot = slots.get(attempt)!;
      this.#bringForward(slot);
      const sent = this.#rest.bytesGone(slot, attempt.bytes, this.#pacing?.withheld(slot) ?? 0);
      this.#leave(attempt, slot);
      gone(attempt, sent);
    }
  }

  setCapacity({ node, link, bandwidth }: CapacityChange): void {
    this.#setCapacityOf(this.#links.number(node, link), bandwidth);
  }

  setSharedCapacity(link: number, bandwidth: BitsPerSecond): void {
    this.#setCapacityOf(this.#links.ofNodes + link, bandwidth);
  }

  busy(node: number): { uplink: Nanoseconds; downlink: Nanoseconds } {
    const now = this.#kernel.now;
    const at = (link: 'uplink' | 'downlink') => this.#busy.at(this.#links.number(node, link), now);
    return { uplink: at('uplink'), downlink: at('downlink') };
  }

  save(): FairState {
    const flows = this.#flows().map(({ attempt, slot }) => ({
      attempt: attempt.id,
      rate: this.#solver.rate(slot),
      ...this.#rest.get(slot),
      end: this.#solver.rate(slot) > 0 ? this.#ends.keyOf(slot) : NEVER,
      ...savedPace(this.#pacing?.save(slot)),
    }));
    return {
      flows,
      capacity: this.#links.capacity.slice(),
      isFine: this.#solver.isFine,
      updateDue: this.#updateDue,
      endEvent: this.#endEvent,
      endTime: this.#endTime,
      busy: this.#busy.save(),
    };
  }

  load(state: FairState, attempts: AttemptsById): void {
    this.#links.capacity.set(state.capacity);
    this.#solver = this.#newSolver(state.isFine);
    this.#pacing?.clear();
    this.#ends.clear();
    this.#attempts.length = 0;
    this.#free.length = 0;
    // The solver needs no more than flows and rates: its next update starts from there, and comes to the same rates.
    for (const flow of state.flows) {
      const attempt = attempts.get(flow.attempt)!;
      const slot = this.#enter(attempt, this.#path(attempt), flow.rate);
      const { bits, nanobits, since, paced } = flow;
      this.#rest.set(slot, { bits, nanobits, since });
      if (paced !== undefined) {
        this.#pacing!.load(slot, attempt, this.#pace!(attempt)!, paced);
        this.#solver.setLimit(slot, paced.limit);
      }
      if (flow.rate > 0) this.#ends.set(slot, flow.end, flow.attempt);
    }
    this.#updateDue = state.updateDue;
    this.#endEvent = state.endEvent;
    this.#endTime = state.endTime;
    this.#busy.load(state.busy);
  }

  #setCapacityOf(resource: number, bandwidth: BitsPerSecond): void {
    const { capacity } = this.#links;
    if (capacity[resource] === bandwidth) return;
    assert(capacity[resource] !== UNLIMITED && bandwidth !== UNLIMITED, 'an unlimited link stays so');
    capacity[resource] = bandwidth;
    this.#solver.setCapacity(resource, bandwidth);
    this.#requestUpdate();
  }

  #newSolver(fine: boolean): MaxMin {
    return new MaxMin(this.#links.capacity, { width: this.#links.width, fine });
  }

  /** The limited links of an attempt. The list is good until the next call. */
  #path({ message: { from, to } }: Attempt): readonly number[] {
    return this.#links.path(from, to);
  }

  /** The flows under way, in the order in which their attempts were made. */
  #flows(): { readonly attempt: Attempt; readonly slot: number }[] {
    return this.#attempts
      .flatMap((attempt, slot) => (attempt === undefined ? [] : [{ attempt, slot }]))
      .sort((a, b) => a.attempt.id - b.attempt.id);
  }

  /** Gives an attempt a slot and its place in the solver. */
  #enter(attempt: Attempt, path: readonly number[], rate: BitsPerSecond): number {
    const slot = this.#free.pop() ?? this.#attempts.length;
    this.#attempts[slot] = attempt;
    this.#solver.add(slot, path, rate);
    return slot;
  }

  #leave(attempt: Attempt, slot: number): void {
    const now = this.#kernel.now;
    this.#solver.remove(slot);
    this.#pacing?.end(slot);
    this.#ends.remove(slot);
    this.#attempts[slot] = undefined;
    this.#free.push(slot);
    for (const link of this.#path(attempt)) if (link < this.#links.ofNodes) this.#busy.end(link, now);
    this.#requestUpdate();
  }

  #requestUpdate(): void {
    if (this.#updateDue) return;
    this.#updateDue = true;
    this.#kernel.schedule({
      time: this.#kernel.now,
      kind: this.#flowRates,
      target: 0,
      priority: RATES_PRIORITY,
    });
  }

  #onRates(): void {
    this.#updateDue = false;
    this.#solver.update((slot, rate) => {
      this.#bringForward(slot);
      this.#setEnd(slot, rate);
    });
    this.#scheduleEnds();
  }

  /** When a flow ends at that rate, or has sent what it may. */
  #setEnd(slot: number, rate: BitsPerSecond): void {
    const end = this.#kernel.now + this.#rest.timeLeft(slot, rate);
    this.#ends.set(slot, end <= Number.MAX_SAFE_INTEGER ? end : NEVER, this.#attempts[slot]!.id);
  }

  /** A flow that was held back may send more. */
  #onRound(slot: number): void {
    const attempt = this.#attempts[slot]!;
    const pacing = this.#pacing!;
    if (attempt.startedAt === NONE) attempt.startedAt = this.#kernel.now;
    this.#bringForward(slot);
    const before = pacing.limit(slot);
    this.#rest.add(slot, pacing.release(slot));
    if (pacing.limit(slot) !== before) this.#solver.setLimit(slot, pacing.limit(slot));
    this.#setEnd(slot, this.#solver.rate(slot));
    this.#requestUpdate();
  }

  #onEnds(): void {
    const now = this.#kernel.now;
    this.#endEvent = NONE;
    this.#endTime = NEVER;
    while (this.#ends.least === now) {
      const slot = this.#ends.first;
      const attempt = this.#attempts[slot]!;
      if (this.#pacing?.stalls(slot)) {
        this.#rest.set(slot, { bits: 0, nanobits: 0, since: now });
        this.#ends.remove(slot);
        this.#solver.setLimit(slot, 0);
        this.#requestUpdate();
        continue;
      }
      this.#leave(attempt, slot);
      attempt.leftAt = now;
      this.#arrive(attempt, now + attempt.latency);
    }
  }

  #scheduleEnds(): void {
    const end = this.#ends.least;
    if (end === this.#endTime) return;
    if (this.#endEvent !== NONE) this.#kernel.cancel(this.#endEvent);
    this.#endTime = end;
    this.#endEvent =
      end === NEVER
        ? NONE
        : this.#kernel.schedule({ time: end, kind: this.#flowEnds, target: 0, priority: ENDS_PRIORITY });
  }

  /** Subtracts what was sent since the rate last changed. */
  #bringForward(slot: number): void {
    this.#rest.bringForward(slot, this.#solver.rate(slot), this.#kernel.now);
  }
}

function savedPace(paced: SavedPace | undefined): Pick<SavedFlow, 'paced'> {
  return paced === undefined ? {} : { paced };
}

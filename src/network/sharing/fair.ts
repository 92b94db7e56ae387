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
import { grownFloat64 } from '../../grown.js';
import type { EventId, EventKind } from '../../kernel/kernel.js';
import type { BitsPerSecond, Bytes, Nanoseconds } from '../../units.js';
import { bytesGone, carry, timeToSend } from './arithmetic.js';
import { type BusyState, BusyTime } from './busy.js';
import { Links } from './links.js';
import { MaxMin } from './maxmin.js';
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
interface SavedFlow {
  readonly attempt: number;
  readonly rate: BitsPerSecond;
  readonly bits: number;
  readonly nanobits: number;
  readonly since: Nanoseconds;
  readonly end: Nanoseconds;
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
  /** By slot: what was left when the rate last changed, and when that was. */
  #rest = { bits: new Float64Array(64), nanobits: new Float64Array(64) };
  #since = new Float64Array(64);

  #updateDue = false;
  /** The event at which the next flow ends. */
  #endEvent: EventId = NONE;
  #endTime: Nanoseconds = NEVER;

  constructor({ kernel, capacities, shared, arrive }: SharingParts) {
    this.#kernel = kernel;
    this.#links = new Links(capacities, shared);
    this.#arrive = arrive;
    this.#flowEnds = kernel.kind('flow-ends', () => this.#onEnds());
    this.#flowRates = kernel.kind('flow-rates', () => this.#onRates());
    this.#solver = new MaxMin(this.#links.capacity, { width: this.#links.width });
    this.#busy = new BusyTime(this.#links.ofNodes);
  }

  start(attempt: Attempt): void {
    const now = this.#kernel.now;
    attempt.startedAt = now;
    const path = this.#path(attempt);
    if (path.length === 0) {
      attempt.leftAt = now;
      this.#arrive(attempt, now + attempt.latency);
      return;
    }
    const slot = this.#enter(attempt, path, 0);
    this.#rest.bits[slot] = 8 * attempt.bytes;
    this.#rest.nanobits[slot] = 0;
    this.#since[slot] = now;
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
      const sent = bytesGone(attempt.bytes, this.#rest.bits[slot]!, this.#rest.nanobits[slot]!);
      this.#leave(attempt, slot);
      gone(attempt, sent);
    }
  }

  setCapacity({ node, link, bandwidth }: CapacityChange): void {
    const { capacity } = this.#links;
    const resource = this.#links.number(node, link);
    if (capacity[resource] === bandwidth) return;
    assert(capacity[resource] !== UNLIMITED && bandwidth !== UNLIMITED, 'an unlimited link stays so');
    capacity[resource] = bandwidth;
    this.#solver.setCapacity(resource, bandwidth);
    this.#requestUpdate();
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
      bits: this.#rest.bits[slot]!,
      nanobits: this.#rest.nanobits[slot]!,
      since: this.#since[slot]!,
      end: this.#solver.rate(slot) > 0 ? this.#ends.keyOf(slot) : NEVER,
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
    const { capacity, width } = this.#links;
    capacity.set(state.capacity);
    this.#solver = new MaxMin(capacity, { width, fine: state.isFine });
    this.#ends.clear();
    this.#attempts.length = 0;
    this.#free.length = 0;
    // The solver needs no more than flows and rates: its next update starts from there, and comes to the same rates.
    for (const flow of state.flows) {
      const attempt = attempts.get(flow.attempt)!;
      const slot = this.#enter(attempt, this.#path(attempt), flow.rate);
      this.#rest.bits[slot] = flow.bits;
      this.#rest.nanobits[slot] = flow.nanobits;
      this.#since[slot] = flow.since;
      if (flow.rate > 0) this.#ends.set(slot, flow.end, flow.attempt);
    }
    this.#updateDue = state.updateDue;
    this.#endEvent = state.endEvent;
    this.#endTime = state.endTime;
    this.#busy.load(state.busy);
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
    if (slot >= this.#since.length) this.#grow();
    this.#attempts[slot] = attempt;
    this.#solver.add(slot, path, rate);
    return slot;
  }

  #leave(attempt: Attempt, slot: number): void {
    const now = this.#kernel.now;
    this.#solver.remove(slot);
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
    const now = this.#kernel.now;
    this.#updateDue = false;
    this.#solver.update((slot, rate) => {
      this.#bringForward(slot);
      const time = timeToSend(this.#rest.bits[slot]!, rate, this.#rest.nanobits[slot]!);
      const end = now + time;
      this.#ends.set(slot, end <= Number.MAX_SAFE_INTEGER ? end : NEVER, this.#attempts[slot]!.id);
    });
    this.#scheduleEnds();
  }

  #onEnds(): void {
    const now = this.#kernel.now;
    this.#endEvent = NONE;
    this.#endTime = NEVER;
    while (this.#ends.least === now) {
      const slot = this.#ends.first;
      const attempt = this.#attempts[slot]!;
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
    const now = this.#kernel.now;
    carry(this.#rest, slot, this.#solver.rate(slot), now - this.#since[slot]!);
    this.#since[slot] = now;
  }

  #grow(): void {
    const length = 2 * this.#since.length;
    this.#rest = {
      bits: grownFloat64(this.#rest.bits, length),
      nanobits: grownFloat64(this.#rest.nanobits, length),
    };
    this.#since = grownFloat64(this.#since, length);
  }
}

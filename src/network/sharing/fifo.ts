/**
 * `fifo`: an uplink sends one message at a time, in the order in which the node sent them; a downlink receives
 * one message at a time, in the order in which their first bytes arrive. Cut-through: a downlink starts on a message
 * when its first byte arrives, and ends no earlier than its last byte arrives. An unlimited link serves all at once. Where a
 * bandwidth changes, the message that is being served goes on at the new one; none starts on a link without any. What would
 * arrive beyond the range of times at the present bandwidths has no arrival until they change.
 */
import { z } from 'zod';
import { assert } from '../../errors.js';
import type { EventId, EventKind } from '../../kernel/kernel.js';
import type { Bytes, Nanoseconds } from '../../units.js';
import { type BusyState, BusyTime } from './busy.js';
import { NEVER, type ServiceState, Services } from './service.js';
import {
  type Attempt,
  type AttemptsById,
  type Capacities,
  type CapacityChange,
  ENDS_PRIORITY,
  hasLeft,
  NONE,
  type Sharing,
  type SharingEntry,
  type SharingKernel,
  type SharingParts,
} from './sharing.js';

/** The queues as plain data: attempts by id. */
interface FifoState {
  readonly uplinks: readonly (readonly number[])[];
  readonly downlinks: readonly (readonly number[])[];
  readonly uplinkEvents: readonly EventId[];
  readonly uplinkServices: ServiceState;
  readonly downlinkServices: ServiceState;
  readonly busyUplinks: BusyState;
  readonly busyDownlinks: BusyState;
}

const options = z.strictObject({});

/** First in, first out, at both ends. */
export const fifo: SharingEntry<z.output<typeof options>> = {
  id: 'fifo',
  description: 'a link serves one message at a time',
  options,
  create: (_options, parts) => new FifoSharing(parts),
};

class FifoSharing implements Sharing<FifoState> {
  readonly #kernel: SharingKernel;
  readonly #capacities: Capacities;
  readonly #attempts: AttemptsById;
  readonly #arrive: (attempt: Attempt, time: Nanoseconds) => void;
  readonly #uplinkFree: EventKind;
  readonly #firstByte: EventKind;
  /** By node; the first of a queue is being served. Unlimited links have none. */
  #uplinks: Attempt[][];
  #downlinks: Attempt[][];
  /** The event at which the uplink's present message has left. */
  #uplinkEvents: EventId[];
  /** By node, the message that its downlink serves. */
  #served: (Attempt | undefined)[];
  readonly #uplinkServices: Services;
  readonly #downlinkServices: Services;
  readonly #busyUplinks: BusyTime;
  readonly #busyDownlinks: BusyTime;

  constructor({ kernel, capacities, attempts, arrive }: SharingParts) {
    const nodes = capacities.uplink.length;
    this.#kernel = kernel;
    this.#capacities = capacities;
    this.#attempts = attempts;
    this.#arrive = arrive;
    this.#uplinkFree = kernel.kind('uplink-free', (event) => this.#onUplinkFree(event.target));
    this.#firstByte = kernel.kind('first-byte', (event) => this.#onFirstByte(event.payload));
    this.#uplinks = Array.from({ length: nodes }, () => []);
    this.#downlinks = Array.from({ length: nodes }, () => []);
    this.#uplinkEvents = new Array<EventId>(nodes).fill(NONE);
    this.#served = new Array<Attempt | undefined>(nodes).fill(undefined);
    this.#uplinkServices = new Services(capacities.uplink);
    this.#downlinkServices = new Services(capacities.downlink);
    this.#busyUplinks = new BusyTime(nodes);
    this.#busyDownlinks = new BusyTime(nodes);
  }

  start(attempt: Attempt): void {
    const { from } = attempt.message;
    if (this.#capacities.uplink[from] === Number.POSITIVE_INFINITY) {
      this.#transmit(attempt);
      return;
    }
    const queue = this.#uplinks[from]!;
    queue.push(attempt);
    if (queue.length === 1) this.#transmit(attempt);
  }

  arrived(attempt: Attempt): void {
    const { to } = attempt.message;
    if (this.#capacities.downlink[to] === Number.POSITIVE_INFINITY) return;
    const queue = this.#downlinks[to]!;
    if (queue[0] !== attempt) {
      assert(false, `a message arrived at node ${to} that its downlink was not serving`);
    }
    queue.shift();
    this.#served[to] = undefined;
    this.#busyDownlinks.end(to, this.#kernel.now);
    this.#serve(to);
  }

  cut(attempts: readonly Attempt[], gone: (attempt: Attempt, sent: Bytes) => void): void {
    const uplinks = new Set<number>();
    const downlinks = new Set<number>();
    for (const attempt of attempts) {
      if (attempt.event !== NONE) this.#kernel.cancel(attempt.event);
      const sent = this.#bytesGone(attempt);
      if (this.#leaveUplink(attempt)) uplinks.add(attempt.message.from);
      if (this.#leaveDownlink(attempt)) downlinks.add(attempt.message.to);
      gone(attempt, sent);
    }
    // The next attempts of the queues start only now, when all cut attempts are out of them.
    for (const node of uplinks) this.#transmitNext(node);
    for (const node of downlinks) this.#serve(node);
  }

  setCapacity({ node, link, bandwidth }: CapacityChange): void {
    const services = link === 'uplink' ? this.#uplinkServices : this.#downlinkServices;
    assert(
      services.rate(node) !== Number.POSITIVE_INFINITY && bandwidth !== Number.POSITIVE_INFINITY,
      'an unlimited link stays so',
    );
    services.change(node, bandwidth, this.#kernel.now);
    if (link === 'downlink') {
      const served = this.#served[node];
      if (served !== undefined) this.#expect(served);
      return;
    }
    const sending = this.#uplinks[node]![0];
    if (sending === undefined) return;
    if (sending.startedAt === NONE) this.#transmit(sending);
    else this.#sendOn(sending);
  }

  busy(node: number): { uplink: Nanoseconds; downlink: Nanoseconds } {
    const now = this.#kernel.now;
    return { uplink: this.#busyUplinks.at(node, now), downlink: this.#busyDownlinks.at(node, now) };
  }

  save(): FifoState {
    return {
      uplinks: this.#uplinks.map((queue) => queue.map((attempt) => attempt.id)),
      downlinks: this.#downlinks.map((queue) => queue.map((attempt) => attempt.id)),
      uplinkEvents: [...this.#uplinkEvents],
      uplinkServices: this.#uplinkServices.save(),
      downlinkServices: this.#downlinkServices.save(),
      busyUplinks: this.#busyUplinks.save(),
      busyDownlinks: this.#busyDownlinks.save(),
    };
  }

  load(state: FifoState, attempts: AttemptsById): void {
    const queueOf = (ids: readonly number[]): Attempt[] => ids.map((id) => attempts.get(id)!);
    this.#uplinks = state.uplinks.map(queueOf);
    this.#downlinks = state.downlinks.map(queueOf);
    this.#uplinkEvents = [...state.uplinkEvents];
    this.#served = this.#downlinks.map((queue) => queue[0]);
    this.#uplinkServices.load(state.uplinkServices);
    this.#downlinkServices.load(state.downlinkServices);
    this.#busyUplinks.load(state.busyUplinks);
    this.#busyDownlinks.load(state.busyDownlinks);
  }

  /** The first byte leaves now, unless the uplink has no bandwidth: then it waits for some. */
  #transmit(attempt: Attempt): void {
    const { from, to } = attempt.message;
    const now = this.#kernel.now;
    const bandwidth = this.#uplinkServices.rate(from);
    if (bandwidth === 0) return;
    attempt.startedAt = now;
    if (bandwidth === Number.POSITIVE_INFINITY) attempt.leftAt = now;
    else {
      this.#busyUplinks.begin(from, now);
      this.#uplinkServices.begin(from, attempt.bytes, now);
      this.#scheduleEnd(attempt);
    }
    if (this.#capacities.downlink[to] === Number.POSITIVE_INFINITY) {
      this.#expect(attempt);
      return;
    }
    attempt.event = this.#kernel.schedule({
      time: now + attempt.latency,
      kind: this.#firstByte,
      target: to,
      payload: attempt.id,
    });
  }

  /** Schedules when the last byte of what an uplink sends leaves it. */
  #scheduleEnd(attempt: Attempt): void {
    const { from } = attempt.message;
    const end = this.#uplinkServices.end(from);
    attempt.leftAt = end === NEVER ? NONE : end;
    this.#uplinkEvents[from] =
      end === NEVER
        ? NONE
        : this.#kernel.schedule({
            time: end,
            kind: this.#uplinkFree,
            target: from,
            priority: ENDS_PRIORITY,
          });
  }

  /** The bandwidth of the uplink that sends an attempt has changed. */
  #sendOn(attempt: Attempt): void {
    const { from, to } = attempt.message;
    if (this.#uplinkEvents[from] !== NONE) this.#kernel.cancel(this.#uplinkEvents[from]!);
    this.#scheduleEnd(attempt);
    const isUnlimited = this.#capacities.downlink[to] === Number.POSITIVE_INFINITY;
    if (isUnlimited || this.#served[to] === attempt) this.#expect(attempt);
  }

  /** Schedules the arrival of an attempt at the downlink that serves it, in place of any earlier one; none beyond the range of times. */
  #expect(attempt: Attempt): void {
    const { to } = attempt.message;
    if (attempt.event !== NONE) this.#kernel.cancel(attempt.event);
    attempt.event = NONE;
    const isUnlimited = this.#capacities.downlink[to] === Number.POSITIVE_INFINITY;
    const received = isUnlimited ? 0 : this.#downlinkServices.end(to);
    if (attempt.leftAt === NONE || received === NEVER) return;
    const time = Math.max(received, attempt.leftAt + attempt.latency);
    if (time <= Number.MAX_SAFE_INTEGER) this.#arrive(attempt, time);
  }

  #onUplinkFree(node: number): void {
    this.#uplinks[node]!.shift();
    this.#uplinkEvents[node] = NONE;
    this.#busyUplinks.end(node, this.#kernel.now);
    this.#transmitNext(node);
  }

  #transmitNext(node: number): void {
    const next = this.#uplinks[node]![0];
    if (next !== undefined) this.#transmit(next);
  }

  #onFirstByte(id: number): void {
    const attempt = this.#attempts.get(id)!;
    attempt.event = NONE;
    const queue = this.#downlinks[attempt.message.to]!;
    queue.push(attempt);
    if (queue.length === 1) this.#serve(attempt.message.to);
  }

  /** The downlink starts on the first message of its queue, if there is one. */
  #serve(node: number): void {
    const attempt = this.#downlinks[node]![0];
    if (attempt === undefined) return;
    const now = this.#kernel.now;
    this.#served[node] = attempt;
    this.#busyDownlinks.begin(node, now);
    this.#downlinkServices.begin(node, attempt.bytes, now);
    this.#expect(attempt);
  }

  #bytesGone(attempt: Attempt): Bytes {
    const now = this.#kernel.now;
    if (hasLeft(attempt, now)) return attempt.bytes;
    if (attempt.startedAt === NONE) return 0;
    return this.#uplinkServices.served(attempt.message.from, attempt.bytes, now);
  }

  /** Takes an attempt out of its uplink's queue. Returns whether that has made the uplink free. */
  #leaveUplink(attempt: Attempt): boolean {
    const { from } = attempt.message;
    const queue = this.#uplinks[from]!;
    const place = queue.indexOf(attempt);
    if (place < 0) return false;
    queue.splice(place, 1);
    if (attempt.startedAt === NONE) return false;
    if (this.#uplinkEvents[from] !== NONE) this.#kernel.cancel(this.#uplinkEvents[from]!);
    this.#uplinkEvents[from] = NONE;
    this.#busyUplinks.end(from, this.#kernel.now);
    return true;
  }

  /** Takes an attempt out of its downlink's queue. Returns whether that has made the downlink free. */
  #leaveDownlink(attempt: Attempt): boolean {
    const { to } = attempt.message;
    const queue = this.#downlinks[to]!;
    const place = queue.indexOf(attempt);
    if (place < 0) return false;
    queue.splice(place, 1);
    if (this.#served[to] !== attempt) return false;
    this.#served[to] = undefined;
    this.#busyDownlinks.end(to, this.#kernel.now);
    return true;
  }
}

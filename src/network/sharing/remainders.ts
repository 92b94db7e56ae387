/** What is left of flows: brought forward when their rates change, and to the last nanobit where these are whole. */
import { grownFloat64 } from '../../grown.js';
import type { BitsPerSecond, Bytes, Nanoseconds } from '../../units.js';
import { bytesGone, carry, timeToSend } from './arithmetic.js';

/** What is left of a flow, and when that was, as plain data. */
export interface SavedRemainder {
  readonly bits: number;
  readonly nanobits: number;
  readonly since: Nanoseconds;
}

/** Remainders of flows, by slot. */
export class Remainders {
  #rest = { bits: new Float64Array(64), nanobits: new Float64Array(64) };
  #since = new Float64Array(64);

  set(slot: number, { bits, nanobits, since }: SavedRemainder): void {
    if (slot >= this.#since.length) this.#grow();
    this.#rest.bits[slot] = bits;
    this.#rest.nanobits[slot] = nanobits;
    this.#since[slot] = since;
  }

  get(slot: number): SavedRemainder {
    const { bits, nanobits } = this.#rest;
    return { bits: bits[slot]!, nanobits: nanobits[slot]!, since: this.#since[slot]! };
  }

  add(slot: number, bits: number): void {
    this.#rest.bits[slot]! += bits;
  }

  /** Subtracts what was sent at `rate` since the last time. */
  bringForward(slot: number, rate: BitsPerSecond, now: Nanoseconds): void {
    const time = now - this.#since[slot]!;
    if (time > 0) carry(this.#rest, slot, rate, time);
    this.#since[slot] = now;
  }

  /** How long the rest takes at a rate. */
  timeLeft(slot: number, rate: BitsPerSecond): Nanoseconds {
    return timeToSend(this.#rest.bits[slot]!, rate, this.#rest.nanobits[slot]!);
  }

  /** Whole bytes that have left of `total`, of which `withheld` bits are in no remainder. */
  bytesGone(slot: number, total: Bytes, withheld: number): Bytes {
    return bytesGone(total, this.#rest.bits[slot]! + withheld, this.#rest.nanobits[slot]!);
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

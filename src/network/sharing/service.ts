/** How far links that serve one message at a time have come, at bandwidths that may change. */
import type { BitsPerSecond, Bytes, Nanoseconds } from '../../units.js';
import { bytesGone, carry, timeToSend } from './arithmetic.js';

/** Stands for the end of a service that does not come at the present bandwidth. */
export const NEVER = Number.POSITIVE_INFINITY;

/** Services as plain data; each array has one entry per link. */
export interface ServiceState {
  readonly rates: Float64Array;
  readonly bits: Float64Array;
  readonly nanobits: Float64Array;
  readonly since: Float64Array;
}

/** The services of several links, which are numbered from 0. A link that serves nothing has any remainder. */
export class Services {
  /** Bits per second; Infinity: unlimited. */
  readonly #rates: Float64Array;
  /** What was left when the bandwidth last changed, and when that was. */
  readonly #rest: { readonly bits: Float64Array; readonly nanobits: Float64Array };
  readonly #since: Float64Array;

  constructor(rates: readonly BitsPerSecond[]) {
    this.#rates = Float64Array.from(rates);
    this.#rest = { bits: new Float64Array(rates.length), nanobits: new Float64Array(rates.length) };
    this.#since = new Float64Array(rates.length);
  }

  rate(link: number): BitsPerSecond {
    return this.#rates[link]!;
  }

  /** A link starts on a message. */
  begin(link: number, bytes: Bytes, now: Nanoseconds): void {
    this.#rest.bits[link] = 8 * bytes;
    this.#rest.nanobits[link] = 0;
    this.#since[link] = now;
  }

  /** From now on a link has that bandwidth. */
  change(link: number, rate: BitsPerSecond, now: Nanoseconds): void {
    this.#bringForward(link, now);
    this.#rates[link] = rate;
  }

  /** When a link will be done with its message at the present bandwidth, or {@link NEVER}, also beyond the range of times. */
  end(link: number): Nanoseconds {
    const bits = this.#rest.bits[link]!;
    const nanobits = this.#rest.nanobits[link]!;
    const time = bits + nanobits === 0 ? 0 : timeToSend(bits, this.#rates[link]!, nanobits);
    const end = this.#since[link]! + time;
    return end <= Number.MAX_SAFE_INTEGER ? end : NEVER;
  }

  /** Whole bytes of its message that a link has served. */
  served(link: number, bytes: Bytes, now: Nanoseconds): Bytes {
    this.#bringForward(link, now);
    return bytesGone(bytes, this.#rest.bits[link]!, this.#rest.nanobits[link]!);
  }

  save(): ServiceState {
    const { bits, nanobits } = this.#rest;
    return {
      rates: this.#rates.slice(),
      bits: bits.slice(),
      nanobits: nanobits.slice(),
      since: this.#since.slice(),
    };
  }

  load(state: ServiceState): void {
    this.#rates.set(state.rates);
    this.#rest.bits.set(state.bits);
    this.#rest.nanobits.set(state.nanobits);
    this.#since.set(state.since);
  }

  #bringForward(link: number, now: Nanoseconds): void {
    const rate = this.#rates[link]!;
    if (rate === Number.POSITIVE_INFINITY) return;
    carry(this.#rest, link, rate, now - this.#since[link]!);
    this.#since[link] = now;
  }
}

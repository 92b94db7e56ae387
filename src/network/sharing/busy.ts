/** How long each link has been busy: carried at least one transfer. */
import type { Nanoseconds } from '../../units.js';

/** Busy time as plain data; each array has one entry per link. */
export interface BusyState {
  readonly active: Int32Array;
  readonly since: Float64Array;
  readonly total: Float64Array;
}

/** Busy time of several links, which are numbered from 0. */
export class BusyTime {
  #active: Int32Array;
  #since: Float64Array;
  #total: Float64Array;

  constructor(links: number) {
    this.#active = new Int32Array(links);
    this.#since = new Float64Array(links);
    this.#total = new Float64Array(links);
  }

  /** A transfer starts to use the link. */
  begin(link: number, now: Nanoseconds): void {
    if (this.#active[link]!++ === 0) this.#since[link] = now;
  }

  /** A transfer has ended or was cut. */
  end(link: number, now: Nanoseconds): void {
    if (--this.#active[link]! === 0) this.#total[link]! += now - this.#since[link]!;
  }

  /** Busy time until `now`. */
  at(link: number, now: Nanoseconds): Nanoseconds {
    return this.#total[link]! + (this.#active[link]! > 0 ? now - this.#since[link]! : 0);
  }

  save(): BusyState {
    return { active: this.#active.slice(), since: this.#since.slice(), total: this.#total.slice() };
  }

  load(state: BusyState): void {
    this.#active = state.active.slice();
    this.#since = state.since.slice();
    this.#total = state.total.slice();
  }
}

/** Ends a run that outgrows the memory while what it has measured can still be written. */
import type { Bytes } from '../units.js';

/** What a memory watch looks at. */
interface Watched {
  /** Memory that the process may use. */
  readonly limit: Bytes;
  /** Memory that it uses now. */
  readonly used: () => Bytes;
  /** Milliseconds, of any clock. */
  readonly now: () => number;
}

/** Share of the limit that a run may reach: the rest is for writing a checkpoint. */
const SHARE = 0.9;

/** Milliseconds between two looks. */
const PAUSE = 500;

/** Looks at the memory of the process when it is asked to, twice a second at most. */
export class MemoryWatch {
  readonly #watched: Watched;
  readonly #controller = new AbortController();
  #next = 0;
  /** What was used when it was too much. */
  used: Bytes | undefined;

  constructor(watched: Watched) {
    this.#watched = watched;
  }

  get limit(): Bytes {
    return this.#watched.limit;
  }

  /** Aborted when the process uses too much. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  look(): void {
    const now = this.#watched.now();
    if (now < this.#next || this.used !== undefined) return;
    this.#next = now + PAUSE;
    const used = this.#watched.used();
    if (used <= SHARE * this.limit) return;
    this.used = used;
    this.#controller.abort();
  }
}

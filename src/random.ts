/**
 * Named random streams. Each is a seedrandom `alea` generator seeded by (seed, name), made when it is first asked
 * for; names tell purpose and owner (`node 7/batches`, `link 3>9/drop`), so a new consumer never shifts another's draws.
 */
import seedrandom from 'seedrandom';
import { assert } from './errors.js';

/** The state of the `alea` generator of a stream: plain data. */
interface AleaState {
  readonly c: number;
  readonly s0: number;
  readonly s1: number;
  readonly s2: number;
}

/** The state of a stream: plain data. @public */
export interface StreamState {
  readonly generator: AleaState;
  /** The second number of the last pair of normals, which the next draw of a normal returns; null if there is none. */
  readonly spare: number | null;
}

/** One random stream. Every draw advances only this stream. @public */
export class Random {
  #next: seedrandom.StatefulPRNG<seedrandom.State.Alea>;
  #spare: number | null = null;

  constructor(seed: string, state?: StreamState) {
    this.#next = seedrandom.alea(seed, { state: state?.generator ?? true });
    if (state) this.#spare = state.spare;
  }

  /** Uniform in [0, 1), 53 bits. */
  uniform(): number {
    return this.#next.double();
  }

  /** Uniform whole number in [0, below). */
  integer(below: number): number {
    assert(
      Number.isSafeInteger(below) && below > 0,
      `integer(below) needs a whole number above 0, got ${below}`,
    );
    return Math.floor(this.#next.double() * below);
  }

  /** Standard normal, by Marsaglia's polar method (needs no sine, whose last bit depends on the engine). */
  normal(): number {
    if (this.#spare !== null) {
      const spare = this.#spare;
      this.#spare = null;
      return spare;
    }
    for (;;) {
      const u = 2 * this.#next.double() - 1;
      const v = 2 * this.#next.double() - 1;
      const square = u * u + v * v;
      if (square >= 1 || square === 0) continue;
      const factor = Math.sqrt((-2 * Math.log(square)) / square);
      this.#spare = v * factor;
      return u * factor;
    }
  }

  /** Exponential with the given mean. */
  exponential(mean: number): number {
    return -mean * Math.log(1 - this.#next.double());
  }

  /** Gamma(shape, 1), by Marsaglia and Tsang (2000); shape > 0. */
  gamma(shape: number): number {
    assert(shape > 0 && Number.isFinite(shape), `gamma(shape) needs a finite number above 0, got ${shape}`);
    if (shape < 1) return this.gamma(shape + 1) * Math.exp(Math.log(1 - this.#next.double()) / shape);
    const d = shape - 1 / 3;
    const c = 1 / Math.sqrt(9 * d);
    for (;;) {
      const x = this.normal();
      const root = 1 + c * x;
      const v = root * root * root;
      if (v > 0 && Math.log(1 - this.#next.double()) < 0.5 * x * x + d - d * v + d * Math.log(v))
        return d * v;
    }
  }

  /** Fisher–Yates, in place; returns its argument. */
  shuffle<List extends { length: number; [index: number]: number }>(list: List): List {
    for (let i = list.length - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      const swap = list[i]!;
      list[i] = list[j]!;
      list[j] = swap;
    }
    return list;
  }

  /** The present state: `new Random('', state)` continues exactly from here. */
  state(): StreamState {
    return { generator: this.#next.state(), spare: this.#spare };
  }

  /** Continues from a saved state. */
  load(state: StreamState): void {
    this.#next = seedrandom.alea('', { state: state.generator });
    this.#spare = state.spare;
  }
}

/** All streams of a run. @public */
export class Streams {
  readonly #seed: string;
  readonly #streams = new Map<string, Random>();

  constructor(seed: number | string) {
    this.#seed = String(seed);
  }

  /** A new generator at the beginning of the stream of that name. It is not kept: each call gives the same numbers. */
  fresh(name: string): Random {
    return new Random(`${this.#seed}/${name}`);
  }

  /** The stream of that name: the same object at each call. */
  stream(name: string): Random {
    let stream = this.#streams.get(name);
    if (!stream) {
      stream = this.fresh(name);
      this.#streams.set(name, stream);
    }
    return stream;
  }

  /** The states of all streams that are in use: plain data. */
  save(): Array<[string, StreamState]> {
    return [...this.#streams].map(([name, stream]) => [name, stream.state()]);
  }

  /** Continues from saved states, in the same stream objects. A stream that `saved` does not have starts anew. */
  load(saved: ReadonlyArray<readonly [string, StreamState]>): void {
    const states = new Map(saved);
    for (const [name, stream] of this.#streams) {
      if (!states.has(name)) stream.load(this.fresh(name).state());
    }
    for (const [name, state] of states) this.stream(name).load(state);
  }
}

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

// What `alea` does, in whole numbers (multiply with carry): next word = low half of MULTIPLIER × (the word three back) + carry,
// whose high half is the next carry. A word is 32 bits; `uniform` takes two of them for its 53.
const MULTIPLIER = 2_091_639;
const WORD = 2 ** 32;

/** Gets numbers that were drawn; must not change the run. */
type DrawListener = (drawn: number) => void;

/** One random stream. Every draw advances only this stream. @public */
export class Random {
  #next: seedrandom.StatefulPRNG<seedrandom.State.Alea>;
  #spare: number | null = null;
  #listener: DrawListener | undefined;

  constructor(seed: string, state?: StreamState) {
    this.#next = seedrandom.alea(seed, { state: state?.generator ?? true });
    if (state) this.#spare = state.spare;
  }

  /** Uniform in [0, 1), 53 bits. */
  uniform(): number {
    return this.#draw();
  }

  /** Uniform whole number in [0, below). */
  integer(below: number): number {
    // The message is made only where it is needed: that takes longer than the draw.
    if (!(Number.isSafeInteger(below) && below > 0)) {
      assert(false, `integer(below) needs a whole number above 0, got ${below}`);
    }
    return Math.floor(this.#draw() * below);
  }

  /** Standard normal, by Marsaglia's polar method (needs no sine, whose last bit depends on the engine). */
  normal(): number {
    if (this.#spare !== null) {
      const spare = this.#spare;
      this.#spare = null;
      return spare;
    }
    for (;;) {
      const u = 2 * this.#draw() - 1;
      const v = 2 * this.#draw() - 1;
      const square = u * u + v * v;
      if (square >= 1 || square === 0) continue;
      const factor = Math.sqrt((-2 * Math.log(square)) / square);
      this.#spare = v * factor;
      return u * factor;
    }
  }

  /** Exponential with the given mean. */
  exponential(mean: number): number {
    return -mean * Math.log(1 - this.#draw());
  }

  /** Gamma(shape, 1), by Marsaglia and Tsang (2000); shape > 0. */
  gamma(shape: number): number {
    assert(shape > 0 && Number.isFinite(shape), `gamma(shape) needs a finite number above 0, got ${shape}`);
    if (shape < 1) return this.gamma(shape + 1) * Math.exp(Math.log(1 - this.#draw()) / shape);
    const d = shape - 1 / 3;
    const c = 1 / Math.sqrt(9 * d);
    for (;;) {
      const x = this.normal();
      const root = 1 + c * x;
      const v = root * root * root;
      if (v > 0 && Math.log(1 - this.#draw()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
    }
  }

  /**
   * Fills `out` with entries of a table of 2^16, three for each draw of `uniform`: those that its first, second and third
   * 16 bits choose. The same numbers as from as many calls of `uniform`, ten times as fast. The length of `out` must be
   * divisible by 3.
   */
  pick(table: Float64Array, out: Float64Array): void {
    assert(
      table.length === 2 ** 16 && out.length % 3 === 0,
      'pick needs a table of 2^16 and room for triples',
    );
    const { generator } = this.state();
    // As int32, which is quicker: only their 32 bits matter.
    let carry = generator.c | 0;
    let first = (generator.s0 * WORD) | 0;
    let second = (generator.s1 * WORD) | 0;
    let third = (generator.s2 * WORD) | 0;
    for (let k = 0; k < out.length; k += 3) {
      let product = Math.imul(MULTIPLIER, first);
      const high = (product + carry) | 0;
      carry = (highHalf(first) + (high >>> 0 < product >>> 0 ? 1 : 0)) | 0;
      out[k] = table[high >>> 16]!;
      out[k + 1] = table[high & 0xffff]!;
      product = Math.imul(MULTIPLIER, second);
      const low = (product + carry) | 0;
      carry = (highHalf(second) + (low >>> 0 < product >>> 0 ? 1 : 0)) | 0;
      out[k + 2] = table[low >>> 16]!;
      first = third;
      second = high;
      third = low;
    }
    const fraction = (word: number): number => (word >>> 0) / WORD;
    const words = { s0: fraction(first), s1: fraction(second), s2: fraction(third) };
    this.load({ generator: { c: carry, ...words }, spare: this.#spare });
    if (out.length > 0) this.#listener?.(out[out.length - 1]!);
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

  /** `listener` gets each number that is drawn from now on; of a bulk (`pick`) the last one. */
  observe(listener: DrawListener): void {
    this.#listener = listener;
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

  #draw(): number {
    const drawn = this.#next.double();
    this.#listener?.(drawn);
    return drawn;
  }
}

/** The upper 32 bits of MULTIPLIER × a word; the product has 53 bits, so it is exact. */
function highHalf(word: number): number {
  return (MULTIPLIER * (word >>> 0) * (1 / WORD)) | 0;
}

/** All streams of a run. @public */
export class Streams {
  readonly #seed: string;
  readonly #drawn: ((name: string, number: number) => void) | undefined;
  readonly #streams = new Map<string, Random>();

  /** `drawn` gets the name of the stream and the number of each draw; it must not change the run. */
  constructor(seed: number | string, drawn?: (name: string, number: number) => void) {
    this.#seed = String(seed);
    this.#drawn = drawn;
  }

  /** A new generator at the beginning of the stream of that name. It is not kept: each call gives the same numbers. */
  fresh(name: string): Random {
    const random = new Random(`${this.#seed}/${name}`);
    const drawn = this.#drawn;
    if (drawn) random.observe((number) => drawn(name, number));
    return random;
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

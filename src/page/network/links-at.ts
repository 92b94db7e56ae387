/** Which links there are at a time, with which mixing weights. */
import type { ColumnTable } from '../data.js';
import { countUpTo } from './series.js';

/** A link that is there. */
export interface LiveLink {
  readonly from: number;
  readonly to: number;
  /** With which `to` mixes what `from` sends; NaN where none is stated. */
  readonly weight: number;
}

/** The links of a topology, moved to and fro in time. */
export class LinksAt {
  readonly #columns: {
    readonly time: Float64Array;
    readonly from: Int32Array;
    readonly to: Int32Array;
    readonly there: Uint8Array;
    readonly weight: Float64Array;
  };
  readonly #live = new Map<number, LiveLink>();
  readonly #nodes: number;
  /** Changes that are applied. */
  #applied = 0;
  /** Grows with every change. */
  version = 0;

  constructor({ columns }: ColumnTable, nodes: number) {
    this.#nodes = nodes;
    this.#columns = {
      time: columns.time_ns as Float64Array,
      from: columns.from as Int32Array,
      to: columns.to as Int32Array,
      there: columns.there as Uint8Array,
      weight: columns.weight as Float64Array,
    };
  }

  /** Moves to a time. */
  seek(time: number): this {
    const target = countUpTo(this.#columns.time, time);
    if (target === this.#applied) return this;
    if (target < this.#applied) {
      this.#live.clear();
      this.#applied = 0;
    }
    const { from, to, there, weight } = this.#columns;
    for (let change = this.#applied; change < target; change++) {
      const key = from[change]! * this.#nodes + to[change]!;
      if (there[change])
        this.#live.set(key, { from: from[change]!, to: to[change]!, weight: weight[change]! });
      else this.#live.delete(key);
    }
    this.#applied = target;
    this.version++;
    return this;
  }

  /** The links that are there. */
  get live(): Iterable<LiveLink> {
    return this.#live.values();
  }

  get count(): number {
    return this.#live.size;
  }

  /** The link; undefined where it is not there. */
  link(from: number, to: number): LiveLink | undefined {
    return this.#live.get(from * this.#nodes + to);
  }
}

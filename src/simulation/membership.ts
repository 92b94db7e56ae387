/** Which nodes take part: all, but for those that have not joined yet or have left. */
import type { Neighbors } from '../topology/neighbors.js';
import type { Round } from '../units.js';

/** By node, the first round in which it takes part. Nodes join in the order in which they are admitted. */
export class Membership {
  /** 0: from the beginning; `Infinity`: not yet; NaN: never again. */
  readonly #first: Float64Array;
  /** First rounds of nodes that have joined late, ascending, each once. */
  #joins: Round[] = [];
  /** Whether some node may not take part in some round. */
  #isWhole = true;

  constructor(nodes: number) {
    this.#first = new Float64Array(nodes);
  }

  exclude(node: number, forGood: boolean): void {
    this.#first[node] = forGood ? Number.NaN : Number.POSITIVE_INFINITY;
    this.#changed();
  }

  /** Whether the node may come in; false where it has left for good. */
  admit(node: number, round: Round): boolean {
    if (Number.isNaN(this.#first[node]!)) return false;
    this.#first[node] = round;
    this.#changed();
    return true;
  }

  /** A number of the time between two joins, in which the same nodes take part. */
  eraOf(round: Round): number {
    let era = 0;
    while (era < this.#joins.length && this.#joins[era]! <= round) era++;
    return era;
  }

  /** The links between those nodes that take part in a round. */
  within(neighbors: Neighbors, round: Round): Neighbors {
    if (this.#isWhole) return neighbors;
    const takesPart = (node: number) => this.#first[node]! <= round;
    const only = (lists: readonly Int32Array[]) =>
      lists.map((list, node) => (takesPart(node) ? list.filter(takesPart) : new Int32Array(0)));
    return { ...neighbors, in: only(neighbors.in), out: only(neighbors.out) };
  }

  /** Absent where all nodes take part from the beginning. */
  save(): Float64Array | undefined {
    return this.#isWhole ? undefined : this.#first.slice();
  }

  load(saved: ReturnType<Membership['save']>): void {
    if (saved) this.#first.set(saved);
    else this.#first.fill(0);
    this.#changed();
  }

  #changed(): void {
    const joins = new Set(this.#first.filter((round) => round > 0 && round < Number.POSITIVE_INFINITY));
    this.#joins = [...joins].sort((a, b) => a - b);
    this.#isWhole = this.#first.every((round) => round === 0);
  }
}

/** The topology as it is now: algorithms may add and remove links while they run. */
import { PluginError } from '../errors.js';
import { byNumber } from '../numbers.js';
import type { MixingRow, MixingRule } from '../topology/mixing/index.js';
import { mixingRows } from '../topology/mixing/index.js';
import type { Neighbors } from '../topology/neighbors.js';

/** Neighbour lists that change, and the mixing weights that go with them. */
export class LiveTopology {
  readonly #rule: MixingRule | undefined;
  #neighbors: { nodes: number; in: Int32Array[]; out: Int32Array[] };
  /** Mixing rows of the present topology, computed when they are first needed. */
  #rows: MixingRow[] | undefined;

  constructor(neighbors: Neighbors, rule: MixingRule | undefined) {
    this.#neighbors = { nodes: neighbors.nodes, in: [...neighbors.in], out: [...neighbors.out] };
    this.#rule = rule;
  }

  /** Lists of node i, ascending. A change makes new lists; a list that was handed out before stays as it was. */
  of(node: number): { readonly in: Int32Array; readonly out: Int32Array } {
    return { in: this.#neighbors.in[node]!, out: this.#neighbors.out[node]! };
  }

  /** The mixing weights of node i by the algorithm's rule. Asserts that the algorithm has one. */
  mixing(node: number): MixingRow {
    if (this.#rule === undefined)
      throw new PluginError(
        'expected an algorithm with a function `mixing`, which names its mixing rule, since node.mixing was read',
      );
    this.#rows ??= mixingRows(this.#neighbors, this.#rule);
    return this.#rows[node]!;
  }

  /** The weight with which `to` mixes what `from` sends; undefined without a rule. */
  weight(from: number, to: number): number | undefined {
    if (this.#rule === undefined) return undefined;
    return this.mixing(to).neighbors[this.#neighbors.in[to]!.indexOf(from)];
  }

  /** Adds the link from → to; false where it exists. */
  connect(from: number, to: number): boolean {
    if (this.#neighbors.out[from]!.includes(to)) return false;
    this.#replace(from, to, (list, node) => Int32Array.from([...list, node].sort(byNumber)));
    return true;
  }

  /** Removes the link from → to; false where there is none. */
  disconnect(from: number, to: number): boolean {
    if (!this.#neighbors.out[from]!.includes(to)) return false;
    this.#replace(from, to, (list, node) => list.filter((other) => other !== node));
    return true;
  }

  save(): { in: Int32Array[]; out: Int32Array[] } {
    return { in: [...this.#neighbors.in], out: [...this.#neighbors.out] };
  }

  load(saved: ReturnType<LiveTopology['save']>): void {
    this.#neighbors = { nodes: this.#neighbors.nodes, in: [...saved.in], out: [...saved.out] };
    this.#rows = undefined;
  }

  #replace(from: number, to: number, change: (list: Int32Array, node: number) => Int32Array): void {
    this.#neighbors.out[from] = change(this.#neighbors.out[from]!, to);
    this.#neighbors.in[to] = change(this.#neighbors.in[to]!, from);
    this.#rows = undefined;
  }
}

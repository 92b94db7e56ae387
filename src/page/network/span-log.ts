/** What nodes do over time. */
import type { ColumnTable, TextColumn } from '../data.js';

/** What a node does; `unknown` where the page has no spans of it. */
export const ACTIVITIES = ['compute', 'wait', 'down', 'unknown'] as const;
export type Activity = (typeof ACTIVITIES)[number];

/** The spans of each node, in their order. */
export class SpanLog {
  readonly start: Float64Array;
  readonly end: Float64Array;
  readonly round: Int32Array;
  readonly #kinds: Uint8Array;
  readonly #dictionary: readonly Activity[];
  /** The spans of node i are [first[i], first[i + 1]). */
  readonly #first: Int32Array;

  constructor(table: ColumnTable, nodes: number) {
    const { columns, length } = table;
    const [node, start] = [columns.node as Int32Array, columns.start_ns as Float64Array];
    const order = Array.from({ length }, (_, row) => row).sort(
      (a, b) => node[a]! - node[b]! || start[a]! - start[b]!,
    );
    const { dictionary, codes } = columns.kind as TextColumn;
    this.#dictionary = dictionary as readonly Activity[];
    this.start = Float64Array.from(order, (row) => start[row]!);
    this.end = Float64Array.from(order, (row) => (columns.end_ns as Float64Array)[row]!);
    this.round = Int32Array.from(order, (row) => (columns.round as Int32Array)[row]!);
    this.#kinds = Uint8Array.from(order, (row) => codes[row]!);
    this.#first = new Int32Array(nodes + 1);
    for (const row of order) this.#first[node[row]! + 1]! += 1;
    for (let k = 0; k < nodes; k++) this.#first[k + 1]! += this.#first[k]!;
  }

  /** Whether the page has spans of the node. */
  has(node: number): boolean {
    return this.#first[node + 1]! > this.#first[node]!;
  }

  /** The places of a node's spans. */
  of(node: number): { readonly from: number; readonly to: number } {
    return { from: this.#first[node]!, to: this.#first[node + 1]! };
  }

  kind(span: number): Activity {
    return this.#dictionary[this.#kinds[span]!]!;
  }

  /** The first span of a node that ends after a time; where none does, the one after its last. */
  firstAfter(node: number, time: number): number {
    let { from: low, to: high } = this.of(node);
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.end[middle]! <= time) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** What a node does at a time; at the end of the run, what it did last. */
  at(node: number, time: number): Activity {
    const { from, to } = this.of(node);
    const span = Math.min(this.firstAfter(node, time), to - 1);
    // Spans of some rounds only have gaps.
    if (span < from || this.start[span]! > time) return 'unknown';
    return this.end[span]! >= time ? this.kind(span) : 'unknown';
  }
}

/** Immutable neighbour lists: what the rest of the simulator sees of a graphology graph. */

/** A directed topology over nodes 0 … nodes − 1. An undirected edge is two links. */
export interface Neighbors {
  readonly nodes: number;
  /** `out[i]`: to whom i sends, ascending, without i. */
  readonly out: readonly Int32Array[];
  /** `in[i]`: from whom i receives, ascending, without i. */
  readonly in: readonly Int32Array[];
}

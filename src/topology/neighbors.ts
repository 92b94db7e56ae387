/** Immutable neighbour lists: the form in which the rest of the simulator uses a graph. */

/** A directed topology over nodes 0 … nodes − 1. An undirected edge is two links. @public */
export interface Neighbors {
  readonly nodes: number;
  /** `out[i]`: the nodes to which i sends, ascending, without i. */
  readonly out: readonly Int32Array[];
  /** `in[i]`: the nodes from which i receives, ascending, without i. */
  readonly in: readonly Int32Array[];
  /** The mixing weight that the topology itself gives a link, where it does; absent where it gives none. */
  readonly weight?: (from: number, to: number) => number | undefined;
}

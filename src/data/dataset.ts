/** Data sets and shards as the rest of the simulator sees them. */

/**
 * Samples as they are stored, in memory that all threads can read: rows [0, train) are for training and validation, rows
 * [train, train + test) are the global test set, and the `publicRows` rows after them are public: every node has them.
 * Plain data that a worker receives without a copy.
 * @public
 */
export interface Dataset {
  readonly id: string;
  /** Shape of one sample, row-major ([28, 28, 1] for MNIST). */
  readonly shape: readonly number[];
  /** Row-major [rows × Π shape]. A stored value v means the feature `v × scale`. */
  readonly features: Uint8Array | Float32Array;
  readonly scale: number;
  /** Row-major [rows × attributes]: one class per row and attribute; all zero for regression. */
  readonly labels: Int32Array;
  /**
   * Number of labels of each row: a node learns one of them, its objective.
   * @defaultValue 1
   */
  readonly attributes?: number;
  /** Regression: one target per row, float32 [rows]. */
  readonly targets?: Float32Array;
  /**
   * The user that each row comes from, from 0, as the split `by-user` needs it: int32 [rows].
   * @defaultValue nothing is known of users
   */
  readonly users?: Int32Array;
  /** Number of classes; 0 if the data have none. */
  readonly classes: number;
  /** Number of rows for training and validation. */
  readonly train: number;
  /** Number of rows of the global test set. */
  readonly test: number;
  /**
   * Number of public rows, which every node has: [train + test, train + test + publicRows).
   * @defaultValue 0
   */
  readonly publicRows?: number;
  /** The true parameters of generated data, by name (`representation`, say), for probes that compare with them. */
  readonly truth?: Readonly<Record<string, Float32Array>>;
}

/** How a node sees rows that other nodes may see differently. Plain data. @public */
export interface View {
  /** Index of the label that is the node's objective. Default: 0. */
  readonly attribute?: number;
  /** The node calls class c `labels[c]`. Default: c. */
  readonly labels?: Int32Array;
  /** The node's feature k is the stored feature `features[k]` (permuted or rotated inputs). Default: k. */
  readonly features?: Uint32Array;
}

/** Rows of the dataset that belong to one node. Ascending, no row twice in one list. @public */
export interface Shard {
  readonly train: Uint32Array;
  /** Rows held out of the node's own training rows; empty unless the scenario has a `validation` share. */
  readonly validation: Uint32Array;
  /** Rows of the test part that follow this node's own distribution. */
  readonly test: Uint32Array;
  /** Absent if the node sees the rows as they are stored. */
  readonly view?: View;
}

/** The number of elements of a tensor of this shape; 1 for the empty shape. @public */
export function lengthOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

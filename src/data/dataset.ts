/** Datasets and shards as the rest of the simulator sees them. */

/**
 * Samples as they are stored, in shared memory: rows [0, train) are for training and validation, rows
 * [train, train + test) are the global test set. Plain data that a worker can be given without a copy.
 */
export interface Dataset {
  readonly id: string;
  /** Numbers of one sample, row-major ([28, 28, 1] for MNIST). */
  readonly shape: readonly number[];
  /** Row-major [rows × Π shape]. A stored value v means the feature `v × scale`. */
  readonly features: Uint8Array | Float32Array;
  readonly scale: number;
  /** One class per row; all zero for regression. */
  readonly labels: Int32Array;
  /** Number of classes; 0 where the data has none. */
  readonly classes: number;
  readonly train: number;
  readonly test: number;
}

/** Rows of the dataset that belong to one node. Ascending, no row twice in one list. */
export interface Shard {
  readonly train: Uint32Array;
  /** Held out of the node's own training rows; empty unless the scenario asks for it. */
  readonly validation: Uint32Array;
  /** Rows of the test part that follow this node's own distribution. */
  readonly test: Uint32Array;
}

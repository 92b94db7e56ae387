/** Datasets and shards as the rest of the simulator sees them. */

/**
 * Samples as they are stored, in shared memory: rows [0, train) are for training and validation, rows
 * [train, train + test) are the global test set, and `publicRows` rows after them are public: every node has them.
 * Plain data that a worker can be given without a copy.
 */
export interface Dataset {
  readonly id: string;
  /** Numbers of one sample, row-major ([28, 28, 1] for MNIST). */
  readonly shape: readonly number[];
  /** Row-major [rows × Π shape]. A stored value v means the feature `v × scale`. */
  readonly features: Uint8Array | Float32Array;
  readonly scale: number;
  /** Row-major [rows × attributes]: one class per row and attribute; all zero for regression. */
  readonly labels: Int32Array;
  /**
   * Labels of one row: a node learns one of them, its objective.
   * @defaultValue 1
   */
  readonly attributes?: number;
  /** Regression: one target per row, float32 [rows]. */
  readonly targets?: Float32Array;
  /** Number of classes; 0 where the data has none. */
  readonly classes: number;
  readonly train: number;
  readonly test: number;
  /**
   * Public rows, known to every node: [train + test, train + test + shared).
   * @defaultValue 0
   */
  readonly publicRows?: number;
  /** What generated data were made from, by name, for probes that compare with it (`representation`, say). */
  readonly truth?: Readonly<Record<string, Float32Array>>;
}

/** How a node sees rows that it shares with others. Plain data. */
export interface View {
  /** Which of a row's labels is the node's objective. Default: the first. */
  readonly attribute?: number;
  /** The node calls class c `labels[c]`. Default: c. */
  readonly labels?: Int32Array;
  /** The node's feature k is the stored feature `features[k]` (permuted or rotated inputs). Default: k. */
  readonly features?: Uint32Array;
}

/** Rows of the dataset that belong to one node. Ascending, no row twice in one list. */
export interface Shard {
  readonly train: Uint32Array;
  /** Held out of the node's own training rows; empty unless the scenario asks for it. */
  readonly validation: Uint32Array;
  /** Rows of the test part that follow this node's own distribution. */
  readonly test: Uint32Array;
  /** Absent: as stored. */
  readonly view?: View;
}

/** How many numbers a tensor of a shape holds; 1 for the empty shape. */
export function lengthOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

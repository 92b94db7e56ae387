/** What a model is: the layout of a flat params vector, and its loss and gradient on stacks of nodes. */
import type * as tf from '@tensorflow/tfjs-core';
import type { Random } from '../random.js';

/** Plain data from which a worker can rebuild the model. */
export interface ModelSpec {
  /** Name in the list of models. */
  readonly use: string;
  /** The entry's validated options. */
  readonly options: unknown;
  /** Shape of one sample. */
  readonly input: readonly number[];
  /** 0 for regression. */
  readonly classes: number;
}

/** One named tensor of the flat params vector, row-major. */
export interface Slice {
  /** `dense1/kernel`. */
  readonly name: string;
  readonly shape: readonly number[];
  readonly offset: number;
  readonly length: number;
  /** Shared representation or personal head. */
  readonly group: 'body' | 'head';
  /** Half-width of the uniform distribution that it starts from; 0 starts at zero. */
  readonly initBound: number;
}

/** Which params a gradient is wanted for. */
export type Trainable = 'all' | 'body' | 'head';

/** What a stack is to learn, row-major [nodes × batch]: int32 classes, or float32 targets for regression. */
export type Labels = Int32Array | Float32Array;

/** The gradient of the mean loss of each node, for the wanted slices. */
export interface Gradient {
  /** float32 [nodes]: mean loss over the batch. */
  readonly loss: tf.Tensor;
  /** By index in `model.slices`; undefined for slices that were not wanted. */
  readonly slices: ReadonlyArray<tf.Tensor | undefined>;
}

/**
 * A model. Params come as one tensor a slice, stacked over nodes: float32 [nodes, …slice.shape]. Every operation
 * keeps the nodes apart, so a node's numbers do not depend on who else is in the stack.
 */
export interface Model {
  readonly spec: ModelSpec;
  /** Number of params. */
  readonly length: number;
  readonly slices: readonly Slice[];
  /** Floating-point operations a sample; a multiply-add counts as two. */
  readonly flops: { readonly forward: number; readonly backward: number };
  /** Draws initial params: float32 [length]. */
  init(random: Random): Float32Array;
  /** What the model says: class logits float32 [nodes, batch, classes]. Absent for regression. */
  logits?(engine: typeof tf, params: readonly tf.Tensor[], features: tf.Tensor): tf.Tensor;
  /** Sum of the losses over the batch, float32 [nodes]; features float32 [nodes, batch, …input]. */
  lossSum(engine: typeof tf, params: readonly tf.Tensor[], features: tf.Tensor, labels: Labels): tf.Tensor;
  /** Gradient of `scale` (default 1) × the mean loss: an optimiser's factor costs nothing there. */
  gradient(
    engine: typeof tf,
    params: readonly tf.Tensor[],
    features: tf.Tensor,
    labels: Labels,
    trainable: Trainable,
    scale?: number,
  ): Gradient;
}

/** What a model is: the layout of a flat params vector, and its loss and gradient on stacks of nodes. */
import type * as tf from '@tensorflow/tfjs-core';
import type { Random } from '../random.js';
import type { Layer } from './layers.js';

/** Plain data from which a worker can rebuild the model. */
export interface ModelSpec {
  /** Name in the list of models, or of the user's own model. */
  readonly use: string;
  /**
   * Of a model of the user's own: the URL of the module that exports it by default. Where a model was given as an
   * object without one, a name that holds in this thread only.
   */
  readonly module?: string;
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
  /** Half-width of the uniform distribution that it starts from; 0 starts at the centre. */
  readonly initBound: number;
  /**
   * Centre of that distribution.
   * @defaultValue 0
   */
  readonly initCenter?: number;
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
  /** Absent where the head is more than one layer, or none. */
  readonly representation?: Representation;
}

/**
 * What lies below a head of one layer: for methods that put several such heads on one embedding. Params are stacks as
 * in {@link Model}; those after the model's own are not looked at.
 */
export interface Representation {
  /** E: the numbers of an embedding. */
  readonly length: number;
  /** From an embedding to the logits; its params are the model's last slices. */
  readonly head: Layer;
  /** Operations a sample, without the head. */
  readonly flops: { readonly forward: number; readonly backward: number };
  /** Outputs of all layers below the head, the input first: the last is the embedding, float32 [nodes, batch, E]. */
  forward(engine: typeof tf, params: readonly tf.Tensor[], features: tf.Tensor): tf.Tensor[];
  /** Gradient of the body's slices by index in `slices` (undefined for the head's), from that of the embedding, which it frees. */
  backward(
    engine: typeof tf,
    params: readonly tf.Tensor[],
    outputs: readonly tf.Tensor[],
    gradient: tf.Tensor,
  ): Array<tf.Tensor | undefined>;
}

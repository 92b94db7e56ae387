/** What a model is: the layout of a flat params vector, and its loss and gradient on stacks of nodes. */
import type * as tf from '@tensorflow/tfjs-core';
import type { Place, ProgramBuilder } from '../numeric/program.js';
import type { Entry } from '../options/index.js';
import type { Random } from '../random.js';
import type { Layer } from './layers/layer.js';
import type { Reference } from './references.js';

/** tfjs-core, with the backend of the run active: what computes with tensors. @public */
export type Engine = typeof tf;

/** An array that the {@link Engine} computes with. @public */
export type Tensor = tf.Tensor;

/** A chosen model and the data that it is for: plain data, from which every thread can rebuild the model. @public */
export interface ModelSpec extends Reference {
  /** Shape of one sample. */
  readonly input: readonly number[];
  /** 0 for regression. */
  readonly classes: number;
}

/** A kind of model: builds the model from plain data, the same in every thread. @public */
export interface ModelEntry<Options = unknown> extends Entry<Options> {
  /** Throws a UsageError where the data does not fit the model. */
  build(spec: ModelSpec & { readonly options: Options }): Model;
  /** Only for an entry by which nodes have different models: the spec of each of them. */
  perNode?(spec: ModelSpec & { readonly options: Options }, nodes: number): ModelSpec[];
}

/** One named tensor of the flat params vector, row-major. @public */
export interface Slice {
  /** `dense1/kernel`. */
  readonly name: string;
  readonly shape: readonly number[];
  readonly offset: number;
  readonly length: number;
  /** Body: the shared representation. Head: the personal part. */
  readonly group: 'body' | 'head';
  /** Half-width of the uniform distribution that it starts from; 0 starts at the centre. */
  readonly initBound: number;
  /**
   * Centre of that distribution.
   * @defaultValue 0
   */
  readonly initCenter?: number;
}

/** Which params a gradient is wanted for. @public */
export type Trainable = 'all' | 'body' | 'head';

/**
 * What the nodes of a stack learn to predict, row-major [nodes × batch]: int32 classes, or float32 targets for regression.
 * @public
 */
export type Labels = Int32Array | Float32Array;

/** A stack of nodes: the params of each of them, and a batch of samples for each of them. @public */
export interface StackedBatch {
  /** One tensor for each slice of the model, in the order of its slices: float32 [nodes, …slice.shape]. */
  readonly params: readonly tf.Tensor[];
  /** float32 [nodes, batch, …input], where `input` is the shape of one sample. */
  readonly features: tf.Tensor;
}

/** A stack of nodes whose samples have labels. @public */
export interface LabelledBatch extends StackedBatch {
  /** Row-major [nodes × batch]. */
  readonly labels: Labels;
}

/** Which gradient is wanted, and where. @public */
export interface GradientRequest extends LabelledBatch {
  /** The slices whose gradient is wanted. */
  readonly trainable: Trainable;
  /**
   * Factor on the gradient, but not on the loss: an optimiser's learning rate costs nothing here.
   * @defaultValue 1
   */
  readonly scale?: number;
}

/** The gradient of the mean loss of each node, for the wanted slices. @public */
export interface Gradient {
  /** float32 [nodes]: the mean loss over the batch. */
  readonly loss: tf.Tensor;
  /** By index in `model.slices`, in the shape of the params; undefined for slices that were not wanted. */
  readonly slices: ReadonlyArray<tf.Tensor | undefined>;
}

/**
 * A model: how its params are laid out in a flat vector, and its loss and gradient on stacks of nodes. Every operation
 * keeps the nodes apart, so that the numbers of a node do not depend on the other nodes of the stack.
 * @public
 */
export interface Model {
  readonly spec: ModelSpec;
  /** Number of params. */
  readonly length: number;
  /** The named tensors of the params, one after the other, without gaps. */
  readonly slices: readonly Slice[];
  /** Floating-point operations for one sample; a multiply-add counts as two. */
  readonly flops: { readonly forward: number; readonly backward: number };
  /** Draws initial params: float32 [length]. */
  init(random: Random): Float32Array;
  /** Class logits, float32 [nodes, batch, classes]. Absent for regression. */
  logits?(engine: typeof tf, batch: StackedBatch): tf.Tensor;
  /** The sum of the losses over the batch, float32 [nodes]. */
  lossSum(engine: typeof tf, batch: LabelledBatch): tf.Tensor;
  /** The mean loss over the batch and its gradient by the wanted slices. */
  gradient(engine: typeof tf, request: GradientRequest): Gradient;
  /** Absent where the head is not exactly one layer with a kernel. */
  readonly representation?: Representation;
  /** The model in step programs. Absent where only TensorFlow.js computes it. */
  readonly program?: ModelProgram;
}

/** A model in step programs. Its params are those in the register `params`. */
interface ModelProgram {
  /**
   * Appends the forward pass.
   * @param input float32 [samples, …features]
   */
  forward(builder: ProgramBuilder, input: Place, samples: number): ModelPass;
}

/** A forward pass of a model in a step program. */
interface ModelPass {
  /** Class logits, float32 [samples, classes]. */
  readonly logits: Place;
  /**
   * Appends the backward pass.
   * @param ofLogits the gradient by the logits
   * @param ofParams where the gradient goes, float32 [length]; outside the wanted slices it stays as it is
   */
  backward(ofLogits: Place, ofParams: Place, trainable: Trainable): void;
}

/**
 * What lies below a head of one layer: for methods that put several such heads on one embedding. Params after
 * those of the model are ignored.
 * @public
 */
export interface Representation {
  /** E: how many numbers an embedding has. */
  readonly length: number;
  /** The layer from the embedding to the logits; its params are the model's last slices. */
  readonly head: Layer;
  /** Floating-point operations for one sample, without the head. */
  readonly flops: { readonly forward: number; readonly backward: number };
  /** The outputs of all layers below the head, the input first. The last is the embedding, float32 [nodes, batch, E]. */
  forward(engine: typeof tf, batch: StackedBatch): tf.Tensor[];
  /**
   * The gradient by the slices of the body, by their index in `slices`; undefined for the slices of the head. The outputs
   * that the pass goes through are freed on the way.
   */
  backward(engine: typeof tf, pass: RepresentationPass): Array<tf.Tensor | undefined>;
  /** The layers below the head in step programs. Absent where only TensorFlow.js computes them, or the head. */
  readonly program?: RepresentationProgram;
}

/** What lies below a head in step programs. Its params are those in the register `params`. */
interface RepresentationProgram {
  /**
   * Appends the forward pass.
   * @param input float32 [samples, …features]
   */
  forward(builder: ProgramBuilder, input: Place, samples: number): EmbeddingPass;
}

/** A forward pass below a head in a step program. */
interface EmbeddingPass {
  /** float32 [samples, E]. */
  readonly embedding: Place;
  /**
   * Appends the backward pass.
   * @param ofEmbedding the gradient by the embedding
   * @param ofParams where the gradient by the params of the body goes, at their offsets
   */
  backward(ofEmbedding: Place, ofParams: Place): void;
}

/** What the backward pass below a head starts from. @public */
export interface RepresentationPass {
  /** One tensor for each slice of the model, as in {@link StackedBatch}. */
  readonly params: readonly tf.Tensor[];
  /** What `forward` has given. */
  readonly outputs: readonly tf.Tensor[];
  /** The gradient by the embedding, float32 [nodes, batch, E]. */
  readonly outputGradient: tf.Tensor;
}

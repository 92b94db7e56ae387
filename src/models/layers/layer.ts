/**
 * What a layer is. Layers have hand-written gradients and work on stacks of nodes. Every operation keeps the nodes apart,
 * so the gradient of a stack is each node's own gradient.
 */
import type * as tf from '@tensorflow/tfjs-core';
import { lengthOf } from '../../data/dataset.js';
import { UsageError } from '../../errors.js';
import type { Place, ProgramBuilder } from '../../numeric/program.js';
import type { Entry } from '../../options/index.js';
import type { ModelSpec } from '../model.js';
import type { KernelOptions } from './kernels.js';
import type { ImageShape } from './windows.js';

type Engine = typeof tf;

/** What one tensor of a layer's params looks like, without its place in the params of the model. @public */
export interface LayerSlice {
  /**
   * `conv1/kernel`: the name of the layer, then what it is. Layers with a `…/kernel` are those that `headLayers` counts;
   * the params of others (normalisations) go with the kernel before them.
   */
  readonly name: string;
  readonly shape: readonly number[];
  /** Half-width of the uniform distribution that it starts from; 0 starts at the centre. */
  readonly initBound: number;
  /**
   * Centre of that distribution.
   * @defaultValue 0
   */
  readonly initCenter?: number;
}

/** What a layer takes in. @public */
export interface LayerInput {
  /** One tensor for each slice of the layer: float32 [nodes, …slice.shape]. */
  readonly params: readonly tf.Tensor[];
  /** float32 [nodes, batch, features]; the features of an image lie row-major as [height, width, channels]. */
  readonly input: tf.Tensor;
}

/** What the backward pass of a layer starts from. @public */
export interface LayerPass extends LayerInput {
  /** What the forward pass has given for this input, float32 [nodes, batch, output features]. */
  readonly output: tf.Tensor;
  /** The gradient by the output, in the shape of the output. */
  readonly outputGradient: tf.Tensor;
}

/** One step of a model. Its functions return new tensors, since those that they are given may be freed. @public */
export interface Layer {
  readonly slices: readonly LayerSlice[];
  /**
   * Floating-point operations for one sample: of the forward pass, of the gradient by the params, and of the gradient by
   * the input.
   */
  readonly flops: { readonly forward: number; readonly params: number; readonly input: number };
  /** The output, float32 [nodes, batch, output features]. */
  forward(engine: Engine, given: LayerInput): tf.Tensor;
  /** The gradient by the params: one tensor for each slice, in the shape of its params. */
  paramsGradient(engine: Engine, pass: LayerPass): tf.Tensor[];
  /** The gradient by the input, in the shape of the input. */
  inputGradient(engine: Engine, pass: LayerPass): tf.Tensor;
  /** Both gradients at once, for layers where they have work in common. */
  gradients?(engine: Engine, pass: LayerPass): { ofParams: tf.Tensor[]; ofInput: tf.Tensor };
  /** Appends the forward pass of one node to a step program. Absent where only TensorFlow.js computes the layer. */
  program?(builder: ProgramBuilder, given: ProgramInput): ProgramPass;
}

/** What a layer takes in, in a step program. */
export interface ProgramInput {
  /** One place for each slice of the layer. */
  readonly params: readonly Place[];
  /** float32 [samples, features]. */
  readonly input: Place;
  readonly samples: number;
}

/** A forward pass in a step program. */
export interface ProgramPass {
  /** float32 [samples, output features]. */
  readonly output: Place;
  /** Appends the backward pass. Returns the place of the gradient by the input, if it was wanted. */
  backward(wanted: ProgramGradients): Place | undefined;
}

/** What the backward pass of a step program starts from, and what it is to give. */
interface ProgramGradients {
  /** float32 [samples, output features]. */
  readonly outputGradient: Place;
  /** Where the gradient by each slice goes; undefined where none of them is wanted. */
  readonly ofParams: readonly Place[] | undefined;
  /** Whether the gradient by the input is wanted. */
  readonly input: boolean;
}

/** Whether a layer has a kernel. @public */
export function hasKernel({ slices }: Layer): boolean {
  return slices.some(({ name }) => name.endsWith('/kernel'));
}

/** What one layer hands to the next. @public */
export interface Signal {
  /** How many numbers each sample has. */
  readonly features: number;
  /** Its shape where it is an image: features = height × width × channels. */
  readonly image?: ImageShape | undefined;
  /** Its shape where it is a sequence: features = steps × width, step by step. */
  readonly sequence?: { readonly steps: number; readonly width: number } | undefined;
}

/** What the layer of an entry is built for. @public */
export interface LayerContext {
  /** `conv1`: the id of the entry and its number among the layers of that id. Begins the names of the layer's slices. */
  readonly name: string;
  /** What the layer takes in. */
  readonly input: Signal;
  /** What the model says about layers with a kernel. */
  readonly kernels: KernelOptions;
  /** The model that the layer is for. */
  readonly model: ModelSpec;
}

/** A layer, and what it gives. @public */
export interface BuiltLayer {
  readonly layer: Layer;
  readonly output: Signal;
}

/** A layer that gives an image, and the shape of that. @public */
export interface ImageLayer {
  readonly layer: Layer;
  readonly output: ImageShape;
}

/** A kind of layer that a scenario can name. @public */
export interface LayerEntry<Options = unknown> extends Entry<Options> {
  /** Builds the layer for what comes in. Throws a UsageError where that does not fit the layer. */
  build(options: Options, context: LayerContext): BuiltLayer;
}

/** The signal of an image. @public */
export function imageSignal(image: ImageShape): Signal {
  return { features: image.height * image.width * image.channels, image };
}

/** A layer that gives an image, as an entry builds it. @public */
export function builtOnImage({ layer, output }: ImageLayer): BuiltLayer {
  return { layer, output: imageSignal(output) };
}

/** The signal of samples of a shape; three sizes are an image: height, width, channels; two are a sequence: steps, width. @public */
export function signalOf(shape: readonly number[]): Signal {
  const [height, width, channels] = shape;
  if (shape.length === 2) return { features: lengthOf(shape), sequence: { steps: height!, width: width! } };
  if (shape.length !== 3) return { features: lengthOf(shape) };
  return imageSignal({ height: height!, width: width!, channels: channels! });
}

/**
 * The image that a layer takes in. Throws a UsageError `model-data-mismatch` where it takes in something else.
 * @public
 */
export function requireImage({ name, input, model }: LayerContext): ImageShape {
  if (input.image) return input.image;
  throw new UsageError(
    'model-data-mismatch',
    `layer "${name}" of model "${model.use}": expected an image [height, width, channels], got samples of ` +
      `[${model.input.join(', ')}]${model.input.length === 3 ? ' after a dense layer' : ''}; ` +
      'use data of images, and put dense layers last',
    'model',
  );
}

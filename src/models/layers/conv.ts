/**
 * Convolutions on stacks of nodes, with hand-written gradients. Activations are [nodes, batch, features]; the features
 * of an image lie row-major as [height, width, channels].
 *
 * Output, kernel gradient and input gradient are each one plain convolution per node, so that a node's numbers cannot
 * depend on the other nodes of the stack, and backends without a convolution gradient (`wasm`) train at the speed of
 * their forward pass. Patches for a batched matMul would be the same products, but gathering and transposing them
 * costs more than multiplying.
 */
import type * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import type { Place, ProgramBuilder } from '../../numeric/program.js';
import { count } from '../../options/index.js';
import { initBounds, type KernelOptions } from './kernels.js';
import {
  builtOnImage,
  type ImageLayer,
  type Layer,
  type LayerEntry,
  type ProgramInput,
  type ProgramPass,
  requireImage,
} from './layer.js';
import {
  asImages,
  type ImageShape,
  type Padding,
  paddingOption,
  placeWindows,
  resize,
  type Span,
  shapeUnder,
  type Windows,
} from './windows.js';

type Engine = typeof tf;

/** All that is fixed about one convolution. */
interface Geometry {
  readonly input: ImageShape;
  readonly output: ImageShape;
  readonly windows: Windows;
  readonly kernelSize: number;
  readonly stride: number;
}

/** Size of a convolution, and the options of its kernel. @public */
export interface ConvolutionOptions extends KernelOptions {
  /** Channels of the output. */
  readonly filters: number;
  /** Cells on each side of the square kernels. */
  readonly kernelSize: number;
  /**
   * Cells from one place of a kernel to the next.
   * @defaultValue 1
   */
  readonly stride?: number;
  /** @defaultValue valid */
  readonly padding?: Padding;
}

/**
 * Convolution (cross-correlation, as in all libraries).
 * @param name begins the names of its slices: `kernel` [kernelSize, kernelSize, channels, filters] and, unless it has none,
 * `bias` [filters]
 * @throws UsageError as {@link placeWindows}
 * @public
 */
export function convolution(
  name: string,
  input: ImageShape,
  { filters, kernelSize, stride = 1, padding = 'valid', bias = true, kernelInit }: ConvolutionOptions,
): ImageLayer {
  const windows = placeWindows(name, input, { size: kernelSize, stride, padding });
  const output = shapeUnder(windows, filters);
  const geometry: Geometry = { input, output, windows, kernelSize, stride };
  const fanIn = kernelSize * kernelSize * input.channels;
  const bounds = initBounds(fanIn, kernelInit);
  const places = output.height * output.width;
  const products = 2 * fanIn * filters * places;
  const additions = bias ? filters * places : 0;
  const layer: Layer = {
    slices: [
      {
        name: `${name}/kernel`,
        shape: [kernelSize, kernelSize, input.channels, filters],
        initBound: bounds.kernel,
      },
      ...(bias ? [{ name: `${name}/bias`, shape: [filters], initBound: bounds.bias }] : []),
    ],
    flops: { forward: products + additions, params: products + additions, input: products },
    forward(engine, { params: [kernel, offset], input: activations }) {
      const sums = convolve(engine, geometry, kernel!, activations);
      if (!offset) return sums;
      const [nodes, batch] = activations.shape as [number, number];
      const byFilter = engine.reshape(sums, [nodes, batch * places, filters]);
      return engine.reshape(engine.add(byFilter, engine.reshape(offset, [nodes, 1, filters])), sums.shape);
    },
    paramsGradient(engine, { input: activations, outputGradient }) {
      const ofKernel = kernelGradient(engine, geometry, activations, outputGradient);
      if (!bias) return [ofKernel];
      const [nodes, batch] = activations.shape as [number, number];
      return [ofKernel, engine.sum(engine.reshape(outputGradient, [nodes, batch * places, filters]), 1)];
    },
    inputGradient: (engine, { params: [kernel], outputGradient }) =>
      inputGradient(engine, geometry, kernel!, outputGradient),
    program: (builder, given) => convolutionProgram(builder, geometry, given, bias),
  };
  return { layer, output };
}

/** The same as instructions: padding is made first, and the input gradient is a convolution with the turned kernel. */
function convolutionProgram(
  builder: ProgramBuilder,
  { input, output, windows: { rows, columns }, kernelSize, stride }: Geometry,
  { params: [kernel, offset], input: image, samples }: ProgramInput,
  bias: boolean,
): ProgramPass {
  const { channels } = input;
  const filters = output.channels;
  const covered = {
    height: rows.before + input.height + rows.after,
    width: columns.before + input.width + columns.after,
  };
  const isCovered = rows.before === 0 && rows.after === 0 && columns.before === 0 && columns.after === 0;
  /** Images of one size put into images of another. */
  const placed = (
    from: Place,
    size: { height: number; width: number },
    to: { height: number; width: number; top: number; left: number; step: number; channels: number },
  ) => {
    const place = builder.floats(samples * to.height * to.width * to.channels);
    const sizes = [samples, size.height, size.width, to.channels, to.height, to.width];
    builder.emit('place_cells', [place, from], [...sizes, to.top, to.left, to.step]);
    return place;
  };
  const coveredImage = isCovered
    ? image
    : placed(image, input, { ...covered, top: rows.before, left: columns.before, step: 1, channels });
  const sizes = [samples, covered.height, covered.width, channels, kernelSize, stride, filters];
  const result = builder.floats(samples * output.height * output.width * filters);
  builder.emit('conv', [result, coveredImage, kernel!, offset ?? kernel!], [...sizes, bias ? 1 : 0]);
  return {
    output: result,
    backward({ outputGradient, ofParams, input: wantsInput }) {
      if (ofParams) {
        builder.emit('conv_kernel_gradient', [ofParams[0]!, coveredImage, outputGradient], sizes);
        const places = samples * output.height * output.width;
        if (bias) builder.emit('column_sums', [ofParams[1]!, outputGradient], [places, filters]);
      }
      if (!wantsInput) return undefined;
      const turned = builder.floats(kernelSize * kernelSize * channels * filters);
      builder.emit('turn_kernel', [turned, kernel!], [kernelSize * kernelSize, channels, filters]);
      // Cell p of the image gets kernel k × output (p + before − k) / stride.
      const spread = {
        height: input.height + kernelSize - 1,
        width: input.width + kernelSize - 1,
        top: kernelSize - 1 - rows.before,
        left: kernelSize - 1 - columns.before,
        step: stride,
        channels: filters,
      };
      const gradients = placed(outputGradient, output, spread);
      const ofInput = builder.floats(samples * input.height * input.width * channels);
      const back = [samples, spread.height, spread.width, filters, kernelSize, 1, channels, 0];
      builder.emit('conv', [ofInput, gradients, turned, turned], back);
      return ofInput;
    },
  };
}

/** The layer `conv` of a scenario. */
export const convEntry: LayerEntry<ConvOptions> = {
  id: 'conv',
  description: 'convolution with square kernels',
  options: z.strictObject({
    filters: count().describe('channels of the output'),
    kernelSize: count().describe('cells on each side of the kernels'),
    stride: count().default(1).describe('cells from one place of a kernel to the next'),
    padding: paddingOption(),
    bias: z
      .boolean()
      .optional()
      .describe('whether the layer has a bias; default: as all layers of the model'),
  }),
  build({ bias, ...options }, context) {
    const { name, kernels } = context;
    const own = bias === undefined ? kernels : { ...kernels, bias };
    return builtOnImage(convolution(name, requireImage(context), { ...own, ...options }));
  },
};

interface ConvOptions {
  readonly filters: number;
  readonly kernelSize: number;
  readonly stride: number;
  readonly padding: Padding;
  readonly bias?: boolean | undefined;
}

/** All nodes' images, padded and cropped to what the windows cover. */
function covered(engine: Engine, { input, windows }: Geometry, activations: tf.Tensor): tf.Tensor4D {
  return resize(engine, asImages(engine, activations, input), windows.rows, windows.columns);
}

function convolve(engine: Engine, geometry: Geometry, kernel: tf.Tensor, activations: tf.Tensor): tf.Tensor {
  const [nodes, batch] = activations.shape as [number, number];
  const images = covered(engine, geometry, activations);
  const sums = eachNode(engine, nodes, [images, kernel], ([own, ownKernel]) =>
    engine.conv2d(own!, ownKernel!, geometry.stride, 'valid'),
  );
  return engine.reshape(sums, [nodes, batch, -1]);
}

/**
 * Sums images × gradients over batch and places: a convolution in which the batch takes the place of the channels, and
 * the channels that of the batch. Gives [nodes, kernelSize, kernelSize, channels, filters].
 */
function kernelGradient(
  engine: Engine,
  geometry: Geometry,
  activations: tf.Tensor,
  outputGradient: tf.Tensor,
): tf.Tensor {
  const { input, output, kernelSize, stride } = geometry;
  const nodes = activations.shape[0];
  const stacks = [covered(engine, geometry, activations), asImages(engine, outputGradient, output)];
  const ofKernel = eachNode(engine, nodes, stacks, ([images, gradients]) => {
    const channelsFirst = engine.transpose(images!, [3, 1, 2, 0]);
    const filters = engine.transpose(gradients!, [1, 2, 0, 3]);
    const products = engine.conv2d(channelsFirst, filters, 1, 'valid', 'NHWC', stride);
    return engine.transpose(products, [1, 2, 0, 3]);
  });
  return engine.reshape(ofKernel, [nodes, kernelSize, kernelSize, input.channels, output.channels]);
}

/**
 * Cell p of an image gets, for every cell k of the kernel, kernel k × output (p + before − k) / stride: a convolution
 * of the outputs, with zeros between them, with the turned kernel.
 */
function inputGradient(
  engine: Engine,
  { input, output, windows, kernelSize, stride }: Geometry,
  kernel: tf.Tensor,
  outputGradient: tf.Tensor,
): tf.Tensor {
  const [nodes, batch] = outputGradient.shape as [number, number];
  const margin = (length: number, { before, outputs }: Span) => ({
    before: kernelSize - 1 - before,
    after: length + before - outputs * stride,
  });
  const spread = spreadOut(engine, asImages(engine, outputGradient, output), stride);
  const images = resize(
    engine,
    spread,
    margin(input.height, windows.rows),
    margin(input.width, windows.columns),
  );
  const turned = turn(engine, kernel, { input, output, kernelSize });
  const ofInput = eachNode(engine, nodes, [images, turned], ([own, ownKernel]) =>
    engine.conv2d(own!, ownKernel!, 1, 'valid'),
  );
  return engine.reshape(ofInput, [nodes, batch, -1]);
}

/** stride − 1 zeros after every cell, along both axes. */
function spreadOut(engine: Engine, images: tf.Tensor4D, stride: number): tf.Tensor4D {
  if (stride === 1) return images;
  const [count, height, width, channels] = images.shape;
  const zeros: Array<[number, number]> = [
    [0, 0],
    [0, stride - 1],
    [0, 0],
  ];
  const wide = engine.pad(engine.reshape(images, [count * height * width, 1, channels]), zeros);
  const tall = engine.pad(engine.reshape(wide, [count * height, 1, width * stride * channels]), zeros);
  return engine.reshape(tall, [count, height * stride, width * stride, channels]) as tf.Tensor4D;
}

/** The kernels of all nodes turned by 180°, with channels and filters exchanged. */
function turn(
  engine: Engine,
  kernels: tf.Tensor,
  {
    input: { channels },
    output: { channels: filters },
    kernelSize,
  }: Pick<Geometry, 'input' | 'output' | 'kernelSize'>,
): tf.Tensor {
  const nodes = kernels.shape[0];
  const cells = kernelSize * kernelSize;
  const stack = engine.reshape(kernels, [nodes, cells, channels * filters]);
  // Slices of whole cells are block copies on every backend; reversing goes element by element.
  const backwards = Array.from({ length: cells }, (_, k) =>
    engine.slice(stack, [0, cells - 1 - k, 0], [nodes, 1, channels * filters]),
  );
  const turned = engine.reshape(engine.concat(backwards, 1), [nodes * cells, channels, filters]);
  const exchanged = engine.transpose(turned, [0, 2, 1]);
  return engine.reshape(exchanged, [nodes, kernelSize, kernelSize, filters, channels]);
}

/**
 * Applies `operation` to each node's own rank-4 tensors and puts the results one after the other on the first axis.
 * Each of `stacks` holds all nodes' numbers, one node after the other: [nodes × first, …] or [nodes, first, …].
 */
function eachNode(
  engine: Engine,
  nodes: number,
  stacks: readonly tf.Tensor[],
  operation: (own: readonly tf.Tensor4D[]) => tf.Tensor4D,
): tf.Tensor {
  const shapes = stacks.map(({ shape }) => [-1, ...shape.slice(-3)] as [number, number, number, number]);
  const flat = stacks.map((stack) => engine.reshape(stack, [nodes, -1]));
  const results = Array.from({ length: nodes }, (_, node) =>
    engine.tidy(() =>
      operation(flat.map((stack, s) => engine.reshape(engine.slice(stack, [node, 0], [1, -1]), shapes[s]!))),
    ),
  );
  return nodes === 1 ? results[0]! : engine.concat(results, 0);
}

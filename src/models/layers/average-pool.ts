/** Average pooling, each image by itself. */
import type * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { count } from '../../options/index.js';
import { builtOnImage, type ImageLayer, type Layer, type LayerEntry, requireImage } from './layer.js';
import {
  asImages,
  type ImageShape,
  placeWindows,
  poolingSizes,
  resize,
  shapeUnder,
  type Window,
} from './windows.js';

/**
 * The mean of every window. Without padding, which would count as zeros.
 * @throws UsageError as placeWindows
 * @public
 */
export function averagePooling(
  name: string,
  input: ImageShape,
  { size, stride }: Pick<Window, 'size' | 'stride'>,
): ImageLayer {
  const windows = placeWindows(name, input, { size, stride, padding: 'valid' });
  const output = shapeUnder(windows, input.channels);
  const work = output.height * output.width * output.channels * size * size;
  const covered = (engine: typeof tf, activations: tf.Tensor) =>
    resize(engine, asImages(engine, activations, input), windows.rows, windows.columns);
  const layer: Layer = {
    slices: [],
    flops: { forward: work, params: 0, input: work },
    forward(engine, { input: activations }) {
      const [nodes, batch] = activations.shape as [number, number];
      const means = engine.avgPool(covered(engine, activations), size, stride, 'valid');
      return engine.reshape(means, [nodes, batch, -1]);
    },
    paramsGradient: () => [],
    inputGradient(engine, { input: activations, outputGradient }) {
      const ofCovered = engine
        .engine()
        .runKernel<tf.Tensor4D>(
          'AvgPoolGrad',
          { dy: asImages(engine, outputGradient, output), input: covered(engine, activations) },
          { filterSize: size, strides: stride, pad: 'valid' },
        );
      const { rows, columns } = windows;
      const whole = resize(
        engine,
        ofCovered,
        { before: 0, after: -rows.after },
        { before: 0, after: -columns.after },
      );
      return engine.reshape(whole, activations.shape);
    },
    program(builder, { input: image, samples }) {
      const sizes = poolingSizes(samples, input, { windows, output, window: { size, stride } });
      const result = builder.floats(samples * output.height * output.width * output.channels);
      builder.emit('average_pool', [result, image], sizes);
      return {
        output: result,
        backward({ outputGradient, input: wantsInput }) {
          if (!wantsInput) return undefined;
          const ofInput = builder.floats(samples * input.height * input.width * input.channels);
          builder.emit('average_pool_gradient', [ofInput, outputGradient], sizes);
          return ofInput;
        },
      };
    },
  };
  return { layer, output };
}

/** The layer `average-pool` of a scenario. */
export const averagePoolEntry: LayerEntry<AveragePoolOptions> = {
  id: 'average-pool',
  description: 'mean of each channel in every window',
  options: z.strictObject({
    window: count().describe('cells on each side of the windows'),
    stride: count().optional().describe('cells from one window to the next; default: the window'),
  }),
  build({ window: size, stride = size }, context) {
    return builtOnImage(averagePooling(context.name, requireImage(context), { size, stride }));
  },
};

interface AveragePoolOptions {
  readonly window: number;
  readonly stride?: number | undefined;
}

/** Max pooling, each image by itself. */
import { z } from 'zod';
import { count } from '../../options/index.js';
import { builtOnImage, type ImageLayer, type Layer, type LayerEntry, requireImage } from './layer.js';
import {
  asImages,
  type ImageShape,
  type Padding,
  paddingOption,
  placeWindows,
  poolingSizes,
  resize,
  shapeUnder,
  type Window,
  type Windows,
} from './windows.js';

/**
 * The greatest number of every window; padding never wins. Of equal ones the first in the window gets the gradient.
 * @throws UsageError as placeWindows
 * @public
 */
export function maxPooling(name: string, input: ImageShape, window: Window): ImageLayer {
  const windows = placeWindows(name, input, window);
  const { size, stride } = window;
  const output = shapeUnder(windows, input.channels);
  const work = output.height * output.width * output.channels * size * size;
  const layer: Layer = {
    slices: [],
    flops: { forward: work, params: 0, input: work },
    forward(engine, { input: activations }) {
      const [nodes, batch] = activations.shape as [number, number];
      const images = asImages(engine, activations, input);
      const covered = resize(engine, images, windows.rows, windows.columns, Number.NEGATIVE_INFINITY);
      return engine.reshape(engine.maxPool(covered, size, stride, 'valid'), [nodes, batch, -1]);
    },
    paramsGradient: () => [],
    inputGradient(engine, { input: activations, outputGradient }) {
      const images = activations.dataSync() as Float32Array;
      const gradients = outputGradient.dataSync() as Float32Array;
      const result = giveToGreatest(images, gradients, { input, output, windows, window });
      return engine.tensor(result, activations.shape);
    },
    program(builder, { input: image, samples }) {
      const sizes = poolingSizes(samples, input, { windows, output, window });
      const result = builder.floats(samples * output.height * output.width * output.channels);
      const winner = builder.floats(samples * output.height * output.width * output.channels);
      builder.emit('max_pool', [result, winner, image], sizes);
      return {
        output: result,
        backward({ outputGradient, input: wantsInput }) {
          if (!wantsInput) return undefined;
          const ofInput = builder.floats(samples * input.height * input.width * input.channels);
          builder.emit('max_pool_gradient', [ofInput, winner, outputGradient], sizes);
          return ofInput;
        },
      };
    },
  };
  return { layer, output };
}

/** The layer `max-pool` of a scenario. */
export const maxPoolEntry: LayerEntry<MaxPoolOptions> = {
  id: 'max-pool',
  description: 'greatest number of each channel in every window',
  options: z.strictObject({
    window: count().describe('cells on each side of the windows'),
    stride: count().optional().describe('cells from one window to the next; default: the window'),
    padding: paddingOption(),
  }),
  build({ window: size, stride = size, padding }, context) {
    return builtOnImage(maxPooling(context.name, requireImage(context), { size, stride, padding }));
  },
};

interface MaxPoolOptions {
  readonly window: number;
  readonly stride?: number | undefined;
  readonly padding: Padding;
}

/**
 * Adds each window's gradient to its first greatest cell, float32 [images × features], windows in row-major order.
 * Plain loops: the `wasm` backend's own kernel gives the gradient of windows of negative numbers to the wrong cells.
 */
function giveToGreatest(
  images: Float32Array,
  gradients: Float32Array,
  at: { input: ImageShape; output: ImageShape; windows: Windows; window: Window },
): Float32Array {
  const { height, width, channels } = at.input;
  const places = at.output.height * at.output.width;
  const cells = cellsOfWindows(at);
  const perPlace = at.window.size * at.window.size;
  const result = new Float32Array(images.length);
  const best = new Int32Array(channels);
  for (let start = 0, from = 0; start < images.length; start += height * width * channels) {
    for (let place = 0; place < places; place++, from += channels) {
      best.fill(-1);
      for (let k = place * perPlace; k < (place + 1) * perPlace; k++) {
        if (cells[k]! < 0) continue;
        const cell = start + cells[k]! * channels;
        for (let c = 0; c < channels; c++) {
          if (best[c]! < 0 || images[cell + c]! > images[best[c]!]!) best[c] = cell + c;
        }
      }
      for (let c = 0; c < channels; c++) result[best[c]!]! += gradients[from + c]!;
    }
  }
  return result;
}

/** The pixel under every cell of every window, row-major [places × size²]; −1 in the padding. */
function cellsOfWindows({
  input,
  windows: { rows, columns },
  window: { size, stride },
}: {
  input: ImageShape;
  windows: Windows;
  window: Window;
}): Int32Array {
  const cells = new Int32Array(rows.outputs * columns.outputs * size * size);
  let next = 0;
  for (let row = -rows.before; row < rows.outputs * stride - rows.before; row += stride) {
    for (let column = -columns.before; column < columns.outputs * stride - columns.before; column += stride) {
      for (let y = row; y < row + size; y++) {
        for (let x = column; x < column + size; x++) {
          const inside = y >= 0 && y < input.height && x >= 0 && x < input.width;
          cells[next++] = inside ? y * input.width + x : -1;
        }
      }
    }
  }
  return cells;
}

/** Global average pooling: one number a channel, whatever the size of the image. */
import type { Layer } from './layers.js';
import type { ImageShape } from './windows.js';

/** The mean of each channel over all places (Lin et al., 2014). */
export function globalAverage({ height, width, channels }: ImageShape): { layer: Layer; output: ImageShape } {
  const places = height * width;
  const layer: Layer = {
    slices: [],
    flops: { forward: places * channels, params: 0, input: places * channels },
    forward(engine, { input }) {
      const [nodes, batch] = input.shape as [number, number];
      return engine.mean(engine.reshape(input, [nodes, batch, places, channels]), 2);
    },
    paramsGradient: () => [],
    inputGradient(engine, { input, outputGradient }) {
      const [nodes, batch] = input.shape as [number, number];
      const shares = engine.reshape(engine.div(outputGradient, places), [nodes, batch, 1, channels]);
      return engine.reshape(engine.tile(shares, [1, 1, places, 1]), input.shape);
    },
  };
  return { layer, output: { height: 1, width: 1, channels } };
}

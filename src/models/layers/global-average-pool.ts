/** Global average pooling: one number for each channel, whatever the size of the image. */
import { z } from 'zod';
import { builtOnImage, type ImageLayer, type Layer, type LayerEntry, requireImage } from './layer.js';
import type { ImageShape } from './windows.js';

/** The mean of each channel over all places (Lin et al., 2014). @public */
export function globalAveragePooling({ height, width, channels }: ImageShape): ImageLayer {
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
    program(builder, { input, samples }) {
      const sizes = [samples, places, channels];
      const output = builder.floats(samples * channels);
      builder.emit('channel_means', [output, input], sizes);
      return {
        output,
        backward({ outputGradient, input: wantsInput }) {
          if (!wantsInput) return undefined;
          const ofInput = builder.floats(samples * places * channels);
          builder.emit('channel_means_gradient', [ofInput, outputGradient], sizes);
          return ofInput;
        },
      };
    },
  };
  return { layer, output: { height: 1, width: 1, channels } };
}

/** The layer `global-average-pool` of a scenario. */
export const globalAveragePoolEntry: LayerEntry<object> = {
  id: 'global-average-pool',
  description: 'mean of each channel over all places of the image',
  reference: 'Lin et al., Network In Network, ICLR 2014',
  options: z.strictObject({}),
  build: (_options, context) => builtOnImage(globalAveragePooling(requireImage(context))),
};

/** A convolutional network of any layers; LeNet's size unless a scenario says otherwise. */
import { z } from 'zod';
import { count } from '../options/index.js';
import type { ModelEntry } from './index.js';
import type { KernelInit } from './layers.js';
import { buildNetwork, kernelOptions, type LayerSpec, layerSpec } from './network.js';

interface CnnOptions {
  layers?: LayerSpec[] | undefined;
  headLayers: number;
  bias?: boolean;
  kernelInit?: KernelInit;
}

/** LeNet-5 (LeCun et al., 1998) with today's ReLU and max pooling: 61,706 params on 28 × 28 × 1 and 10 classes. */
const LENET: readonly LayerSpec[] = [
  { use: 'conv', filters: 6, window: 5, stride: 1, padding: 'same' },
  { use: 'relu' },
  { use: 'max-pool', window: 2, padding: 'valid' },
  { use: 'conv', filters: 16, window: 5, stride: 1, padding: 'valid' },
  { use: 'relu' },
  { use: 'max-pool', window: 2, padding: 'valid' },
  { use: 'dense', units: 120 },
  { use: 'relu' },
  { use: 'dense', units: 84 },
  { use: 'relu' },
];

/** Samples are images, row-major [height, width, channels]. */
export const cnn: ModelEntry<CnnOptions> = {
  id: 'cnn',
  description: 'convolutional network: a list of layers, then a dense layer to the classes',
  options: z.strictObject({
    layers: z
      .array(layerSpec)
      .min(1)
      .optional()
      .describe('all layers but the last, which is dense; default: those of LeNet-5'),
    headLayers: count()
      .default(1)
      .describe('how many layers with a kernel, from the last one down, form the head'),
    ...kernelOptions,
  }),
  build: (spec) => buildNetwork(spec, { ...spec.options, layers: spec.options.layers ?? LENET }),
};

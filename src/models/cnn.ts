/** A convolutional network of any layers; LeNet's size unless a scenario says otherwise. */
import { z } from 'zod';
import { count } from '../options/index.js';
import { convEntry } from './layers/conv.js';
import { layerList } from './layers/index.js';
import { type KernelOptions, kernelOptions } from './layers/kernels.js';
import { maxPoolEntry } from './layers/max-pool.js';
import { reluEntry } from './layers/relu.js';
import { hiddenLayers } from './mlp.js';
import type { ModelEntry } from './model.js';
import { buildNetwork } from './network.js';
import { type Reference, reference, referenceOption } from './references.js';

interface CnnOptions extends KernelOptions {
  readonly layers?: readonly Reference[] | undefined;
  readonly headLayers: number;
}

const RELU = reference(reluEntry, {});
const HALVE = reference(maxPoolEntry, { window: 2, padding: 'valid' });

/** LeNet-5 (LeCun et al., 1998) with today's ReLU and max pooling: 61,706 params on 28 × 28 × 1 and 10 classes. */
const LENET: readonly Reference[] = [
  reference(convEntry, { filters: 6, kernelSize: 5, stride: 1, padding: 'same' }),
  RELU,
  HALVE,
  reference(convEntry, { filters: 16, kernelSize: 5, stride: 1, padding: 'valid' }),
  RELU,
  HALVE,
  ...hiddenLayers([120, 84]),
];

/** Samples are images, row-major [height, width, channels]. */
export const cnn: ModelEntry<CnnOptions> = {
  id: 'cnn',
  description: 'convolutional network: a list of layers, then a dense layer to the classes',
  options: z.strictObject({
    layers: z
      .array(referenceOption(layerList))
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

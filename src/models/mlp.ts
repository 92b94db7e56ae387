/** Softmax regression and the multi-layer perceptron. */
import { z } from 'zod';
import { lengthOf } from '../data/dataset.js';
import { count } from '../options/index.js';
import { layered } from './layered.js';
import { dense, denseEntry } from './layers/dense.js';
import { type KernelOptions, kernelOptions } from './layers/kernels.js';
import { reluEntry } from './layers/relu.js';
import type { ModelEntry } from './model.js';
import { buildNetwork, requireClasses } from './network.js';
import { type Reference, reference } from './references.js';

/** One dense layer from the features to the classes. */
export const softmax: ModelEntry<Record<string, never>> = {
  id: 'softmax',
  description: 'softmax regression: one dense layer; all of it is the head',
  options: z.strictObject({}),
  build(spec) {
    requireClasses(spec);
    return layered(spec, [dense('dense1', { inputs: lengthOf(spec.input), outputs: spec.classes })]);
  },
};

interface MlpOptions extends KernelOptions {
  readonly hidden: readonly number[];
  readonly headLayers: number;
}

/** Dense layers with ReLU between them: a head of one layer reads the last ReLU's output. */
export const mlp: ModelEntry<MlpOptions> = {
  id: 'mlp',
  description: 'multi-layer perceptron with ReLU; the last headLayers dense layers are the head',
  options: z.strictObject({
    hidden: z.array(count()).min(1).describe('units of each hidden layer'),
    headLayers: count().default(1).describe('how many dense layers, from the last one down, form the head'),
    ...kernelOptions,
  }),
  build(spec) {
    const { hidden, headLayers, bias, kernelInit } = spec.options;
    return buildNetwork(spec, { layers: hiddenLayers(hidden), headLayers, bias, kernelInit });
  },
};

/** A dense layer and a ReLU for each number of units. @public */
export function hiddenLayers(hidden: readonly number[]): Reference[] {
  return hidden.flatMap((units) => [reference(denseEntry, { units }), reference(reluEntry, {})]);
}

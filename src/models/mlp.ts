/** Softmax regression and the multi-layer perceptron. */
import { z } from 'zod';
import { lengthOf } from '../data/dataset.js';
import { count } from '../options/index.js';
import { layered } from './layered.js';
import { dense, denseEntry } from './layers/dense.js';
import { eluEntry } from './layers/elu.js';
import { geluEntry } from './layers/gelu.js';
import { type KernelOptions, kernelOptions } from './layers/kernels.js';
import { reluEntry } from './layers/relu.js';
import { sigmoidEntry } from './layers/sigmoid.js';
import { tanhEntry } from './layers/tanh.js';
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

/** What can stand after a hidden layer. */
const ACTIVATIONS = {
  relu: reluEntry,
  elu: eluEntry,
  gelu: geluEntry,
  tanh: tanhEntry,
  sigmoid: sigmoidEntry,
};
type Activation = keyof typeof ACTIVATIONS;

interface MlpOptions extends KernelOptions {
  readonly hidden: readonly number[];
  readonly activation?: Activation | undefined;
  readonly headLayers: number;
}

/** Dense layers with activations between them: a head of one layer reads the last activation's output. */
export const mlp: ModelEntry<MlpOptions> = {
  id: 'mlp',
  description: 'multi-layer perceptron; the last headLayers dense layers are the head',
  options: z.strictObject({
    hidden: z.array(count()).min(1).describe('units of each hidden layer'),
    // No default in the schema: resolved scenarios, which know results, stay as they are.
    activation: z
      .enum(Object.keys(ACTIVATIONS) as [Activation, ...Activation[]])
      .optional()
      .describe(
        'what follows each hidden layer; default: relu. Step programs compute relu and elu, TensorFlow.js the others',
      ),
    headLayers: count().default(1).describe('how many dense layers, from the last one down, form the head'),
    ...kernelOptions,
  }),
  build(spec) {
    const { hidden, activation, headLayers, bias, kernelInit } = spec.options;
    return buildNetwork(spec, { layers: hiddenLayers(hidden, activation), headLayers, bias, kernelInit });
  },
};

/** A dense layer and an activation for each number of units. @public */
export function hiddenLayers(hidden: readonly number[], activation: Activation = 'relu'): Reference[] {
  const after = ACTIVATIONS[activation];
  return hidden.flatMap((units) => [reference(denseEntry, { units }), reference(after, {})]);
}

/** The logistic function. */
import { z } from 'zod';
import type { Layer, LayerEntry } from './layer.js';

/** 1 / (1 + exp(−x)). TensorFlow.js computes it, on every backend. @public */
export function sigmoid(features: number): Layer {
  return {
    slices: [],
    flops: { forward: 4 * features, params: 0, input: 3 * features },
    forward: (engine, { input }) => engine.sigmoid(input),
    paramsGradient: () => [],
    inputGradient: (engine, { output, outputGradient }) =>
      engine.mul(outputGradient, engine.mul(output, engine.sub(1, output))),
  };
}

/** The layer `sigmoid` of a scenario. */
export const sigmoidEntry: LayerEntry<object> = {
  id: 'sigmoid',
  description: 'logistic function: 1 / (1 + exp(−x))',
  options: z.strictObject({}),
  build: (_options, { input }) => ({ layer: sigmoid(input.features), output: input }),
};

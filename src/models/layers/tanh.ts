/** The hyperbolic tangent. */
import { z } from 'zod';
import type { Layer, LayerEntry } from './layer.js';

/** tanh x. TensorFlow.js computes it, on every backend. @public */
export function tanh(features: number): Layer {
  return {
    slices: [],
    flops: { forward: 4 * features, params: 0, input: 3 * features },
    forward: (engine, { input }) => engine.tanh(input),
    paramsGradient: () => [],
    inputGradient: (engine, { output, outputGradient }) =>
      engine.mul(outputGradient, engine.sub(1, engine.square(output))),
  };
}

/** The layer `tanh` of a scenario. */
export const tanhEntry: LayerEntry<object> = {
  id: 'tanh',
  description: 'hyperbolic tangent',
  options: z.strictObject({}),
  build: (_options, { input }) => ({ layer: tanh(input.features), output: input }),
};

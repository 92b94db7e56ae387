/** The rectified linear unit. */
import { z } from 'zod';
import type { Layer, LayerEntry } from './layer.js';
import { pointwise } from './pointwise.js';

/** max(0, x); its gradient at 0 is 0. @public */
export function relu(features: number): Layer {
  return {
    slices: [],
    flops: { forward: features, params: 0, input: features },
    forward: (engine, { input }) => engine.relu(input),
    paramsGradient: () => [],
    inputGradient: (engine, { output, outputGradient }) => engine.mul(outputGradient, engine.step(output)),
    program: pointwise('relu', features),
  };
}

/** The layer `relu` of a scenario. */
export const reluEntry: LayerEntry<object> = {
  id: 'relu',
  description: 'rectified linear unit: max(0, x)',
  options: z.strictObject({}),
  build: (_options, { input }) => ({ layer: relu(input.features), output: input }),
};

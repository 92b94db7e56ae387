/** The exponential linear unit. */
import { z } from 'zod';
import type { Layer, LayerEntry } from './layer.js';
import { pointwise } from './pointwise.js';

/** x above 0, exp(x) − 1 below (Clevert et al., 2016, with α = 1). @public */
export function elu(features: number): Layer {
  return {
    slices: [],
    flops: { forward: 2 * features, params: 0, input: 3 * features },
    forward: (engine, { input }) => engine.elu(input),
    paramsGradient: () => [],
    // Where y ≤ 0 the slope is exp(x) = y + 1.
    inputGradient: (engine, { output, outputGradient }) =>
      engine.mul(outputGradient, engine.add(engine.minimum(output, 0), 1)),
    program: pointwise('elu', features),
  };
}

/** The layer `elu` of a scenario. */
export const eluEntry: LayerEntry<object> = {
  id: 'elu',
  description: 'exponential linear unit: x above 0, exp(x) − 1 below',
  reference:
    'Clevert et al., Fast and Accurate Deep Network Learning by Exponential Linear Units (ELUs), ICLR 2016',
  options: z.strictObject({}),
  build: (_options, { input }) => ({ layer: elu(input.features), output: input }),
};

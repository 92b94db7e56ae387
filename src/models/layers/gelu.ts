/** The Gaussian error linear unit. */
import type * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import type { Layer, LayerEntry } from './layer.js';

const SCALE = Math.sqrt(2 / Math.PI);
const CUBIC = 0.044715;

/** x/2 · (1 + tanh(√(2/π) · (x + 0.044715 x³))) (Hendrycks and Gimpel, 2016). TensorFlow.js computes it, on every backend. @public */
export function gelu(features: number): Layer {
  const tangent = (engine: typeof tf, x: tf.Tensor) => {
    const bent = engine.mul(x, engine.add(1, engine.mul(CUBIC, engine.square(x))));
    return engine.tanh(engine.mul(SCALE, bent));
  };
  return {
    slices: [],
    flops: { forward: 11 * features, params: 0, input: 18 * features },
    forward: (engine, { input }) => engine.mul(engine.mul(0.5, input), engine.add(1, tangent(engine, input))),
    paramsGradient: () => [],
    inputGradient(engine, { input, outputGradient }) {
      const t = tangent(engine, input);
      // Half of 1 + t, and x/2 times the slope of t.
      const slope = engine.mul(SCALE, engine.add(1, engine.mul(3 * CUBIC, engine.square(input))));
      const ofTangent = engine.mul(engine.sub(1, engine.square(t)), slope);
      const sum = engine.add(engine.add(1, t), engine.mul(input, ofTangent));
      return engine.mul(outputGradient, engine.mul(0.5, sum));
    },
  };
}

/** The layer `gelu` of a scenario. */
export const geluEntry: LayerEntry<object> = {
  id: 'gelu',
  description: 'Gaussian error linear unit, by its tanh form',
  reference: 'Hendrycks and Gimpel, Gaussian Error Linear Units (GELUs), arXiv:1606.08415, 2016',
  options: z.strictObject({}),
  build: (_options, { input }) => ({ layer: gelu(input.features), output: input }),
};

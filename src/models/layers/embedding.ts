/** Vectors in place of numbers: what a model of text begins with. */
import { z } from 'zod';
import { count } from '../../options/index.js';
import type { Layer, LayerEntry } from './layer.js';

/** Sizes of an embedding. @public */
export interface EmbeddingOptions {
  /** Numbers of each sample: its length. */
  readonly steps: number;
  /** How many different numbers there are. */
  readonly vocabulary: number;
  /** Length of a vector. */
  readonly units: number;
}

/** Half-width of a uniform distribution of variance 1. */
const UNIT_VARIANCE = Math.sqrt(3);

/**
 * Feature t of a sample, a whole number v from 0 to vocabulary − 1, becomes row v of the kernel; the zero vector if it is another
 * number. TensorFlow.js computes it, on every backend. The gradient by the input is 0.
 * @param name begins the name of its slice: `kernel` [vocabulary, units]
 * @public
 */
export function embedding(name: string, { steps, vocabulary, units }: EmbeddingOptions): Layer {
  // A product with rows that have a single 1: the same sums in the same order on every backend.
  const chosen = (
    engine: Parameters<Layer['forward']>[0],
    input: Parameters<Layer['forward']>[1]['input'],
  ) => {
    const [nodes, batch] = input.shape as [number, number];
    const numbers = engine.cast(engine.reshape(input, [nodes * batch * steps]), 'int32');
    const hot = engine.cast(engine.oneHot(numbers as never, vocabulary), 'float32');
    return engine.reshape(hot, [nodes, batch * steps, vocabulary]);
  };
  return {
    slices: [{ name: `${name}/kernel`, shape: [vocabulary, units], initBound: UNIT_VARIANCE }],
    flops: { forward: 0, params: steps * units, input: 0 },
    forward(engine, { params: [kernel], input }) {
      const vectors = engine.matMul(chosen(engine, input), kernel!);
      return engine.reshape(vectors, [input.shape[0], input.shape[1]!, steps * units]);
    },
    paramsGradient(engine, { input, outputGradient }) {
      const ofVectors = engine.reshape(outputGradient, [input.shape[0], -1, units]);
      return [engine.matMul(chosen(engine, input), ofVectors, true, false)];
    },
    inputGradient: (engine, { input }) => engine.zerosLike(input),
  };
}

/** The layer `embedding` of a scenario. */
export const embeddingEntry: LayerEntry<{
  readonly vocabulary?: number | undefined;
  readonly units: number;
}> = {
  id: 'embedding',
  description: 'a vector for each number of a sample, such as the characters of a text; gives a sequence',
  options: z.strictObject({
    vocabulary: count()
      .optional()
      .describe(
        'how many different numbers there are, from 0 on; default: the number of classes, as in text',
      ),
    units: count().describe('length of a vector'),
  }),
  build({ vocabulary, units }, { name, input, model }) {
    const steps = input.features;
    const layer = embedding(name, { steps, vocabulary: vocabulary ?? model.classes, units });
    return { layer, output: { features: steps * units, sequence: { steps, width: units } } };
  },
};

/** The fully connected layer. */
import { z } from 'zod';
import { count } from '../../options/index.js';
import { initBounds, type KernelOptions } from './kernels.js';
import type { Layer, LayerEntry } from './layer.js';

/** Size of a dense layer, and the options of its kernel. @public */
export interface DenseOptions extends KernelOptions {
  readonly inputs: number;
  readonly outputs: number;
}

/**
 * Fully connected: output = input · kernel + bias.
 * @param name begins the names of its slices: `kernel` [inputs, outputs] and, unless it has none, `bias` [outputs]
 * @public
 */
export function dense(name: string, { inputs, outputs, bias = true, kernelInit }: DenseOptions): Layer {
  const bounds = initBounds(inputs, kernelInit);
  const products = 2 * inputs * outputs;
  const additions = bias ? outputs : 0;
  return {
    slices: [
      { name: `${name}/kernel`, shape: [inputs, outputs], initBound: bounds.kernel },
      ...(bias ? [{ name: `${name}/bias`, shape: [outputs], initBound: bounds.bias }] : []),
    ],
    flops: { forward: products + additions, params: products + additions, input: products },
    forward(engine, { params: [kernel, offset], input }) {
      const product = engine.matMul(input, kernel!);
      return offset ? engine.add(product, engine.reshape(offset, [offset.shape[0], 1, outputs])) : product;
    },
    paramsGradient(engine, { input, outputGradient }) {
      const ofKernel = engine.matMul(input, outputGradient, true, false);
      return bias ? [ofKernel, engine.sum(outputGradient, 1)] : [ofKernel];
    },
    inputGradient: (engine, { params: [kernel], outputGradient }) =>
      engine.matMul(outputGradient, kernel!, false, true),
    program(builder, { params: [kernel, offset], input, samples }) {
      const output = builder.floats(samples * outputs);
      const sizes = [samples, inputs, outputs];
      builder.emit('dense', [output, input, kernel!, offset ?? kernel!], [...sizes, bias ? 1 : 0]);
      return {
        output,
        backward({ outputGradient, ofParams, input: wantsInput }) {
          if (ofParams) {
            builder.emit('dense_kernel_gradient', [ofParams[0]!, input, outputGradient], sizes);
            if (bias) builder.emit('column_sums', [ofParams[1]!, outputGradient], [samples, outputs]);
          }
          if (!wantsInput) return undefined;
          const ofInput = builder.floats(samples * inputs);
          const turned = builder.floats(inputs * outputs);
          builder.emit('dense_input_gradient', [ofInput, outputGradient, kernel!, turned], sizes);
          return ofInput;
        },
      };
    },
  };
}

/** The layer `dense` of a scenario. */
export const denseEntry: LayerEntry<{ readonly units: number }> = {
  id: 'dense',
  description: 'fully connected layer; its output is not an image any more',
  options: z.strictObject({
    units: count().describe('number of outputs for each sample'),
  }),
  build: ({ units }, { name, input, kernels }) => ({
    layer: dense(name, { inputs: input.features, outputs: units, ...kernels }),
    output: { features: units },
  }),
};

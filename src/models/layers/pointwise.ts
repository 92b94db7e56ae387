/** Activations as instructions: number by number, with a gradient that needs the output alone. */
import type { Layer } from './layer.js';

/** The program of an activation on so many features a sample. */
export function pointwise(name: 'relu' | 'elu', features: number): NonNullable<Layer['program']> {
  return (builder, { input, samples }) => {
    const length = samples * features;
    const output = builder.floats(length);
    builder.emit(name, [output, input], [length]);
    return {
      output,
      backward({ outputGradient, input: wantsInput }) {
        if (!wantsInput) return undefined;
        const ofInput = builder.floats(length);
        builder.emit(`${name}_gradient`, [ofInput, output, outputGradient], [length]);
        return ofInput;
      },
    };
  };
}

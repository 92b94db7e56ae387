/** Local response normalisation. */
import type * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { bitsOf } from '../../numeric/bits.js';
import { count } from '../../options/index.js';
import { type Layer, type LayerEntry, requireImage } from './layer.js';

type Engine = typeof tf;

/** Which channels a local response normalisation uses, and how strongly. @public */
export interface ResponseNorm {
  /** Neighbouring channels in the sum: from c − ⌊size/2⌋ to c + ⌊(size − 1)/2⌋, where they exist. */
  readonly size: number;
  readonly alpha: number;
  readonly beta: number;
  readonly offset: number;
}

/**
 * Local response normalisation over channels (Krizhevsky et al., 2012, the equation of §3.3, with α divided by `size` as
 * in PyTorch): y_c = x_c / (offset + α/size · Σ x²)^β, where the sum is over the neighbouring channels of c.
 * @param shape features of a sample, channels last, and how many channels they have
 * @public
 */
export function localResponseNorm(
  { features, channels }: { readonly features: number; readonly channels: number },
  { size, alpha, beta, offset }: ResponseNorm,
): Layer {
  const scale = alpha / size;
  const neighbors = new Float32Array(channels * channels);
  for (let c = 0; c < channels; c++) {
    const first = Math.max(0, c - Math.floor(size / 2));
    const last = Math.min(channels - 1, c + Math.floor((size - 1) / 2));
    for (let from = first; from <= last; from++) neighbors[from * channels + c] = 1;
  }
  const byChannel = (engine: Engine, x: tf.Tensor) => engine.reshape(x, [x.shape[0], -1, channels]);
  const base = (engine: Engine, x: tf.Tensor) => {
    const sums = engine.matMul(engine.square(x), engine.tensor(neighbors, [channels, channels]));
    return engine.add(engine.mul(sums, scale), offset);
  };
  const toMinusBeta = (engine: Engine, x: tf.Tensor) => engine.exp(engine.mul(engine.log(x), -beta));
  return {
    slices: [],
    flops: { forward: features * (2 * channels + 6), params: 0, input: features * (4 * channels + 12) },
    forward(engine, { input }) {
      const x = byChannel(engine, input);
      return engine.reshape(engine.mul(x, toMinusBeta(engine, base(engine, x))), input.shape);
    },
    paramsGradient: () => [],
    inputGradient(engine, { input, outputGradient }) {
      const [x, g] = [byChannel(engine, input), byChannel(engine, outputGradient)];
      const d = base(engine, x);
      const direct = engine.mul(g, toMinusBeta(engine, d));
      // ∂y_c/∂x_j has −2αβ/size · x_j · x_c · d_c^(−β−1) for every channel c of which j is a neighbour.
      const shares = engine.div(engine.mul(direct, x), d);
      const ofNeighbors = engine.matMul(shares, engine.tensor(neighbors, [channels, channels]), false, true);
      const indirect = engine.mul(engine.mul(x, ofNeighbors), 2 * scale * beta);
      return engine.reshape(engine.sub(direct, indirect), input.shape);
    },
    program(builder, { input, samples }) {
      const cells = (samples * features) / channels;
      const output = builder.floats(samples * features);
      const divisor = builder.floats(samples * features);
      const sizes = [cells, channels, size, bitsOf(scale), bitsOf(beta)];
      const squares = builder.floats(channels);
      builder.emit('response_norm', [output, divisor, squares, input], [...sizes, bitsOf(offset)]);
      return {
        output,
        backward({ outputGradient, input: wantsInput }) {
          if (!wantsInput) return undefined;
          const ofInput = builder.floats(samples * features);
          const shares = builder.floats(3 * channels);
          builder.emit('response_norm_gradient', [ofInput, shares, divisor, input, outputGradient], sizes);
          return ofInput;
        },
      };
    },
  };
}

/** The layer `response-norm` of a scenario. */
export const responseNormEntry: LayerEntry<ResponseNorm> = {
  id: 'response-norm',
  description:
    'local response normalisation over neighbouring channels: x / (offset + alpha/size · Σ x²)^beta',
  reference:
    'Krizhevsky et al., ImageNet Classification with Deep Convolutional Neural Networks, NeurIPS 2012',
  options: z.strictObject({
    size: count().default(5).describe('neighbouring channels in the sum, including the channel itself'),
    alpha: z.number().positive().default(1e-4).describe('weight of the mean square of those channels'),
    beta: z.number().positive().default(0.75).describe('exponent of the divisor'),
    offset: z.number().positive().default(1).describe('constant in the divisor'),
  }),
  build(options, context) {
    const { channels } = requireImage(context);
    const { input } = context;
    return { layer: localResponseNorm({ features: input.features, channels }, options), output: input };
  },
};

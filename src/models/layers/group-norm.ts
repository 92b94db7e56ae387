/**
 * Group normalisation, which normalises every sample by itself, in training and in evaluation alike. (With batch
 * normalisation a gradient would not be a function of params and batch alone, and nodes would have to mix running means.)
 *
 * Plain loops in float64: fewer passes over memory than tensor operations take, and the same numbers on every backend.
 */
import type * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { UsageError } from '../../errors.js';
import { bitsOf } from '../../numeric/bits.js';
import { count } from '../../options/index.js';
import type { Layer, LayerEntry } from './layer.js';

/** How channels are grouped. @public */
export interface GroupNorm {
  /** Groups of neighbouring channels; divides their number. */
  readonly groups: number;
  /** Added to each variance. */
  readonly epsilon: number;
}

/** Samples of `features` numbers, channels last, `size` channels per group. */
interface Extent extends GroupNorm {
  readonly features: number;
  readonly channels: number;
  readonly size: number;
}

/**
 * Group normalisation (Wu and He, 2018): x̂ = (x − μ)/√(σ² + ε), with mean and variance over the places and channels of
 * one group of one sample, and y = γ·x̂ + β, with a `scale` γ that starts at 1 and a `shift` β that starts at 0 for
 * each channel.
 * @throws UsageError `bad-groups` where the groups don't divide the channels
 * @public
 */
export function groupNorm(
  name: string,
  { features, channels }: { features: number; channels: number },
  { groups, epsilon }: GroupNorm,
): Layer {
  if (channels % groups !== 0) {
    throw new UsageError(
      'bad-groups',
      `layer "${name}": expected a number of groups that divides its ${channels} channels, got ${groups}`,
      'model',
    );
  }
  const extent: Extent = { features, channels, groups, size: channels / groups, epsilon };
  return {
    slices: [
      { name: `${name}/scale`, shape: [channels], initBound: 0, initCenter: 1 },
      { name: `${name}/shift`, shape: [channels], initBound: 0 },
    ],
    flops: { forward: 7 * features, params: 9 * features, input: 15 * features },
    forward: (engine, { params: [scale, shift], input }) =>
      engine.tensor(normalize(input, numbersOf(scale!), numbersOf(shift!), extent), input.shape),
    paramsGradient: (engine, { input, outputGradient }) =>
      paramsGradient(input, numbersOf(outputGradient), extent).map((sums) =>
        engine.tensor(sums, [input.shape[0], channels]),
      ),
    inputGradient: (engine, { params: [scale], input, outputGradient }) =>
      engine.tensor(inputGradient(input, numbersOf(outputGradient), numbersOf(scale!), extent), input.shape),
    program(builder, { params: [scale, shift], input, samples }) {
      const output = builder.floats(samples * features);
      const moments = builder.doubles(2 * samples * channels);
      const sizes = [samples, features / channels, channels, groups];
      builder.emit('group_norm', [output, moments, input, scale!, shift!], [...sizes, bitsOf(epsilon)]);
      return {
        output,
        backward({ outputGradient, ofParams }) {
          const ofInput = builder.floats(samples * features);
          const [ofScale, ofShift] = ofParams ?? [builder.floats(channels), builder.floats(channels)];
          const sums = builder.doubles(4 * channels);
          const given = [moments, input, scale!, outputGradient, sums];
          builder.emit('group_norm_gradient', [ofInput, ofScale!, ofShift!, ...given], sizes);
          return ofInput;
        },
      };
    },
  };
}

/** Options of layers that normalise by groups; a schema spreads them in. */
export const groupNormOptions = {
  groups: count()
    .default(32)
    .describe('number of groups of channels that are normalised together; it divides the number of channels'),
  epsilon: z.number().positive().default(1e-5).describe('added to the variance of each group'),
};

/** The layer `group-norm` of a scenario. */
export const groupNormEntry: LayerEntry<GroupNorm> = {
  id: 'group-norm',
  description:
    'normalisation of each sample by groups of channels, then a scale and a shift for each channel',
  reference: 'Wu and He, Group Normalization, ECCV 2018',
  options: z.strictObject(groupNormOptions),
  build(options, { name, input }) {
    const channels = input.image?.channels ?? input.features;
    return { layer: groupNorm(name, { features: input.features, channels }, options), output: input };
  },
};

const numbersOf = (tensor: tf.Tensor) => tensor.dataSync() as Float32Array;

/** One sample: its numbers are x[i + c] for i from `start` below `end` in steps of the channels, c a channel. */
interface Sample {
  readonly start: number;
  readonly end: number;
  /** Place of its node's first channel in the γ and β of all nodes. */
  readonly first: number;
  /** By channel: μ of its group. */
  readonly mean: Float64Array;
  /** By channel: 1/√(σ² + ε) of its group. */
  readonly factor: Float64Array;
}

function normalize(input: tf.Tensor, scale: Float32Array, shift: Float32Array, extent: Extent): Float32Array {
  const x = numbersOf(input);
  const y = new Float32Array(x.length);
  for (const { start, end, first, mean, factor } of samplesOf(input, x, extent)) {
    const slope = factor.map((value, c) => scale[first + c]! * value);
    const offset = mean.map((value, c) => shift[first + c]! - slope[c]! * value);
    for (let i = start; i < end; i += extent.channels) {
      for (let c = 0; c < extent.channels; c++) y[i + c] = slope[c]! * x[i + c]! + offset[c]!;
    }
  }
  return y;
}

/** ∂γ = Σ g·x̂ and ∂β = Σ g over the samples and places of each node. */
function paramsGradient(input: tf.Tensor, g: Float32Array, extent: Extent): Float32Array[] {
  const x = numbersOf(input);
  const length = input.shape[0] * extent.channels;
  const [ofScale, ofShift] = [new Float64Array(length), new Float64Array(length)];
  for (const sample of samplesOf(input, x, extent)) {
    const { sums, products } = sumsOf(x, g, sample, extent);
    for (let c = 0; c < extent.channels; c++) {
      ofScale[sample.first + c]! += products[c]!;
      ofShift[sample.first + c]! += sums[c]!;
    }
  }
  return [Float32Array.from(ofScale), Float32Array.from(ofShift)];
}

/** With h = γ·g: ∂x = (h − mean(h) − x̂·mean(h·x̂)) / √(σ² + ε), the means over the group. */
function inputGradient(input: tf.Tensor, g: Float32Array, scale: Float32Array, extent: Extent): Float32Array {
  const x = numbersOf(input);
  const result = new Float32Array(x.length);
  for (const sample of samplesOf(input, x, extent)) {
    const { start, end, first, mean, factor } = sample;
    const { sums, products } = sumsOf(x, g, sample, extent);
    const ofH = meanOfGroups(
      sums.map((sum, c) => scale[first + c]! * sum),
      extent,
    );
    const ofProduct = meanOfGroups(
      products.map((sum, c) => scale[first + c]! * sum),
      extent,
    );
    // By channel ∂x = a·g − b·x + d.
    const a = factor.map((value, c) => scale[first + c]! * value);
    const b = factor.map((value, c) => value * value * ofProduct[c]!);
    const d = mean.map((value, c) => b[c]! * value - factor[c]! * ofH[c]!);
    for (let i = start; i < end; i += extent.channels) {
      for (let c = 0; c < extent.channels; c++) {
        result[i + c] = a[c]! * g[i + c]! - b[c]! * x[i + c]! + d[c]!;
      }
    }
  }
  return result;
}

/** Σ g and Σ g·x̂ over the places of a sample, by channel. */
function sumsOf(
  x: Float32Array,
  g: Float32Array,
  { start, end, mean, factor }: Sample,
  { channels }: Extent,
) {
  const [sums, products] = [new Float64Array(channels), new Float64Array(channels)];
  for (let i = start; i < end; i += channels) {
    for (let c = 0; c < channels; c++) {
      sums[c]! += g[i + c]!;
      products[c]! += g[i + c]! * (x[i + c]! - mean[c]!);
    }
  }
  return { sums, products: products.map((product, c) => product * factor[c]!) };
}

/** All samples of all nodes, in order; input [nodes, batch, features] with the numbers `x`. */
function* samplesOf({ shape }: tf.Tensor, x: Float32Array, extent: Extent): Generator<Sample> {
  const { features, channels, epsilon } = extent;
  const [nodes, batch] = shape as [number, number];
  for (let sample = 0; sample < nodes * batch; sample++) {
    const [start, end] = [sample * features, (sample + 1) * features];
    const sums = new Float64Array(channels);
    for (let i = start; i < end; i += channels) {
      for (let c = 0; c < channels; c++) sums[c]! += x[i + c]!;
    }
    const mean = meanOfGroups(sums, extent);
    const squares = new Float64Array(channels);
    for (let i = start; i < end; i += channels) {
      for (let c = 0; c < channels; c++) {
        const deviation = x[i + c]! - mean[c]!;
        squares[c]! += deviation * deviation;
      }
    }
    const factor = meanOfGroups(squares, extent).map((variance) => 1 / Math.sqrt(variance + epsilon));
    yield { start, end, first: Math.floor(sample / batch) * channels, mean, factor };
  }
}

/** From sums over places, by channel, to the mean of each channel's group. */
function meanOfGroups(sums: Float64Array, { features, groups, size }: Extent): Float64Array {
  return sums.map((_, c) => {
    const start = c - (c % size);
    let total = 0;
    for (let k = start; k < start + size; k++) total += sums[k]!;
    return (total * groups) / features;
  });
}

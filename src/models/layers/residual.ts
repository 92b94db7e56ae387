/** Residual blocks (He et al., 2016), with group normalisation in the place of batch normalisation. */
import type * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { count } from '../../options/index.js';
import { chainGradients, chainProgram, hasProgram, outputOf, outputsOf } from '../chain.js';
import { convolution } from './conv.js';
import { groupNorm, groupNormOptions } from './group-norm.js';
import type { KernelInit } from './kernels.js';
import {
  builtOnImage,
  type ImageLayer,
  type Layer,
  type LayerEntry,
  type LayerInput,
  type LayerPass,
  requireImage,
} from './layer.js';
import { relu } from './relu.js';
import type { ImageShape } from './windows.js';

type Engine = typeof tf;

/** Options of a residual block. @public */
export interface Residual {
  readonly filters: number;
  /** Stride of the first convolution and of the shortcut. */
  readonly stride: number;
  /** Groups of every normalisation. */
  readonly groups: number;
  readonly epsilon: number;
  readonly kernelInit?: KernelInit | undefined;
}

/**
 * y = norm(conv 3×3(ReLU(norm(conv 3×3(x))))) + shortcut(x): the shortcut is x itself, or norm(conv 1×1(x)) where the
 * shape changes. No convolution has a bias, since a normalisation follows. The ReLU after the sum is a layer of its own.
 * @throws UsageError as groupNorm
 * @public
 */
export function residual(
  name: string,
  input: ImageShape,
  { filters, stride, groups, epsilon, kernelInit }: Residual,
): ImageLayer {
  const conv = (part: string, from: ImageShape, kernelSize: number, step: number) =>
    convolution(`${name}/${part}`, from, {
      filters,
      kernelSize,
      stride: step,
      padding: (kernelSize - 1) / 2,
      bias: false,
      kernelInit,
    });
  const first = conv('conv1', input, 3, stride);
  const { output } = first;
  const features = output.height * output.width * filters;
  const norm = (part: string) =>
    groupNorm(`${name}/${part}`, { features, channels: filters }, { groups, epsilon });
  const main = [first.layer, norm('norm1'), relu(features), conv('conv2', output, 3, 1).layer, norm('norm2')];
  const keepsShape = stride === 1 && filters === input.channels;
  const shortcut = keepsShape ? [] : [conv('shortcut', input, 1, stride).layer, norm('shortcut-norm')];
  const inputFeatures = input.height * input.width * input.channels;
  return { layer: sumOf(main, shortcut, { input: inputFeatures, output: features }), output };
}

/** The layer `residual` of a scenario. */
export const residualEntry: LayerEntry<Omit<Residual, 'kernelInit'>> = {
  id: 'residual',
  description:
    'residual block of two 3×3 convolutions with group normalisation; the ReLU after it is a layer of its own',
  reference: 'He et al., Deep Residual Learning for Image Recognition, CVPR 2016',
  options: z.strictObject({
    filters: count().describe('channels of the output'),
    stride: count().default(1).describe('stride of the first convolution and of the shortcut'),
    ...groupNormOptions,
  }),
  build(options, context) {
    const { kernelInit } = context.kernels;
    return builtOnImage(residual(context.name, requireImage(context), { ...options, kernelInit }));
  },
};

/** The sum of two chains of layers on one input; a chain without layers gives the input itself. */
function sumOf(
  main: readonly Layer[],
  shortcut: readonly Layer[],
  { input: inputFeatures, output: features }: { readonly input: number; readonly output: number },
): Layer {
  const branches = [main, shortcut];
  const layers = branches.flat();
  const first = branches.flatMap((branch) => branch.slice(0, 1));
  const total = (of: readonly Layer[], part: keyof Layer['flops']) =>
    of.reduce((sum, { flops }) => sum + flops[part], 0);
  const split = main.reduce((count, { slices }) => count + slices.length, 0);
  /** What each branch takes in. */
  const inputsOf = ({ params, input }: LayerInput): LayerInput[] => [
    { params: params.slice(0, split), input },
    { params: params.slice(split), input },
  ];

  /** The outputs between the layers are computed a second time: keeping them would take several times the memory. */
  const gradients = (engine: Engine, pass: LayerPass) => {
    const [ofMain, ofShortcut] = inputsOf(pass).map((given, b) =>
      engine.tidy(() => {
        const branch = branches[b]!;
        const outputs = outputsOf(engine, branch, given);
        const chainPass = { params: given.params, outputs, outputGradient: pass.outputGradient };
        return chainGradients(engine, branch, chainPass, { params: branch.map(() => true), input: true });
      }),
    );
    return {
      ofParams: [...ofMain!.ofParams, ...ofShortcut!.ofParams] as tf.Tensor[],
      ofInput: engine.add(ofMain!.ofInput!, ofShortcut!.ofInput!),
    };
  };
  return {
    slices: layers.flatMap(({ slices }) => slices),
    flops: {
      forward: total(layers, 'forward') + features,
      // The gradient by the params of a first layer takes the gradients by the inputs of all layers after it.
      params: total(layers, 'params') + total(layers, 'input') - total(first, 'input'),
      input: total(first, 'input') + features,
    },
    forward(engine, given) {
      const [ofMain, ofShortcut] = inputsOf(given).map((own, b) => outputOf(engine, branches[b]!, own));
      return engine.add(ofMain!, ofShortcut!);
    },
    paramsGradient: (engine, pass) => gradients(engine, pass).ofParams,
    inputGradient: (engine, pass) => gradients(engine, pass).ofInput,
    gradients,
    ...(hasProgram(layers) && {
      program(builder, { params, input, samples }) {
        const length = samples * features;
        const inputs = [params.slice(0, split), params.slice(split)];
        const passes = branches.map((branch, b) =>
          chainProgram(builder, branch, { params: inputs[b]!, input, samples }),
        );
        const output = builder.floats(length);
        builder.emit('add', [output, passes[0]!.outputs.at(-1)!, passes[1]!.outputs.at(-1)!], [length]);
        return {
          output,
          backward({ outputGradient, ofParams, input: wantsInput }) {
            const wanted = (branch: readonly Layer[]) => ({
              params: branch.map(({ slices }) => ofParams !== undefined && slices.length > 0),
              input: wantsInput,
            });
            const places = [ofParams?.slice(0, split) ?? [], ofParams?.slice(split) ?? []];
            const [ofMain, ofShortcut] = passes.map((pass, b) =>
              branches[b]!.length === 0
                ? outputGradient
                : pass.backward(outputGradient, places[b]!, wanted(branches[b]!)),
            );
            if (!wantsInput) return undefined;
            const ofInput = builder.floats(samples * inputFeatures);
            builder.emit('add', [ofInput, ofMain!, ofShortcut!], [samples * inputFeatures]);
            return ofInput;
          },
        };
      },
    }),
  };
}

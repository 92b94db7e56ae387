/** Residual blocks (He et al., 2016), with group normalisation in the place of batch normalisation. */
import type * as tf from '@tensorflow/tfjs-core';
import { convolution } from './convolution.js';
import { type KernelInit, type Layer, relu } from './layers.js';
import { groupNorm } from './normalization.js';
import type { ImageShape } from './windows.js';

type Engine = typeof tf;

/** What a residual block may be told. */
export interface Residual {
  readonly filters: number;
  /** Of the first convolution, and of the shortcut. */
  readonly stride: number;
  /** Of every normalisation. */
  readonly groups: number;
  readonly epsilon: number;
  readonly kernelInit?: KernelInit | undefined;
}

/**
 * y = norm(conv 3×3(ReLU(norm(conv 3×3(x))))) + shortcut(x): the shortcut is x itself, or norm(conv 1×1(x)) where the
 * shape changes. No convolution has a bias, since a normalisation follows. The ReLU after the sum is a layer of its own.
 * @throws UsageError as groupNorm
 */
export function residual(
  name: string,
  input: ImageShape,
  { filters, stride, groups, epsilon, kernelInit }: Residual,
): { layer: Layer; output: ImageShape } {
  const conv = (part: string, from: ImageShape, size: number, step: number) =>
    convolution(`${name}/${part}`, from, {
      filters,
      size,
      stride: step,
      padding: (size - 1) / 2,
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
  return { layer: sumOf(main, shortcut, features), output };
}

/** The sum of two chains of layers on one input; no layers: the input itself. */
function sumOf(main: readonly Layer[], shortcut: readonly Layer[], features: number): Layer {
  const branches = [main, shortcut];
  const layers = branches.flat();
  const first = branches.flatMap((branch) => branch.slice(0, 1));
  const total = (of: readonly Layer[], part: keyof Layer['flops']) =>
    of.reduce((sum, { flops }) => sum + flops[part], 0);
  const split = main.reduce((count, { slices }) => count + slices.length, 0);
  const paramsOf = (params: readonly tf.Tensor[]) => [params.slice(0, split), params.slice(split)];

  /** What lies between the layers is computed once more: keeping it would take several times the memory. */
  const gradients: Layer['gradients'] = (engine, params, input, outputGradient) => {
    const [ofMain, ofShortcut] = branches.map((branch, b) => {
      const own = paramsOf(params)[b]!;
      return engine.tidy(() => chainGradients(engine, branch, own, input, outputGradient));
    }) as [ChainGradients, ChainGradients];
    return {
      ofParams: [...ofMain.ofParams, ...ofShortcut.ofParams],
      ofInput: engine.add(ofMain.ofInput, ofShortcut.ofInput),
    };
  };
  return {
    slices: layers.flatMap(({ slices }) => slices),
    flops: {
      forward: total(layers, 'forward') + features,
      // To get to the params of the first layers takes the gradients of what the others read.
      params: total(layers, 'params') + total(layers, 'input') - total(first, 'input'),
      input: total(first, 'input') + features,
    },
    forward(engine, params, input) {
      const [ofMain, ofShortcut] = branches.map(
        (branch, b) => outputsOf(engine, branch, paramsOf(params)[b]!, input).at(-1)!,
      );
      return engine.add(ofMain!, ofShortcut!);
    },
    paramsGradient: (engine, input, outputGradient, params) =>
      gradients(engine, params, input, outputGradient).ofParams,
    inputGradient: (engine, params, _output, outputGradient, input) =>
      gradients(engine, params, input, outputGradient).ofInput,
    gradients,
  };
}

/** Of all params of a chain, and of its input. */
type ChainGradients = { ofParams: tf.Tensor[]; ofInput: tf.Tensor };

/** Each layer's own params. */
function byLayer(layers: readonly Layer[], params: readonly tf.Tensor[]): tf.Tensor[][] {
  let next = 0;
  return layers.map(({ slices }) => {
    const own = params.slice(next, next + slices.length);
    next += slices.length;
    return own;
  });
}

/** The input, then what each layer gives. */
function outputsOf(
  engine: Engine,
  layers: readonly Layer[],
  params: readonly tf.Tensor[],
  input: tf.Tensor,
): tf.Tensor[] {
  const own = byLayer(layers, params);
  const outputs = [input];
  for (const [l, layer] of layers.entries()) {
    outputs.push(engine.tidy(() => layer.forward(engine, own[l]!, outputs[l]!)));
  }
  return outputs;
}

function chainGradients(
  engine: Engine,
  layers: readonly Layer[],
  params: readonly tf.Tensor[],
  input: tf.Tensor,
  outputGradient: tf.Tensor,
): ChainGradients {
  const own = byLayer(layers, params);
  const outputs = outputsOf(engine, layers, params, input);
  const ofParams: tf.Tensor[] = [];
  let gradient = outputGradient;
  for (const [l, layer] of [...layers.entries()].reverse()) {
    ofParams.unshift(...engine.tidy(() => layer.paramsGradient(engine, outputs[l]!, gradient, own[l]!)));
    const below = engine.tidy(() =>
      layer.inputGradient(engine, own[l]!, outputs[l + 1]!, gradient, outputs[l]!),
    );
    outputs[l + 1]!.dispose();
    if (gradient !== outputGradient) gradient.dispose();
    gradient = below;
  }
  return { ofParams, ofInput: gradient };
}

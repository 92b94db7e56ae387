/**
 * Layers with hand-written gradients, on stacks of nodes: activations are [nodes, batch, features], params
 * [nodes, …]. Every operation keeps the nodes apart, so the gradient of a stack is each node's own gradient.
 */
import type * as tf from '@tensorflow/tfjs-core';

type Engine = typeof tf;

/** What one tensor of a layer looks like, without its place in the params. */
export interface LayerSlice {
  readonly name: string;
  readonly shape: readonly number[];
  readonly initBound: number;
  /** @defaultValue 0 */
  readonly initCenter?: number;
}

/** What a layer takes in. */
export interface LayerInput {
  /** One tensor for each slice of the layer: float32 [nodes, …slice.shape]. */
  readonly params: readonly tf.Tensor[];
  /** float32 [nodes, batch, features]; the features of an image lie row-major as [height, width, channels]. */
  readonly input: tf.Tensor;
}

/** What the backward pass of a layer starts from. */
export interface LayerPass extends LayerInput {
  /** What the forward pass has given for this input, float32 [nodes, batch, output features]. */
  readonly output: tf.Tensor;
  /** The gradient by the output, in the shape of the output. */
  readonly outputGradient: tf.Tensor;
}

/** One step of a model. What its functions give are new tensors: those that they were given may be freed. */
export interface Layer {
  readonly slices: readonly LayerSlice[];
  /**
   * Floating-point operations for one sample: of the forward pass, of the gradient by the params, and of the gradient by
   * the input.
   */
  readonly flops: { readonly forward: number; readonly params: number; readonly input: number };
  /** The output, float32 [nodes, batch, output features]. */
  forward(engine: Engine, given: LayerInput): tf.Tensor;
  /** The gradient by the params: one tensor for each slice, in the shape of its params. */
  paramsGradient(engine: Engine, pass: LayerPass): tf.Tensor[];
  /** The gradient by the input, in the shape of the input. */
  inputGradient(engine: Engine, pass: LayerPass): tf.Tensor;
  /** Both gradients at once, for layers where they share work. */
  gradients?(engine: Engine, pass: LayerPass): { ofParams: tf.Tensor[]; ofInput: tf.Tensor };
}

/** Whether a layer has a kernel; params of others (normalisations) go with the kernel before them. */
export function hasKernel({ slices }: Layer): boolean {
  return slices.some(({ name }) => name.endsWith('/kernel'));
}

/** How a layer's kernel starts; see {@link initBounds}. */
export type KernelInit = 'uniform' | 'he-uniform';

/** What layers with a kernel may be told. */
export interface KernelOptions {
  /** Whether the layer has a bias. @defaultValue true */
  readonly bias?: boolean | undefined;
  /** @defaultValue uniform */
  readonly kernelInit?: KernelInit | undefined;
}

/**
 * Half-widths of the uniform distributions from which a layer with `fanIn` inputs an output starts. `uniform`: kernel
 * and bias in ±1/√fanIn (the default of PyTorch). `he-uniform`: the kernel in ±√(6/fanIn) (He et al., 2015), the bias
 * at zero.
 */
export function initBounds(fanIn: number, init: KernelInit = 'uniform'): { kernel: number; bias: number } {
  if (init === 'he-uniform') return { kernel: Math.sqrt(6 / fanIn), bias: 0 };
  return { kernel: 1 / Math.sqrt(fanIn), bias: 1 / Math.sqrt(fanIn) };
}

/** Fully connected: output = input · kernel + bias, kernel [inputs, outputs], bias [outputs]. */
export function dense(
  name: string,
  { inputs, outputs, bias = true, kernelInit }: { inputs: number; outputs: number } & KernelOptions,
): Layer {
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
  };
}

/** max(0, x); its gradient at 0 is 0. */
export function relu(features: number): Layer {
  return {
    slices: [],
    flops: { forward: features, params: 0, input: features },
    forward: (engine, { input }) => engine.relu(input),
    paramsGradient: () => [],
    inputGradient: (engine, { output, outputGradient }) => engine.mul(outputGradient, engine.step(output)),
  };
}

/** x above 0, exp(x) − 1 below (Clevert et al., 2016, with α = 1). */
export function elu(features: number): Layer {
  return {
    slices: [],
    flops: { forward: 2 * features, params: 0, input: 3 * features },
    forward: (engine, { input }) => engine.elu(input),
    paramsGradient: () => [],
    // Where y ≤ 0 the slope is exp(x) = y + 1.
    inputGradient: (engine, { output, outputGradient }) =>
      engine.mul(outputGradient, engine.add(engine.minimum(output, 0), 1)),
  };
}

/** Which channels a local response normalisation looks at, and how strongly. */
export interface ResponseNorm {
  /** Neighbouring channels in a window: from c − ⌊size/2⌋ to c + ⌊(size − 1)/2⌋, where they exist. */
  readonly size: number;
  readonly alpha: number;
  readonly beta: number;
  readonly offset: number;
}

/**
 * Local response normalisation over channels (Krizhevsky et al., 2012, eq. of §3.3, with α divided by the window's
 * size as in PyTorch): y_c = x_c / (offset + α/size · Σ x²)^β, the sum over the window of c.
 */
export function localResponseNorm(
  { features, channels }: { features: number; channels: number },
  { size, alpha, beta, offset }: ResponseNorm,
): Layer {
  const scale = alpha / size;
  const window = new Float32Array(channels * channels);
  for (let c = 0; c < channels; c++) {
    const first = Math.max(0, c - Math.floor(size / 2));
    const last = Math.min(channels - 1, c + Math.floor((size - 1) / 2));
    for (let from = first; from <= last; from++) window[from * channels + c] = 1;
  }
  const byChannel = (engine: Engine, x: tf.Tensor) => engine.reshape(x, [x.shape[0], -1, channels]);
  const base = (engine: Engine, x: tf.Tensor) => {
    const sums = engine.matMul(engine.square(x), engine.tensor(window, [channels, channels]));
    return engine.add(engine.mul(sums, scale), offset);
  };
  const power = (engine: Engine, x: tf.Tensor) => engine.exp(engine.mul(engine.log(x), -beta));
  return {
    slices: [],
    flops: { forward: features * (2 * channels + 6), params: 0, input: features * (4 * channels + 12) },
    forward(engine, { input }) {
      const x = byChannel(engine, input);
      return engine.reshape(engine.mul(x, power(engine, base(engine, x))), input.shape);
    },
    paramsGradient: () => [],
    inputGradient(engine, { input, outputGradient }) {
      const [x, g] = [byChannel(engine, input), byChannel(engine, outputGradient)];
      const d = base(engine, x);
      const direct = engine.mul(g, power(engine, d));
      // ∂y_c/∂x_j has −2αβ/size · x_j · x_c · d_c^(−β−1) for every window of c that j is in.
      const shares = engine.div(engine.mul(direct, x), d);
      const ofWindows = engine.matMul(shares, engine.tensor(window, [channels, channels]), false, true);
      const indirect = engine.mul(engine.mul(x, ofWindows), 2 * scale * beta);
      return engine.reshape(engine.sub(direct, indirect), input.shape);
    },
  };
}

/**
 * Softmax cross-entropy with integer labels.
 * @param logits float32 [nodes, batch, classes]
 * @param labels int32 [nodes × batch]
 * @param scale of the gradient
 * @returns the sum of the losses over the batch, float32 [nodes], and the gradient of scale × the **mean** loss by the logits
 */
export function softmaxCrossEntropy(
  engine: Engine,
  logits: tf.Tensor,
  labels: ArrayLike<number>,
  scale = 1,
): { lossSum: tf.Tensor; gradient: tf.Tensor } {
  const [, batch, classes] = logits.shape as [number, number, number];
  const target = new Float32Array(labels.length * classes);
  for (let i = 0; i < labels.length; i++) target[i * classes + labels[i]!] = 1;
  const hot = engine.tensor(target, logits.shape);
  const shifted = engine.sub(logits, engine.max(logits, 2, true));
  const exponentials = engine.exp(shifted);
  const total = engine.sum(exponentials, 2, true);
  const probabilities = engine.div(exponentials, total);
  const logTotal = engine.sum(engine.log(total), [1, 2]);
  const lossSum = engine.sub(logTotal, engine.sum(engine.mul(shifted, hot), [1, 2]));
  return { lossSum, gradient: engine.mul(engine.sub(probabilities, hot), scale / batch) };
}

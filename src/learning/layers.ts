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
}

/** One step of a model. A backward pass gets what the forward pass took in and gave out. */
export interface Layer {
  readonly slices: readonly LayerSlice[];
  /** Floating-point operations a sample: forward, the params' gradient, the input's gradient. */
  readonly flops: { readonly forward: number; readonly params: number; readonly input: number };
  forward(engine: Engine, params: readonly tf.Tensor[], input: tf.Tensor): tf.Tensor;
  /** Gradients of the params, from the gradient of the output. */
  paramsGradient(engine: Engine, input: tf.Tensor, outputGradient: tf.Tensor): tf.Tensor[];
  inputGradient(
    engine: Engine,
    params: readonly tf.Tensor[],
    output: tf.Tensor,
    outputGradient: tf.Tensor,
  ): tf.Tensor;
}

/**
 * Fully connected: output = input · kernel + bias, kernel [inputs, outputs]. Both start uniform in ±1/√inputs
 * (the default of PyTorch's `Linear`).
 */
export function dense(name: string, size: { inputs: number; outputs: number }): Layer {
  const { inputs, outputs } = size;
  const initBound = 1 / Math.sqrt(inputs);
  return {
    slices: [
      { name: `${name}/kernel`, shape: [inputs, outputs], initBound },
      { name: `${name}/bias`, shape: [outputs], initBound },
    ],
    flops: {
      forward: 2 * inputs * outputs + outputs,
      params: 2 * inputs * outputs + outputs,
      input: 2 * inputs * outputs,
    },
    forward: (engine, [kernel, bias], input) =>
      engine.add(engine.matMul(input, kernel!), engine.reshape(bias!, [bias!.shape[0]!, 1, outputs])),
    paramsGradient: (engine, input, outputGradient) => [
      engine.matMul(input, outputGradient, true, false),
      engine.sum(outputGradient, 1),
    ],
    inputGradient: (engine, [kernel], _output, outputGradient) =>
      engine.matMul(outputGradient, kernel!, false, true),
  };
}

/** max(0, x); its gradient at 0 is 0. */
export function relu(features: number): Layer {
  return {
    slices: [],
    flops: { forward: features, params: 0, input: features },
    forward: (engine, _params, input) => engine.relu(input),
    paramsGradient: () => [],
    inputGradient: (engine, _params, output, outputGradient) =>
      engine.mul(outputGradient, engine.step(output)),
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

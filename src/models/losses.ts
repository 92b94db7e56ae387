/** The softmax of logits, and its cross-entropy with the labels. */
import type * as tf from '@tensorflow/tfjs-core';

type Engine = typeof tf;

/** The class probabilities of logits, both float32 [nodes, batch, classes]. @public */
export function softmaxOf(engine: Engine, logits: tf.Tensor): tf.Tensor {
  const exponentials = engine.exp(engine.sub(logits, engine.max(logits, 2, true)));
  return engine.div(exponentials, engine.sum(exponentials, 2, true));
}

/**
 * Softmax cross-entropy with whole-number labels.
 * @param logits float32 [nodes, batch, classes]
 * @param labels int32 [nodes × batch], row-major
 * @param scale factor on the gradient
 * @returns the sum of the losses over the batch, float32 [nodes], and the gradient of scale × the **mean** loss by the
 * logits, in their shape
 * @public
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

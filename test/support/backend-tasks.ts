/** Task definitions with which backends, executors and the queue are tested. */
import type { TaskContext, TaskDefinition } from '../../src/compute/task.js';

/** A few steps of SGD on a net with one hidden layer and softmax loss. */
export interface TwoLayerInput {
  readonly sizes: { readonly features: number; readonly hidden: number; readonly classes: number };
  readonly steps: number;
  readonly learningRate: number;
  /** float32 [features × hidden, then hidden × classes], row-major. */
  readonly params: Float32Array;
  /** float32 [batch × features], row-major. */
  readonly features: Float32Array;
  /** float32 [batch × classes]: one-hot rows. */
  readonly targets: Float32Array;
}

/** The params after the steps, and the mean loss before the last one. */
export interface TwoLayerOutput {
  readonly params: Float32Array;
  readonly loss: number;
}

const batchOf = ({ features, sizes }: TwoLayerInput): number => features.length / sizes.features;

/** Trains with products of every kind (plain, and either side transposed), stacked over nodes. */
export const twoLayerTask: TaskDefinition<TwoLayerInput, TwoLayerOutput> = {
  id: 'two-layer',
  module: import.meta.url,
  export: 'twoLayerTask',
  group: (input) => JSON.stringify([input.sizes, input.steps, input.learningRate, batchOf(input)]),
  flops: (input) => 6 * input.steps * batchOf(input) * input.params.length,
  footprint: (input) => 2 * input.params.byteLength + input.features.byteLength,
  run: trainTwoLayers,
};

function trainTwoLayers(inputs: readonly TwoLayerInput[], { tf }: TaskContext): TwoLayerOutput[] {
  const { sizes, steps, learningRate } = inputs[0]!;
  const { features, hidden, classes } = sizes;
  const batch = batchOf(inputs[0]!);
  const stack = (pick: (input: TwoLayerInput) => Float32Array, rows: number, columns: number) => {
    const flat = new Float32Array(inputs.length * rows * columns);
    for (const [i, input] of inputs.entries()) flat.set(pick(input), i * rows * columns);
    return tf.tensor3d(flat, [inputs.length, rows, columns]);
  };
  const x = stack((input) => input.features, batch, features);
  const y = stack((input) => input.targets, batch, classes);
  let first = stack((input) => input.params.subarray(0, features * hidden), features, hidden);
  let second = stack((input) => input.params.subarray(features * hidden), hidden, classes);
  let loss = tf.zeros([inputs.length]);
  for (let step = 0; step < steps; step++) {
    const active = tf.relu(tf.matMul(x, first));
    const chances = tf.softmax(tf.matMul(active, second));
    loss = tf.neg(tf.mean(tf.sum(tf.mul(y, tf.log(chances)), 2), 1));
    const error = tf.div(tf.sub(chances, y), batch);
    const back = tf.mul(tf.matMul(error, second, false, true), tf.step(active));
    second = tf.sub(second, tf.mul(tf.matMul(active, error, true), learningRate));
    first = tf.sub(first, tf.mul(tf.matMul(x, back, true), learningRate));
  }
  const losses = loss.dataSync();
  const [firsts, seconds] = [first.dataSync(), second.dataSync()];
  return inputs.map((input, i) => {
    const params = new Float32Array(input.params.length);
    params.set(firsts.subarray(i * features * hidden, (i + 1) * features * hidden));
    params.set(seconds.subarray(i * hidden * classes, (i + 1) * hidden * classes), features * hidden);
    return { params, loss: losses[i]! };
  });
}

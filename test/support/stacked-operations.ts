/** The law behind grouping, operation by operation: a stack of nodes gives every node the result that it gets alone. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type * as tf from '@tensorflow/tfjs-core';
import type { LoadedBackend } from '../../src/compute/backend.js';
import { Random } from '../../src/random.js';

type Engine = typeof tf;

/** Operations on a stack [nodes, batch, features] that keep the nodes apart. */
export const OPERATIONS: Readonly<
  Record<string, (engine: Engine, x: tf.Tensor3D, y: tf.Tensor3D) => tf.Tensor>
> = {
  add: (engine, x, y) => engine.add(x, y),
  'add a bias a node': (engine, x, y) => engine.add(x, engine.slice(y, [0, 0, 0], [-1, 1, -1])),
  'add a scalar': (engine, x) => engine.add(x, 0.1),
  sub: (engine, x, y) => engine.sub(x, y),
  mul: (engine, x, y) => engine.mul(x, y),
  div: (engine, x, y) => engine.div(x, engine.add(engine.square(y), 0.3)),
  'divide by a column': (engine, x, y) => engine.div(x, engine.sum(engine.square(y), 2, true)),
  maximum: (engine, x, y) => engine.maximum(x, y),
  minimum: (engine, x, y) => engine.minimum(x, y),
  'multiply by a column': (engine, x, y) => engine.mul(x, engine.slice(y, [0, 0, 0], [-1, -1, 1])),
  'multiply by one row per node': (engine, x, y) => engine.mul(x, engine.slice(y, [0, 0, 0], [-1, 1, -1])),
  neg: (engine, x) => engine.neg(x),
  square: (engine, x) => engine.square(x),
  sqrt: (engine, x) => engine.sqrt(engine.abs(x)),
  rsqrt: (engine, x) => engine.rsqrt(engine.add(engine.abs(x), 0.1)),
  pow: (engine, x) => engine.pow(engine.abs(x), 1.7),
  exp: (engine, x) => engine.exp(x),
  log: (engine, x) => engine.log(engine.add(engine.abs(x), 0.1)),
  relu: (engine, x) => engine.relu(x),
  elu: (engine, x) => engine.elu(x),
  tanh: (engine, x) => engine.tanh(x),
  sigmoid: (engine, x) => engine.sigmoid(x),
  step: (engine, x) => engine.step(x),
  greater: (engine, x, y) => engine.greater(x, y),
  where: (engine, x, y) => engine.where(engine.greater(x, y), x, y),
  'clip by value': (engine, x) => engine.clipByValue(x, -0.5, 0.5),
  'softmax over features': (engine, x) => engine.softmax(x),
  'log-sum-exp over features': (engine, x) => engine.logSumExp(x, 2),
  'max over features': (engine, x) => engine.max(x, 2),
  'sum over features': (engine, x) => engine.sum(x, 2),
  'sum over the batch': (engine, x) => engine.sum(x, 1),
  'sum over batch and features': (engine, x) => engine.sum(x, [1, 2]),
  'mean over features': (engine, x) => engine.mean(x, 2),
  'mean over the batch': (engine, x) => engine.mean(x, 1),
  argMax: (engine, x) => engine.argMax(x, 2),
  oneHot: (engine, x) => engine.oneHot(engine.argMax(x, 2), x.shape[2]),
  'gather features': (engine, x) => engine.gather(x, engine.tensor1d([2, 0, 2], 'int32'), 2),
  'slice features': (engine, x) => engine.slice(x, [0, 0, 1], [-1, -1, 2]),
  'concat features': (engine, x, y) => engine.concat([x, y], 2),
  tile: (engine, x) => engine.tile(x, [1, 2, 1]),
  pad: (engine, x) =>
    engine.pad(x, [
      [0, 0],
      [1, 0],
      [0, 2],
    ]),
  reshape: (engine, x) => engine.reshape(x, [x.shape[0], -1]),
  transpose: (engine, x) => engine.transpose(x, [0, 2, 1]),
  matMul: (engine, x, y) => engine.matMul(x, engine.transpose(y, [0, 2, 1])),
  'matMul, left side transposed': (engine, x, y) => engine.matMul(x, y, true, false),
  'matMul, right side transposed': (engine, x, y) => engine.matMul(x, y, false, true),
  'matMul with a matrix for all': (engine, x) => engine.matMul(x, engine.ones([x.shape[2], 3])),
  'max pooling': (engine, x) => byNode(engine, x, engine.maxPool(columns(engine, x), [2, 1], 1, 'valid')),
  'average pooling': (engine, x) => byNode(engine, x, engine.avgPool(columns(engine, x), [2, 1], 1, 'valid')),
  'fused matMul': (engine, x, y) =>
    engine.fused.matMul({ a: x, b: y, transposeB: true, activation: 'sigmoid' }),
};

/** Each row as an image, one pixel wide: [nodes × batch, features, 1, 1]. */
function columns(engine: Engine, x: tf.Tensor3D): tf.Tensor4D {
  return engine.reshape(x, [x.shape[0] * x.shape[1], x.shape[2], 1, 1]) as tf.Tensor4D;
}

/** Images of all nodes back in a stack [nodes, batch × features]. */
function byNode(engine: Engine, x: tf.Tensor3D, images: tf.Tensor4D): tf.Tensor {
  return engine.reshape(images, [x.shape[0], -1]);
}

const NODES = 5;
/**
 * Batch and features: vectors of one element, of a remainder only, of several widths and a remainder, and longer than
 * the 48 elements after which a blocked sum starts a new block.
 */
export const SHAPES = [
  [1, 3],
  [3, 7],
  [13, 35],
  [59, 101],
] as const;

/** Two stacks [nodes, batch, features] of numbers from −2 to 2, the same ones on every backend. */
export function drawStack(
  engine: Engine,
  [batch, features]: readonly [number, number],
): [tf.Tensor3D, tf.Tensor3D] {
  const random = new Random('stack');
  const draw = () => Float32Array.from({ length: NODES * batch * features }, () => 4 * random.uniform() - 2);
  const shape: [number, number, number] = [NODES, batch, features];
  return [engine.tensor3d(draw(), shape), engine.tensor3d(draw(), shape)];
}

/** Registers one test per operation. */
export function testStackedOperations(backend: LoadedBackend): void {
  for (const [operation, apply] of Object.entries(OPERATIONS)) {
    test(`${backend.name}: ${operation} of a stack has the bits of each node's own`, async () => {
      await backend.activate();
      for (const shape of SHAPES) backend.tf.tidy(() => assertStackable(backend.tf, apply, shape));
    });
  }
}

function assertStackable(
  engine: Engine,
  apply: (engine: Engine, x: tf.Tensor3D, y: tf.Tensor3D) => tf.Tensor,
  [batch, features]: readonly [number, number],
): void {
  const shape = [batch, features] as const;
  const [x, y] = drawStack(engine, shape);
  const stacked = apply(engine, x, y);
  for (let node = 0; node < NODES; node++) {
    const own = (stack: tf.Tensor3D) => engine.slice(stack, [node, 0, 0], [1, -1, -1]);
    const alone = apply(engine, own(x), own(y));
    const rest = stacked.shape.slice(1).map(() => 0);
    const slice = engine.slice(stacked, [node, ...rest], [1, ...rest.map(() => -1)]);
    // Strict deep equality tells 0 from −0, and finite float32 numbers with the same value have the same bits.
    const bits = (tensor: tf.Tensor) => [...tensor.dataSync()];
    assert.deepEqual(bits(slice), bits(alone), `node ${node} of [${NODES},${shape}]`);
  }
}

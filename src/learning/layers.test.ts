import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import type * as tf from '@tensorflow/tfjs-core';
import { loadBackend } from '../compute/backend.js';
import { dense, relu, softmaxCrossEntropy } from './layers.js';

let engine: typeof tf;
before(async () => {
  engine = (await loadBackend('cpu')).tf;
});

const near = (actual: ArrayLike<number>, expected: readonly number[]) => {
  assert.equal(actual.length, expected.length);
  for (const [i, value] of expected.entries()) {
    assert.ok(Math.abs(actual[i]! - value) < 1e-6, `[${i}]: ${actual[i]}, expected ${value}`);
  }
};

test('softmax cross-entropy of odds 3 : 1 is log 4/3 for the likely class and log 4 for the other', () => {
  const logits = engine.tensor([
    [
      [Math.log(3), 0],
      [Math.log(3), 0],
    ],
  ]);
  const { lossSum, gradient } = softmaxCrossEntropy(engine, logits, Int32Array.of(0, 1));
  near(lossSum.dataSync(), [Math.log(4 / 3) + Math.log(4)]);
  // (p − y) / batch, p = (3/4, 1/4).
  near(gradient.dataSync(), [-1 / 8, 1 / 8, 3 / 8, -3 / 8]);
});

test('softmax cross-entropy keeps nodes apart and stays finite with huge logits', () => {
  const logits = engine.tensor([[[1000, 0]], [[0, 1000]]]);
  const { lossSum, gradient } = softmaxCrossEntropy(engine, logits, Int32Array.of(0, 0));
  near(lossSum.dataSync(), [0, 1000]);
  near(gradient.dataSync(), [0, 0, -1, 1]);
});

test('a dense layer multiplies, adds its bias, and hands gradients back, each node by itself', () => {
  const layer = dense('d', { inputs: 2, outputs: 2 });
  const kernel = engine.tensor([
    [
      [1, 2],
      [3, 4],
    ],
    [
      [1, 0],
      [0, 1],
    ],
  ]);
  const bias = engine.tensor([
    [10, 20],
    [0, 0],
  ]);
  const input = engine.tensor([[[1, 1]], [[5, 6]]]);
  near(layer.forward(engine, [kernel, bias], input).dataSync(), [14, 26, 5, 6]);
  const outputGradient = engine.tensor([[[1, 0]], [[0, 2]]]);
  const [ofKernel, ofBias] = layer.paramsGradient(engine, input, outputGradient);
  near(ofKernel!.dataSync(), [1, 0, 1, 0, 0, 10, 0, 12]);
  near(ofBias!.dataSync(), [1, 0, 0, 2]);
  near(layer.inputGradient(engine, [kernel, bias], input, outputGradient).dataSync(), [1, 3, 0, 2]);
});

test('the gradient of ReLU is 1 above 0, and 0 at 0 and below', () => {
  const layer = relu(3);
  const output = layer.forward(engine, [], engine.tensor([[[-1, 0, 2]]]));
  near(output.dataSync(), [0, 0, 2]);
  near(layer.inputGradient(engine, [], output, engine.tensor([[[5, 6, 7]]])).dataSync(), [0, 0, 7]);
});

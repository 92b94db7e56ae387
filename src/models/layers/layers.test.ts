import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import type * as tf from '@tensorflow/tfjs-core';
import { checkLayer } from '../../../test/support/layers.js';
import { loadBackend } from '../../compute/backend.js';
import { dense } from './dense.js';
import { elu } from './elu.js';
import { gelu } from './gelu.js';
import { initBounds } from './kernels.js';
import { relu } from './relu.js';
import { localResponseNorm } from './response-norm.js';
import { sigmoid } from './sigmoid.js';
import { tanh } from './tanh.js';

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
  const params = [kernel, bias];
  const output = layer.forward(engine, { params, input });
  near(output.dataSync(), [14, 26, 5, 6]);
  const outputGradient = engine.tensor([[[1, 0]], [[0, 2]]]);
  const [ofKernel, ofBias] = layer.paramsGradient(engine, { params, input, output, outputGradient });
  near(ofKernel!.dataSync(), [1, 0, 1, 0, 0, 10, 0, 12]);
  near(ofBias!.dataSync(), [1, 0, 0, 2]);
  near(layer.inputGradient(engine, { params, input, output, outputGradient }).dataSync(), [1, 3, 0, 2]);
});

test('the gradient of ReLU is 1 above 0, and 0 at 0 and below', () => {
  const layer = relu(3);
  const input = engine.tensor([[[-1, 0, 2]]]);
  const output = layer.forward(engine, { params: [], input });
  near(output.dataSync(), [0, 0, 2]);
  const outputGradient = engine.tensor([[[5, 6, 7]]]);
  near(layer.inputGradient(engine, { params: [], input, output, outputGradient }).dataSync(), [0, 0, 7]);
});

test('a dense layer without bias is a product, and has no slice for a bias', () => {
  const layer = dense('d', { inputs: 3, outputs: 2, bias: false });
  assert.deepEqual(
    layer.slices.map(({ name }) => name),
    ['d/kernel'],
  );
  assert.deepEqual(layer.flops, { forward: 12, params: 12, input: 12 });
});

const sigmoidOf = (x: number) => 1 / (1 + Math.exp(-x));
const geluOf = (x: number) => (x / 2) * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));

for (const name of ['cpu', 'wasm'] as const) {
  test(`${name}: GELU, tanh and sigmoid compute what is on paper, with its gradient`, async () => {
    const backend = await loadBackend(name);
    checkLayer(backend, gelu(9), 9, (x) => x.map(geluOf));
    checkLayer(backend, tanh(9), 9, (x) => x.map(Math.tanh));
    checkLayer(backend, sigmoid(9), 9, (x) => x.map(sigmoidOf));
  });

  test(`${name}: dense, ELU and local response norm compute what is on paper, with its gradient`, async () => {
    const backend = await loadBackend(name);
    for (const bias of [true, false]) {
      checkLayer(backend, dense('d', { inputs: 5, outputs: 3, bias }), 5, (x, [kernel, offset]) =>
        Array.from({ length: 3 }, (_, o) =>
          x.reduce((sum, value, i) => sum + value * kernel![i * 3 + o]!, offset?.[o] ?? 0),
        ),
      );
    }
    checkLayer(backend, elu(9), 9, (x) => x.map((value) => (value > 0 ? value : Math.exp(value) - 1)));
    for (const size of [1, 2, 4, 5]) {
      const norm = { size, alpha: 0.7, beta: 0.75, offset: 1.5 };
      checkLayer(backend, localResponseNorm({ features: 18, channels: 6 }, norm), 18, (x) =>
        x.map((value, i) => value / responseBase(x, i, norm) ** norm.beta),
      );
    }
  });
}

/** offset + α/size · Σ x² over the channels from c − ⌊size/2⌋ to c + ⌊(size − 1)/2⌋ of the same pixel, of six channels. */
function responseBase(
  x: readonly number[],
  i: number,
  norm: { size: number; alpha: number; offset: number },
) {
  const [pixel, channel] = [Math.floor(i / 6), i % 6];
  let sum = 0;
  for (let shift = -Math.floor(norm.size / 2); shift <= Math.floor((norm.size - 1) / 2); shift++) {
    if (channel + shift >= 0 && channel + shift < 6) sum += x[pixel * 6 + channel + shift]! ** 2;
  }
  return norm.offset + (norm.alpha / norm.size) * sum;
}

test('kernels start in ±1/√inputs with their biases, or in ±√(6/inputs) with biases at zero', () => {
  assert.deepEqual(initBounds(16), { kernel: 0.25, bias: 0.25 });
  assert.deepEqual(initBounds(24, 'he-uniform'), { kernel: 0.5, bias: 0 });
});

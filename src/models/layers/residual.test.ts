import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkLayer, type Reference } from '../../../test/support/layers.js';
import { loadBackend } from '../../compute/backend.js';
import { lengthOf } from '../../data/dataset.js';
import { Random } from '../../random.js';
import { type Residual, residual } from './residual.js';
import type { ImageShape } from './windows.js';

const EPSILON = 1e-3;

/** An image in float64 with its shape, channels last. */
interface Image {
  readonly shape: ImageShape;
  readonly values: readonly number[];
}

/** Padded so that ⌈size/stride⌉ outputs come of it, as a 3×3 kernel with padding 1 and a 1×1 kernel do. */
function convolve(
  { shape, values }: Image,
  kernel: readonly number[],
  filters: number,
  stride: number,
): Image {
  const { height, width, channels } = shape;
  const size = Math.sqrt(kernel.length / channels / filters);
  const padding = (size - 1) / 2;
  const output = { height: Math.ceil(height / stride), width: Math.ceil(width / stride), channels: filters };
  const result: number[] = [];
  for (let n = 0; n < output.height * output.width * filters; n++) {
    const [place, f] = [Math.floor(n / filters), n % filters];
    let sum = 0;
    for (let k = 0; k < size * size * channels; k++) {
      const [cell, c] = [Math.floor(k / channels), k % channels];
      const y = Math.floor(place / output.width) * stride + Math.floor(cell / size) - padding;
      const x = (place % output.width) * stride + (cell % size) - padding;
      const inside = y >= 0 && y < height && x >= 0 && x < width;
      if (inside) sum += values[(y * width + x) * channels + c]! * kernel[k * filters + f]!;
    }
    result.push(sum);
  }
  return { shape: output, values: result };
}

function normalize(
  { shape, values }: Image,
  scale: readonly number[],
  shift: readonly number[],
  groups: number,
): Image {
  const { channels } = shape;
  const groupOf = (i: number) => Math.floor(((i % channels) * groups) / channels);
  const normal = values.map((value, i) => {
    const own = values.filter((_, j) => groupOf(j) === groupOf(i));
    const mean = own.reduce((sum, other) => sum + other, 0) / own.length;
    const variance = own.reduce((sum, other) => sum + (other - mean) ** 2, 0) / own.length;
    return (scale[i % channels]! * (value - mean)) / Math.sqrt(variance + EPSILON) + shift[i % channels]!;
  });
  return { shape, values: normal };
}

function block(shape: ImageShape, { filters, stride, groups }: Residual): Reference {
  return (values, [conv1, scale1, shift1, conv2, scale2, shift2, conv3, scale3, shift3]) => {
    const image = { shape, values };
    const first = normalize(convolve(image, conv1!, filters, stride), scale1!, shift1!, groups);
    const active = { shape: first.shape, values: first.values.map((value) => Math.max(0, value)) };
    const main = normalize(convolve(active, conv2!, filters, 1), scale2!, shift2!, groups);
    const shortcut = conv3
      ? normalize(convolve(image, conv3, filters, stride), scale3!, shift3!, groups)
      : image;
    return main.values.map((value, i) => value + shortcut.values[i]!);
  };
}

const image: ImageShape = { height: 5, width: 4, channels: 2 };
const CASES: readonly Residual[] = [
  { filters: 2, stride: 1, groups: 2, epsilon: EPSILON },
  { filters: 4, stride: 1, groups: 2, epsilon: EPSILON },
  { filters: 2, stride: 2, groups: 1, epsilon: EPSILON },
];

for (const name of ['cpu', 'wasm'] as const) {
  test(`${name}: a residual block is the sum of its branches, with its gradients, alone and in a stack`, async () => {
    const backend = await loadBackend(name);
    for (const options of CASES) {
      const { layer, output } = residual('block', image, options);
      const { stride, filters } = options;
      assert.deepEqual(output, {
        height: Math.ceil(5 / stride),
        width: Math.ceil(4 / stride),
        channels: filters,
      });
      checkLayer(backend, layer, 40, block(image, options));
    }
  });
}

test('a block that keeps the shape has no params for its shortcut', () => {
  const names = (options: Residual) => residual('block', image, options).layer.slices.map(({ name }) => name);
  const main = ['conv1/kernel', 'norm1/scale', 'norm1/shift', 'conv2/kernel', 'norm2/scale', 'norm2/shift'];
  const shortcut = ['shortcut/kernel', 'shortcut-norm/scale', 'shortcut-norm/shift'];
  const inBlock = (parts: string[]) => parts.map((part) => `block/${part}`);
  assert.deepEqual(names(CASES[0]!), inBlock(main));
  assert.deepEqual(names(CASES[1]!), inBlock([...main, ...shortcut]));
  assert.deepEqual(names(CASES[2]!), inBlock([...main, ...shortcut]));
});

test('the cost of a block is that of its layers and of the sum', () => {
  const { layer } = residual('block', image, { filters: 4, stride: 1, groups: 2, epsilon: EPSILON });
  // 20 places; kernels 3×3×2×4, 3×3×4×4 and 1×1×2×4; normalisations of 80 numbers; a ReLU; a sum.
  const [conv1, conv2, shortcut] = [2 * 72 * 20, 2 * 144 * 20, 2 * 8 * 20] as const;
  assert.deepEqual(layer.flops, {
    forward: conv1 + conv2 + shortcut + 3 * 7 * 80 + 80 + 80,
    params: conv1 + conv2 + shortcut + 3 * 9 * 80 + (3 * 15 * 80 + 80 + conv2),
    input: conv1 + shortcut + 80,
  });
});

test('wasm and cpu give the same block to five digits, and both gradients at once are those one by one', async () => {
  const random = new Random('block');
  const options = { filters: 8, stride: 2, groups: 4, epsilon: 1e-5 };
  const { layer } = residual('block', { height: 6, width: 6, channels: 4 }, options);
  const draw = (length: number) => Float32Array.from({ length }, () => random.normal());
  const x = draw(2 * 3 * 144);
  const g = draw(2 * 3 * 72);
  const slices = layer.slices.map(({ shape }) => draw(2 * lengthOf(shape)));
  const results = [];
  for (const name of ['cpu', 'wasm'] as const) {
    const { tf } = await loadBackend(name);
    const params = layer.slices.map(({ shape }, s) => tf.tensor(slices[s]!, [2, ...shape]));
    const [input, outputGradient] = [tf.tensor(x, [2, 3, 144]), tf.tensor(g, [2, 3, 72])];
    const output = layer.forward(tf, { params, input });
    const pass = { params, input, output, outputGradient };
    const { ofParams, ofInput } = layer.gradients!(tf, pass);
    const single = [...layer.paramsGradient(tf, pass), layer.inputGradient(tf, pass)];
    const numbers = [...ofParams, ofInput].map((tensor) => [...tensor.dataSync()]);
    assert.deepEqual(
      numbers,
      single.map((tensor) => [...tensor.dataSync()]),
    );
    results.push([[...output.dataSync()], ...numbers].flat());
  }
  for (const [i, value] of results[0]!.entries()) {
    assert.ok(Math.abs(value - results[1]![i]!) <= 1e-5 * Math.max(1, Math.abs(value)), `${i}`);
  }
});

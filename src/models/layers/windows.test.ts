import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { checkLayer, type Reference } from '../../../test/support/layers.js';
import { loadBackend } from '../../compute/backend.js';
import { UsageError } from '../../errors.js';
import { averagePooling } from './average-pool.js';
import { convolution } from './conv.js';
import { maxPooling } from './max-pool.js';
import { type ImageShape, type Padding, placeWindows, type Window } from './windows.js';

const image = (height: number, width: number, channels: number): ImageShape => ({ height, width, channels });
const windowOf = (size: number, stride: number, padding: Padding): Window => ({ size, stride, padding });

const convolutionOf = ({ size, ...rest }: Window, own: { filters: number; bias: boolean }) => ({
  ...{ kernelSize: size, ...rest },
  ...own,
});

/** Every kind of place for windows: plain, with a rest, padded, unevenly padded, far apart. */
const WINDOWS = [
  windowOf(3, 1, 'valid'),
  windowOf(2, 2, 'valid'),
  windowOf(3, 2, 'same'),
  windowOf(3, 1, 2),
  windowOf(2, 1, 'same'),
  windowOf(3, 3, 1),
  windowOf(1, 2, 'valid'),
  windowOf(5, 4, 'same'),
] as const;

/** The cells of every window, by place: undefined where it lies in the padding. */
function cellsOf({ height, width, channels }: ImageShape, window: Window) {
  const { rows, columns } = placeWindows('reference', { height, width, channels }, window);
  const { size, stride } = window;
  const places: Array<Array<number | undefined>> = [];
  for (let row = 0; row < rows.outputs; row++) {
    for (let column = 0; column < columns.outputs; column++) {
      const cells: Array<number | undefined> = [];
      for (let k = 0; k < size * size; k++) {
        const y = row * stride - rows.before + Math.floor(k / size);
        const x = column * stride - columns.before + (k % size);
        cells.push(y >= 0 && y < height && x >= 0 && x < width ? (y * width + x) * channels : undefined);
      }
      places.push(cells);
    }
  }
  return places;
}

function convolved(input: ImageShape, window: Window, filters: number): Reference {
  const places = cellsOf(input, window);
  return (sample, [kernel, bias]) =>
    places.flatMap((cells) =>
      Array.from({ length: filters }, (_, f) => {
        let sum = bias?.[f] ?? 0;
        for (const [k, cell] of cells.entries()) {
          if (cell === undefined) continue;
          for (let c = 0; c < input.channels; c++) {
            sum += sample[cell + c]! * kernel![(k * input.channels + c) * filters + f]!;
          }
        }
        return sum;
      }),
    );
}

function pooled(input: ImageShape, window: Window, pool: (values: number[]) => number): Reference {
  const places = cellsOf(input, window);
  return (sample) =>
    places.flatMap((cells) =>
      Array.from({ length: input.channels }, (_, c) =>
        pool(cells.flatMap((cell) => (cell === undefined ? [] : [sample[cell + c]!]))),
      ),
    );
}

for (const name of ['cpu', 'wasm'] as const) {
  test(`${name}: convolutions are the sums of their definition, with their gradients, alone and in a stack`, async () => {
    const backend = await loadBackend(name);
    for (const [w, window] of WINDOWS.entries()) {
      const input = image(5, 6, 1 + (w % 2));
      const [filters, bias] = [1 + (w % 3), w % 2 === 0];
      const { layer, output } = convolution('conv', input, convolutionOf(window, { filters, bias }));
      assert.equal(output.channels, filters);
      checkLayer(backend, layer, 30 * input.channels, convolved(input, window, filters));
    }
  });

  test(`${name}: max pooling takes the greatest number of each window, and hands its gradient there`, async () => {
    const backend = await loadBackend(name);
    for (const window of WINDOWS) {
      const input = image(5, 6, 2);
      const { layer } = maxPooling('pool', input, window);
      checkLayer(
        backend,
        layer,
        60,
        pooled(input, window, (values) => Math.max(...values)),
      );
    }
  });

  test(`${name}: average pooling takes the mean of each window, and shares its gradient out`, async () => {
    const backend = await loadBackend(name);
    for (const window of WINDOWS.filter(({ padding }) => padding === 'valid')) {
      const input = image(5, 6, 2);
      const { layer } = averagePooling('pool', input, window);
      const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
      checkLayer(backend, layer, 60, pooled(input, window, mean));
    }
  });

  test(`${name}: of equal numbers in a window only one gets the gradient`, async () => {
    const { tf } = await loadBackend(name);
    const { layer } = maxPooling('pool', image(2, 2, 1), windowOf(2, 2, 'valid'));
    const input = tf.zeros([1, 1, 4]);
    const output = layer.forward(tf, { params: [], input });
    const outputGradient = tf.tensor([[[3]]]);
    const gradient = layer.inputGradient(tf, { params: [], input, output, outputGradient });
    assert.deepEqual([...gradient.dataSync()], [3, 0, 0, 0]);
  });
}

test('a kernel of one cell on one pixel is a dense layer', async () => {
  const { layer } = convolution('conv', image(1, 1, 3), { filters: 2, kernelSize: 1 });
  const { tf } = await loadBackend('cpu');
  const kernel = tf.tensor([1, 2, 3, 4, 5, 6], [1, 1, 1, 3, 2]);
  const output = layer.forward(tf, {
    params: [kernel, tf.tensor([[10, 20]])],
    input: tf.tensor([[[1, 1, 2]]]),
  });
  assert.deepEqual([...output.dataSync()], [1 + 3 + 10 + 10, 2 + 4 + 12 + 20]);
  assert.deepEqual(layer.flops, { forward: 14, params: 14, input: 12 });
});

test('windows cover from the first cell to the last that any of them reaches', () => {
  const size = fc.integer({ min: 1, max: 6 });
  fc.assert(
    fc.property(
      size,
      size,
      fc.integer({ min: 6, max: 20 }),
      fc.constantFrom<Padding[]>('valid', 'same', 0, 1),
      (k, s, length, p) => {
        fc.pre(p !== 1 || k > 1);
        const { rows } = placeWindows('law', image(length, 30, 1), windowOf(k, s, p));
        assert.equal(rows.before + length + rows.after, (rows.outputs - 1) * s + k);
        assert.ok(rows.before >= 0 && rows.before < k, 'no window lies in the padding alone');
        if (p === 'same') assert.equal(rows.outputs, Math.ceil(length / s));
        else assert.ok(-rows.after < s + (typeof p === 'number' ? p : 0), 'another window would not fit');
      },
    ),
    { seed: 1, numRuns: 300 },
  );
});

test('a layer refuses images without room for a window, and padding that fills one', () => {
  const usage = (code: string) => (error: unknown) => error instanceof UsageError && error.code === code;
  const layer = (size: number, padding: Padding) => () =>
    convolution('conv3', image(4, 9, 1), { filters: 1, kernelSize: size, padding });
  assert.throws(layer(5, 'valid'), usage('image-too-small'));
  assert.throws(
    layer(5, 'valid'),
    /layer "conv3": expected an image of at least 5×5 .*, got 4×9; use larger/,
  );
  assert.throws(layer(3, 3), usage('bad-padding'));
  assert.doesNotThrow(layer(5, 1));
});

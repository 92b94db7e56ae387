/** Kernels against plain sums in float64, over random shapes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Arena } from './arena.js';
import { wasmEngine } from './engine.js';
import type { InstructionName } from './instructions.js';
import { Machine, NOWHERE } from './machine.js';
import { type Place, ProgramBuilder } from './program.js';

const arena = new Arena();
const machine = new Machine(arena, wasmEngine(arena.memory));

/** The numbers that an instruction writes to its first place, given those at its other places; some places are scratch. */
function computed(
  name: InstructionName,
  length: number,
  operands: ReadonlyArray<Float32Array | number>,
  numbers: readonly number[],
): Float32Array {
  return machine.frame((frame) => {
    const builder = new ProgramBuilder();
    const data = frame.floats(
      operands.reduce<number>((sum, x) => sum + (typeof x === 'number' ? 0 : x.length), 0),
    );
    const out = frame.floats(length);
    let at = 0;
    const places = operands.map((operand): Place => {
      if (typeof operand === 'number') return builder.floats(operand);
      data.numbers.set(operand, at);
      at += operand.length;
      return { base: 'data', offset: 4 * (at - operand.length) };
    });
    builder.emit(name, [{ base: 'results', offset: 0 }, ...places], numbers);
    machine.run(builder.finish(), { ...NOWHERE, data: data.address, results: out.address });
    return out.numbers.slice();
  });
}

const size = (max: number) => fc.integer({ min: 1, max });
const floats = (length: number) =>
  fc.float32Array({ minLength: length, maxLength: length, noNaN: true, min: -2, max: 2 });

/** Sums of n float32 products are off by n · 2⁻²⁴ of the sum of their absolute values at most. */
function near(actual: Float32Array, terms: (i: number) => number[]): void {
  for (const [i, value] of actual.entries()) {
    const list = terms(i);
    const truth = list.reduce((a, b) => a + b, 0);
    const bound = list.reduce((a, b) => a + Math.abs(b), 0) * (list.length + 1) * 2 ** -24;
    assert.ok(Math.abs(value - truth) <= bound + 1e-30, `${i}: ${value}, ${truth}`);
  }
}

const range = (count: number) => Array.from({ length: count }, (_, k) => k);

const dense = fc.tuple(size(37), size(37), size(37)).chain(([rows, inputs, outputs]) =>
  fc.record({
    sizes: fc.constant([rows, inputs, outputs] as const),
    x: floats(rows * inputs),
    kernel: floats(inputs * outputs),
    bias: floats(outputs),
    g: floats(rows * outputs),
  }),
);

test('a dense layer and its gradients are sums of products', () => {
  fc.assert(
    fc.property(dense, ({ sizes: [rows, inputs, outputs], x, kernel, bias, g }) => {
      const sizes = [rows, inputs, outputs];
      near(computed('dense', rows * outputs, [x, kernel, bias], [...sizes, 1]), (i) => {
        const [row, o] = [Math.floor(i / outputs), i % outputs];
        return [bias[o]!, ...range(inputs).map((k) => x[row * inputs + k]! * kernel[k * outputs + o]!)];
      });
      near(computed('dense_kernel_gradient', inputs * outputs, [x, g], sizes), (i) => {
        const [k, o] = [Math.floor(i / outputs), i % outputs];
        return range(rows).map((row) => x[row * inputs + k]! * g[row * outputs + o]!);
      });
      near(computed('dense_input_gradient', rows * inputs, [g, kernel, inputs * outputs], sizes), (i) => {
        const [row, k] = [Math.floor(i / inputs), i % inputs];
        return range(outputs).map((o) => g[row * outputs + o]! * kernel[k * outputs + o]!);
      });
      near(computed('column_sums', outputs, [g], [rows, outputs]), (o) =>
        range(rows).map((row) => g[row * outputs + o]!),
      );
    }),
    { seed: 1, numRuns: 60 },
  );
});

const conv = fc
  .record({
    batch: size(2),
    height: size(6),
    width: size(6),
    channels: size(9),
    window: size(3),
    stride: size(2),
    filters: size(19),
  })
  .map((shape) => ({
    ...shape,
    height: shape.height + shape.window - 1,
    width: shape.width + shape.window - 1,
  }))
  .chain((shape) => {
    const { batch, height, width, channels, window, stride, filters } = shape;
    const out = (length: number) => Math.floor((length - window) / stride) + 1;
    const [rows, columns] = [out(height), out(width)];
    return fc.record({
      shape: fc.constant({ ...shape, rows, columns }),
      image: floats(batch * height * width * channels),
      kernel: floats(window * window * channels * filters),
      bias: floats(filters),
      g: floats(batch * rows * columns * filters),
    });
  });

test('a convolution and its kernel gradient are sums of products', () => {
  fc.assert(
    fc.property(conv, ({ shape, image, kernel, bias, g }) => {
      const { batch, height, width, channels, window, stride, filters, rows, columns } = shape;
      const sizes = [batch, height, width, channels, window, stride, filters];
      const pixel = (b: number, y: number, x: number, c: number) =>
        image[((b * height + y) * width + x) * channels + c]!;
      near(computed('conv', g.length, [image, kernel, bias], [...sizes, 1]), (i) => {
        const [f, cell] = [i % filters, Math.floor(i / filters)];
        const [x, y, b] = [
          cell % columns,
          Math.floor(cell / columns) % rows,
          Math.floor(cell / columns / rows),
        ];
        const products = range(window * window * channels).map((k) => {
          const [c, place] = [k % channels, Math.floor(k / channels)];
          const at = pixel(b, y * stride + Math.floor(place / window), x * stride + (place % window), c);
          return at * kernel[k * filters + f]!;
        });
        return [bias[f]!, ...products];
      });
      near(computed('conv_kernel_gradient', kernel.length, [image, g], sizes), (i) => {
        const [f, k] = [i % filters, Math.floor(i / filters)];
        const [c, place] = [k % channels, Math.floor(k / channels)];
        return range(batch * rows * columns).map((cell) => {
          const [x, y, b] = [
            cell % columns,
            Math.floor(cell / columns) % rows,
            Math.floor(cell / columns / rows),
          ];
          const at = pixel(b, y * stride + Math.floor(place / window), x * stride + (place % window), c);
          return at * g[cell * filters + f]!;
        });
      });
    }),
    { seed: 1, numRuns: 40 },
  );
});

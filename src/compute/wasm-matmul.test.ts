import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type * as tf from '@tensorflow/tfjs-core';
import * as fc from 'fast-check';
import { Random } from '../random.js';
import { type LoadedBackend, loadBackend } from './backend.js';

let wasm: LoadedBackend;
let cpu: LoadedBackend;
let held: number[];

const inUse = () => [wasm.tf.memory().numTensors, wasm.tf.backend().numDataIds()];

before(async () => {
  cpu = await loadBackend('cpu');
  wasm = await loadBackend('wasm');
  held = inUse();
});

after(async () => {
  await wasm.activate();
  assert.deepEqual(inUse(), held, 'the tests above leave nothing behind');
});

const size = fc.integer({ min: 1, max: 40 });
const shapes = fc.record({
  stack: fc.integer({ min: 1, max: 6 }),
  rows: size,
  inner: fc.integer({ min: 1, max: 120 }),
  columns: size,
  transposeA: fc.boolean(),
  transposeB: fc.boolean(),
});

function draw(shape: readonly number[], stream: string): { values: Float32Array; shape: number[] } {
  const random = new Random(stream);
  const length = shape.reduce((product, n) => product * n, 1);
  return { values: Float32Array.from({ length }, () => 2 * random.uniform() - 1), shape: [...shape] };
}

/** The product as the active backend has it. */
function product(
  engine: typeof tf,
  a: { values: Float32Array; shape: number[] },
  b: { values: Float32Array; shape: number[] },
  transpose: { a?: boolean; b?: boolean } = {},
): { shape: number[]; values: number[] } {
  return engine.tidy(() => {
    const left = engine.tensor(a.values, a.shape);
    const right = engine.tensor(b.values, b.shape);
    const out = engine.matMul(left, right, transpose.a ?? false, transpose.b ?? false);
    return { shape: out.shape, values: [...out.dataSync()] };
  });
}

function assertNear(actual: readonly number[], expected: readonly number[]): void {
  assert.equal(actual.length, expected.length);
  for (const [i, value] of actual.entries()) {
    assert.ok(Math.abs(value - expected[i]!) < 1e-5, `element ${i}: ${value}, expected ${expected[i]}`);
  }
}

test('a stacked product has the bits of the single products, and of their transposes made beforehand', async () => {
  await wasm.activate();
  fc.assert(
    fc.property(shapes, ({ stack, rows, inner, columns, transposeA, transposeB }) => {
      const a = draw([stack, ...(transposeA ? [inner, rows] : [rows, inner])], 'a');
      const b = draw([stack, ...(transposeB ? [columns, inner] : [inner, columns])], 'b');
      const stacked = product(wasm.tf, a, b, { a: transposeA, b: transposeB });
      assert.deepEqual(stacked.shape, [stack, rows, columns]);
      for (let i = 0; i < stack; i++) {
        const slice = (
          { values, shape }: { values: Float32Array; shape: number[] },
          transposed: boolean,
        ): { values: Float32Array; shape: number[] } => {
          const [height, width] = shape.slice(1) as [number, number];
          const own = values.subarray(i * height * width, (i + 1) * height * width);
          if (!transposed) return { values: own, shape: [height, width] };
          const turned = own.map((_, k) => own[(k % height) * width + Math.floor(k / height)]!);
          return { values: turned, shape: [width, height] };
        };
        const single = product(wasm.tf, slice(a, transposeA), slice(b, transposeB));
        assert.deepEqual(stacked.values.slice(i * rows * columns, (i + 1) * rows * columns), single.values);
      }
    }),
    { seed: 1, numRuns: 60 },
  );
});

test('products of any rank, with outer dimensions broadcast, are sums of products', async () => {
  await wasm.activate();
  // biome-ignore format: one case a line
  const cases: Array<[number[], number[]]> = [
    [[3, 4], [4, 5]],
    [[2, 3, 4], [4, 5]],
    [[3, 4], [2, 4, 5]],
    [[2, 3, 4], [1, 4, 5]],
    [[1, 3, 4], [2, 4, 5]],
    [[2, 3, 3, 4], [2, 3, 4, 5]],
    [[2, 3, 3, 4], [3, 4, 5]],
    [[2, 1, 3, 4], [2, 3, 4, 5]],
    [[2, 3, 3, 4], [2, 1, 4, 5]],
  ];
  for (const [aShape, bShape] of cases) {
    const [a, b] = [draw(aShape, 'a'), draw(bShape, 'b')];
    const expected = wasm.tf.tidy(() => {
      const left = wasm.tf.expandDims(wasm.tf.tensor(a.values, aShape), -1);
      const right = wasm.tf.expandDims(wasm.tf.tensor(b.values, bShape), -3);
      const sums = wasm.tf.sum(wasm.tf.mul(left, right), -2);
      return { shape: sums.shape, values: [...sums.dataSync()] };
    });
    const actual = product(wasm.tf, a, b);
    assert.deepEqual(actual.shape, expected.shape);
    assertNear(actual.values, expected.values);
  }
});

test('two stacked dimensions that broadcast against each other pair every slice with every slice', async () => {
  await wasm.activate();
  const scalars = product(
    wasm.tf,
    { values: Float32Array.of(2, 3), shape: [2, 1, 1, 1] },
    { values: Float32Array.of(5, 7, 11), shape: [1, 3, 1, 1] },
  );
  assert.deepEqual(scalars, { shape: [2, 3, 1, 1], values: [10, 14, 22, 15, 21, 33] });
});

test('a product worked out by hand comes out exactly, from either side transposed', async () => {
  await wasm.activate();
  const a = { values: Float32Array.of(1, 2, 3, 4, 5, 6), shape: [2, 3] };
  const b = { values: Float32Array.of(1, 0, 2, -1, 3, 1), shape: [2, 3] };
  assert.deepEqual(product(wasm.tf, a, b, { b: true }), { shape: [2, 2], values: [7, 8, 16, 17] });
  assert.deepEqual(product(wasm.tf, a, b, { a: true }), {
    shape: [3, 3],
    values: [-3, 12, 6, -3, 15, 9, -3, 18, 12],
  });
});

test('products without elements are empty, and those with an inner dimension of 0 are zero', async () => {
  await wasm.activate();
  const none = new Float32Array(0);
  const zeros = product(wasm.tf, { values: none, shape: [2, 2, 0] }, { values: none, shape: [2, 0, 1] });
  assert.deepEqual(zeros, { shape: [2, 2, 1], values: [0, 0, 0, 0] });
  const empty = product(
    wasm.tf,
    { values: none, shape: [0, 2, 3] },
    { values: Float32Array.of(1, 2, 3), shape: [3, 1] },
  );
  assert.deepEqual(empty, { shape: [0, 2, 1], values: [] });
});

test('NaN spoils only its own row of its own node', async () => {
  await wasm.activate();
  const a = { values: new Float32Array(2 * 3 * 4).fill(1), shape: [2, 3, 4] };
  a.values[5] = Number.NaN;
  const { values } = product(wasm.tf, a, { values: new Float32Array(8).fill(1), shape: [4, 2] });
  assert.deepEqual(
    values.map(Number.isNaN),
    values.map((_, i) => i === 2 || i === 3),
  );
});

test('a fused product with bias and each activation is close to that of cpu', async () => {
  for (const activation of ['linear', 'relu', 'relu6', 'elu', 'leakyrelu', 'sigmoid', 'prelu'] as const) {
    const run = ({ tf: engine }: LoadedBackend): number[] =>
      engine.tidy(() => {
        const [a, b] = [draw([2, 3, 4], 'a'), draw([2, 5, 4], 'b')];
        const out = engine.fused.matMul({
          a: engine.tensor3d(a.values, [2, 3, 4]),
          b: engine.tensor3d(b.values, [2, 5, 4]),
          transposeB: true,
          bias: engine.tensor1d([0.5, -0.5, 0, 1, -1]),
          activation,
          leakyreluAlpha: 0.3,
          ...(activation === 'prelu'
            ? { preluActivationWeights: engine.tensor1d([0.1, 0.2, 0.3, 0.4, 0.5]) }
            : {}),
        });
        return [...out.dataSync()];
      });
    await cpu.activate();
    const expected = run(cpu);
    await wasm.activate();
    assertNear(run(wasm), expected);
  }
});

test('products that do not fit are refused with their shapes', async () => {
  await wasm.activate();
  const a = { values: new Float32Array(6), shape: [2, 3] };
  assert.throws(() => product(wasm.tf, a, a), /2,?.?3/);
  const run = wasm.tf.getKernel('BatchMatMul', 'wasm').kernelFunc;
  wasm.tf.tidy(() => {
    const x = wasm.tf.zeros([2, 3]);
    assert.throws(
      () =>
        run({
          inputs: { a: x, b: x },
          backend: wasm.tf.backend(),
          attrs: { transposeA: false, transposeB: false },
        }),
      /inner dimensions that agree, got 2×3 and 2×3/,
    );
    const integers = wasm.tf.zeros([2, 2], 'int32');
    assert.throws(() => wasm.tf.matMul(integers, integers), /expected float32 on wasm, got int32/);
  });
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Matrix, SingularValueDecomposition } from 'ml-matrix';
import { Random } from '../random.js';
import { arbitraryVector, testCodec } from '../testing/codecs.js';
import type { CodecMemory, VectorLayout } from './codec.js';
import { lowRank, lowRankEntry } from './low-rank.js';

/** A kernel 12 × 9, a bias of 3, and a kernel of a convolution, 2 × 2 × 3 × 8, which is a matrix 12 × 8. */
const layout: VectorLayout = {
  length: 12 * 9 + 3 + 96,
  slices: [
    { shape: [12, 9], offset: 0, length: 108 },
    { shape: [3], offset: 108, length: 3 },
    { shape: [2, 2, 3, 8], offset: 111, length: 96 },
  ],
};
const matrices = [
  [0, 108],
  [111, 207],
] as const;
const matrixOnly = (rows: number, columns: number): VectorLayout => ({
  length: rows * columns,
  slices: [{ shape: [rows, columns], offset: 0, length: rows * columns }],
});
const lengthOf = (values: Float32Array) => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
const drawn = (length: number, name: string) => {
  const random = new Random(name);
  return Float32Array.from({ length }, () => random.normal());
};

test('low-rank keeps the laws: an approximation is a projection, and biases are exact', () => {
  testCodec({
    make: () => lowRank({ rank: 2 }, layout),
    body: arbitraryVector(layout.length),
    matches: ({ values }, view) =>
      view.values.subarray(108, 111).every((value, i) => Object.is(value, values[108 + i])) &&
      matrices.every(([from, to]) => {
        const [own, got] = [values.subarray(from, to), view.values.subarray(from, to)];
        // Factors and products beyond the range of float32.
        if (!(lengthOf(own) < 1e37)) return true;
        const error = lengthOf(own.map((value, i) => value - got[i]!));
        return error <= 1.0001 * lengthOf(own) + 1e-40;
      }),
  });
});

test('the size is 4·Σ r·(m + n) and 4 bytes for each other number; what would not get smaller is sent as it is', () => {
  const random = new Random('size');
  const sizeOf = (rank: number) =>
    lowRank({ rank }, layout).encode({ values: drawn(207, 'x') }, random).bytes.length;
  assert.equal(sizeOf(1), 4 * (21 + 3 + 20));
  assert.equal(sizeOf(3), 4 * (63 + 3 + 60));
  // 5 · 21 < 108, but 5 · 20 > 96.
  assert.equal(sizeOf(5), 4 * (105 + 3 + 96));
  assert.equal(sizeOf(6), 4 * 207);
});

test('a matrix of rank 1 arrives, up to float32', () => {
  const [left, right] = [drawn(12, 'left'), drawn(9, 'right')];
  const values = Float32Array.from({ length: 108 }, (_, k) => left[Math.floor(k / 9)]! * right[k % 9]!);
  const codec = lowRank({ rank: 1 }, matrixOnly(12, 9));
  const { bytes } = codec.encode({ values }, new Random('q'));
  assert.equal(bytes.length, 4 * 21);
  const got = codec.decode(bytes, 0).values;
  assert.ok(values.every((value, k) => Math.abs(value - got[k]!) < 1e-5));
});

test('with a warm start, messages of one matrix come to its best approximation, that of the singular values', () => {
  const values = drawn(108, 'matrix');
  const rows = Array.from({ length: 12 }, (_, i) => [...values.subarray(9 * i, 9 * i + 9)]);
  const { diagonal } = new SingularValueDecomposition(new Matrix(rows));
  const best = Math.sqrt(diagonal.slice(2).reduce((sum, sigma) => sum + sigma * sigma, 0));
  const codec = lowRank({ rank: 2 }, matrixOnly(12, 9));
  const random = new Random('warm');
  const memory: CodecMemory = { value: undefined };
  const errors = Array.from({ length: 80 }, () => {
    const { bytes } = codec.encode({ values }, random, memory);
    const got = codec.decode(bytes, 0).values;
    return lengthOf(values.map((value, k) => value - got[k]!));
  });
  assert.ok(errors[0]! > 1.01 * best, 'the first one is not yet the best');
  assert.ok(Math.abs(errors.at(-1)! / best - 1) < 1e-4, `${errors.at(-1)} for ${best}`);
  for (const [k, error] of errors.entries())
    assert.ok(k === 0 || error <= errors[k - 1]! + 1e-5, `message ${k} is worse than the one before`);
});

test('after a matrix of zeros another direction is drawn', () => {
  const codec = lowRank({ rank: 1 }, matrixOnly(6, 6));
  const random = new Random('zeros');
  const memory: CodecMemory = { value: undefined };
  const zeros = codec.encode({ values: new Float32Array(36) }, random, memory);
  assert.ok(codec.decode(zeros.bytes, 0).values.every((value) => value === 0));
  const ones = codec.encode({ values: new Float32Array(36).fill(1) }, random, memory);
  assert.ok(codec.decode(ones.bytes, 0).values.every((value) => Math.abs(value - 1) < 1e-5));
});

test('a matrix that is not finite arrives as NaN, and the next one as it is', () => {
  const codec = lowRank({ rank: 1 }, matrixOnly(6, 6));
  const random = new Random('infinite');
  const memory: CodecMemory = { value: undefined };
  const { bytes } = codec.encode({ values: new Float32Array(36).fill(Infinity) }, random, memory);
  assert.ok(codec.decode(bytes, 0).values.every(Number.isNaN));
  assert.equal(Buffer.from(bytes.subarray(0, 4)).toString('hex'), '0000c07f');
  const ones = codec.encode({ values: new Float32Array(36).fill(1) }, random, memory);
  assert.ok(codec.decode(ones.bytes, 0).values.every((value) => Math.abs(value - 1) < 1e-5));
});

test('the bytes of a vector and a stream are those that they always were', () => {
  const codec = lowRank({ rank: 1 }, matrixOnly(3, 3));
  const values = Float32Array.from({ length: 9 }, (_, k) => ((k * 5) % 9) - 4);
  const { bytes } = codec.encode({ values }, new Random('golden'));
  assert.equal(Buffer.from(bytes).toString('hex'), '9d345d3f689800bf5d4f033d07c78fc0a29cff3fe22c83c0');
});

test('a vector whose matrices are not known is refused', () => {
  for (const unknown of [{ length: 4 }, { length: 5, slices: matrixOnly(2, 2).slices! }])
    assert.throws(() => lowRankEntry.create({ rank: 1 }, unknown), {
      name: 'UsageError',
      message: /expected a vector whose matrices are known/,
    });
  assert.deepEqual(lowRankEntry.options.parse({}), { rank: 2 });
});

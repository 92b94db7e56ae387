import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ArithmeticDecoder, ArithmeticEncoder, BitModel } from './arithmetic-coder.js';

function encoded(bits: readonly number[]): Uint8Array {
  const model = new BitModel();
  const encoder = new ArithmeticEncoder();
  for (const bit of bits) encoder.encode(bit, model);
  return encoder.finish();
}

const hex = (bits: readonly number[]) => Buffer.from(encoded(bits)).toString('hex');

/** Bits without a short period, more zeros than ones. */
const someBits = (length: number) =>
  Array.from({ length }, (_, i) => (i % 3 === 0 || (i * i) % 7 === 2 ? 1 : 0));

test('the first bits are coded as worked out by hand', () => {
  // The interval is halved; then three quarters of it are for what came first. A 01 or 10 ends the code.
  assert.deepEqual(
    [[], [1], [0], [1, 1], [1, 0]].map(hex),
    ['40', '20', 'a0', '20', '68'],
    '01; 0 01; 1 01; 0 01; 0 11 01',
  );
});

test('the code of a long sequence is the one that it always was', () => {
  assert.equal(hex(someBits(200)), '723f307eca331551179197854e36f23cad9d4cbcde4413ff7700');
  assert.equal(hex([...new Array<number>(70_000).fill(0), 1]), 'ff711540');
});

test('the estimate is (ones + ½) / (bits + 1) in steps of 1/65,536, and never 0 or 1', () => {
  const after = (bits: readonly number[]) => {
    const model = new BitModel();
    for (const bit of bits) model.update(bit);
    return model.probability;
  };
  assert.deepEqual([after([]), after([1]), after([0]), after([1, 0, 1])], [32768, 49152, 16384, 40960]);
  assert.equal(after(new Array<number>(100_000).fill(0)), 1);
  assert.equal(after(new Array<number>(100_000).fill(1)), 65_535);
});

test('what is encoded is decoded, however likely the bits are', () => {
  const rare = Array.from({ length: 3000 }, (_, i) => (i % 400 === 399 ? 1 : 0));
  for (const bits of [someBits(3000), rare, rare.map((bit) => 1 - bit)]) {
    const decoder = new ArithmeticDecoder(encoded(bits));
    const model = new BitModel();
    assert.deepEqual(
      bits.map(() => decoder.decode(model)),
      bits,
    );
  }
});

test('past the end of the bytes there are zeros', () => {
  const bits = (bytes: readonly number[]) => {
    const decoder = new ArithmeticDecoder(Uint8Array.from(bytes));
    const model = new BitModel();
    return Array.from({ length: 40 }, () => decoder.decode(model));
  };
  assert.deepEqual(bits([]), Array(40).fill(1));
  assert.deepEqual(bits([0x9c]), bits([0x9c, 0, 0, 0, 0, 0, 0, 0, 0]));
});

test('a code that ends with a whole byte has no further one', () => {
  // 01 ends it: six bits before that are whole bytes with it. After n equal bits of fresh models n bits are written.
  const lengthOf = (count: number) => {
    const encoder = new ArithmeticEncoder();
    for (let i = 0; i < count; i++) encoder.encode(1, new BitModel());
    return encoder.finish().length;
  };
  assert.deepEqual([5, 6, 7, 14].map(lengthOf), [1, 1, 2, 2]);
});

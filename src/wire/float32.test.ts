import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../random.js';
import { arbitraryVector, testCodec } from '../testing/codecs.js';
import { float32 } from './float32.js';

const random = new Random('unused');
const bits = (values: Float32Array) => [...new Uint32Array(values.slice().buffer)];

test('float32 keeps the laws', () => {
  for (const length of [0, 1, 7]) {
    testCodec({
      make: () => float32(length),
      body: arbitraryVector(length),
      matches: (body, decoded) =>
        decoded.length === length &&
        decoded.indices === undefined &&
        bits(body.values).every((word, i) => word === bits(decoded.values)[i]),
      reencode: ({ values }) => ({ values }),
    });
  }
});

test('a float32 body has exactly four bytes per coordinate, low byte first', () => {
  const { bytes, ...parts } = float32(2).encode({ values: new Float32Array([1, -2]) }, random);
  assert.deepEqual([...bytes], [0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0]);
  assert.deepEqual(parts, { indexBytes: 0, valuesBytes: 8, headerBytes: 0 });
});

test('neither end of float32 copies', () => {
  const values = new Float32Array(5).subarray(2);
  const codec = float32(3);
  const { bytes } = codec.encode({ values }, random);
  assert.equal(bytes.buffer, values.buffer);
  assert.equal(codec.decode(bytes, 0).values.buffer, values.buffer);
  assert.equal(codec.decode(bytes, 0).values.byteOffset, 8);
});

test('the payload of a NaN and the sign of zero survive', () => {
  const words = new Uint32Array([0x7fc00001, 0xffffffff, 0x80000000]);
  const codec = float32(3);
  const { bytes } = codec.encode({ values: new Float32Array(words.buffer) }, random);
  assert.deepEqual(bits(codec.decode(bytes, 0).values), [...words]);
});

test('a body that is not a vector of the agreed length is refused with both lengths', () => {
  assert.throws(
    () => float32(3).encode({ values: new Float32Array(2) }, random),
    /codec float32: expected 3 numbers in values, got 2/,
  );
  assert.throws(
    () => float32(3).encode({ values: new Float32Array(3), rank: new Float32Array(4) }, random),
    /expected 3 numbers in rank, got 4/,
  );
  assert.throws(() => float32(3).encode([1, 2, 3] as never, random), /got no Float32Array in values/);
  assert.throws(() => float32(3).encode(undefined as never, random), /got no Float32Array in values/);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../random.js';
import { arbitraryVector, testCodec } from '../testing/codecs.js';
import type { CodecMemory } from './codec.js';
import { delta } from './delta.js';
import { float16 } from './float16.js';
import { float32 } from './float32.js';
import { inParts } from './parts.js';
import { sign } from './sign.js';

const random = new Random('unused');

test('by hand: one part in float16, then one in float32', () => {
  const codec = inParts([
    { length: 2, codec: float16(2) },
    { length: 1, codec: float32(1) },
  ]);
  assert.deepEqual(codec.sizes, { index: 0, values: 8, header: 0 });
  const { bytes, indexBytes } = codec.encode({ values: Float32Array.of(1, -2, 0.1) }, random);
  assert.equal(Buffer.from(bytes).toString('hex'), '003c00c0cdcccc3d');
  assert.deepEqual(codec.decode(bytes, indexBytes), { length: 3, values: Float32Array.of(1, -2, 0.1) });
});

test('parts in float32 have the bytes of one vector, and keep the laws', () => {
  const make = () =>
    inParts([
      { length: 4, codec: float32(4) },
      { length: 3, codec: float32(3) },
    ]);
  testCodec({
    make,
    body: arbitraryVector(7),
    matches: ({ values }, view) => values.every((value, i) => Object.is(value, view.values[i])),
  });
  const values = Float32Array.of(1, 2, 3, 4, 5, 6, 7);
  assert.deepEqual(make().encode({ values }, random).bytes, float32(7).encode({ values }, random).bytes);
});

test('the codec of each part keeps what is its own from message to message', () => {
  const differences = () => ({ length: 2, codec: delta({ refresh: 9 }, sign({}, 2), 2) });
  const codec = inParts([differences(), differences()]);
  const [sender, receiver]: CodecMemory[] = [{ value: undefined, to: [1] }, { value: undefined }];
  const pass = (...values: number[]) => {
    const { bytes, indexBytes } = codec.encode({ values: Float32Array.from(values) }, random, sender);
    return [...codec.decode(bytes, indexBytes, receiver).values];
  };
  assert.deepEqual(pass(4, 8, -1, 0), [4, 8, -1, 0]);
  // Differences 3 and −1, of mean magnitude 2; and 1 and 1.
  assert.deepEqual(pass(7, 7, 0, 1), [6, 6, 0, 1]);
});

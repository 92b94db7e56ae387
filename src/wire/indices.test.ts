import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { indexCodings } from './indices.js';

const { u32, varint } = indexCodings;
const LENGTH = 2 ** 32;

test('decoded indices equal the encoded ones, up to the largest of 32 bits', () => {
  const indices = fc.uniqueArray(fc.oneof(fc.nat(300), fc.integer({ min: 0, max: 0xffffffff })));
  fc.assert(
    fc.property(indices, (list) => {
      const ascending = Uint32Array.from(list).sort((a, b) => a - b);
      for (const coding of [u32, varint]) {
        const bytes = coding.encode(ascending);
        assert.deepEqual([...coding.decode(bytes, list.length, LENGTH)], [...ascending]);
        assert.equal(coding.size(list.length) ?? bytes.length, bytes.length);
      }
    }),
    { seed: 1, numRuns: 300 },
  );
});

test('a varint takes one byte more at each power of 128', () => {
  for (const [index, expected] of [
    [127, [0x7f]],
    [128, [0x80, 0x01]],
    [16383, [0xff, 0x7f]],
    [16384, [0x80, 0x80, 0x01]],
    [0xffffffff, [0xff, 0xff, 0xff, 0xff, 0x0f]],
  ] as const) {
    assert.deepEqual([...varint.encode(new Uint32Array([index]))], expected);
  }
});

test('indices that do not ascend, or are beyond the end of the vector, are refused', () => {
  const words = (...list: number[]) => new Uint8Array(new Uint32Array(list).buffer);
  assert.throws(() => u32.decode(words(3, 3), 2, 9), /expected index 1 from 4 to 8, got 3/);
  assert.throws(() => u32.decode(words(3, 2), 2, 9), /expected index 1 from 4 to 8, got 2/);
  assert.throws(() => u32.decode(words(9), 1, 9), /expected index 0 from 0 to 8, got 9/);
  for (const count of [1, 3]) assert.throws(() => u32.decode(words(3, 4), count, 9), /bytes, got 8/);
  assert.throws(() => varint.decode(new Uint8Array([4, 4]), 2, 9), /expected index 1 from 5 to 8, got 9/);
});

test('varints that end early, have bytes too many, or are too long or too large are refused', () => {
  const decode = (list: number[], count: number) => varint.decode(new Uint8Array(list), count, LENGTH);
  assert.throws(() => decode([1], 2), /bytes that end within index 1/);
  assert.throws(() => decode([0x81], 1), /bytes that end within index 0/);
  assert.throws(() => decode([1, 1], 1), /expected 1 bytes, got 2/);
  assert.throws(
    () => decode([0x81, 0x00], 1),
    /expected the shortest form, got index 0 with a zero byte at its end/,
  );
  assert.throws(
    () => decode([0x80, 0x80, 0x80, 0x80, 0x80, 0x01], 1),
    /expected at most 5 bytes per index, got more for index 0/,
  );
  assert.throws(() => decode([0xff, 0xff, 0xff, 0xff, 0x7f], 1), /got 34359738367/);
});

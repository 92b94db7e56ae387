import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Random } from '../random.js';
import { testCodec } from '../testing/codecs.js';
import { packedMask } from './packed-mask.js';

const masks = (length: number) =>
  fc
    .array(fc.constantFrom(0, 1), { minLength: length, maxLength: length })
    .map((bits) => Uint8Array.from(bits));

for (const length of [0, 1, 7, 8, 9, 64, 203]) {
  test(`packed masks of ${length} elements keep the laws of codecs`, () => {
    testCodec({
      make: () => packedMask(length),
      body: masks(length),
      matches: (mask: Uint8Array, decoded: Uint8Array) =>
        mask.length === decoded.length && mask.every((bit, i) => bit === decoded[i]),
    });
  });
}

test('a mask has one bit per element, rounded up to bytes, the lowest bit first', () => {
  const mask = Uint8Array.from([1, 0, 1, 1, 0, 0, 0, 0, 1]);
  const { bytes, valuesBytes } = packedMask(9).encode(mask, new Random('none'));
  assert.deepEqual([...bytes], [0b0000_1101, 0b0000_0001]);
  assert.equal(valuesBytes, 2);
});

test('what is no mask of that length is refused', () => {
  const encode = (mask: unknown) => packedMask(3).encode(mask as Uint8Array, new Random('none'));
  const expected = /^PluginError: codec packed-mask\(3\): expected a Uint8Array of 3 elements, got/;
  for (const wrong of [undefined, [0, 1, 0], new Uint8Array(2), new Uint8Array(4)])
    assert.throws(() => encode(wrong), expected);
  assert.throws(() => encode(Uint8Array.of(0, 1, 2)), /expected 0 or 1 at index 2, got 2/);
});

test('pad bits that are set are refused', () => {
  assert.throws(() => packedMask(9).decode(Uint8Array.of(0, 2), 0), { name: 'CorruptBodyError' });
});

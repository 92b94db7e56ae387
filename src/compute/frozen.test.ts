import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertUnchanged, hashArrays } from './frozen.js';

test('a change of any one byte is seen, whatever the length and the place in its buffer', () => {
  for (const offset of [0, 1]) {
    for (const length of [1, 4, 7]) {
      const array = new Uint8Array(new ArrayBuffer(16), offset, length).fill(9);
      const value = { a: [array] };
      const hashes = hashArrays(value);
      for (let i = 0; i < length; i++) {
        array[i] = 10;
        assert.throws(() => assertUnchanged(value, hashes, 'it'), /it: the array at "\.a\[0\]" was changed/);
        array[i] = 9;
        assert.doesNotThrow(() => assertUnchanged(value, hashes, 'it'));
      }
    }
  }
});

test('arrays of zeros of other lengths have other hashes', () => {
  const hashes = [0, 1, 2, 3, 4, 5, 8].map((length) => hashArrays(new Uint8Array(length)).get(''));
  assert.equal(new Set(hashes).size, hashes.length);
});

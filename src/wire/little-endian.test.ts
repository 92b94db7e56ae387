import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromLittleEndian, joined, toLittleEndian } from './little-endian.js';

test('words are written low byte first', () => {
  assert.deepEqual([...toLittleEndian(new Uint32Array([0x01020304]))], [4, 3, 2, 1]);
  assert.deepEqual([...toLittleEndian(new Uint16Array([0x0102, 0x0304]))], [2, 1, 4, 3]);
  assert.deepEqual([...toLittleEndian(new Float32Array([1]))], [0, 0, 0x80, 0x3f]);
});

test('a host of the other endianness swaps the bytes of each word, into a copy', () => {
  const words = new Uint32Array([0x01020304, 0x05060708]);
  const here = toLittleEndian(words, true);
  const swapped = toLittleEndian(words, false);
  assert.deepEqual([...swapped], [...here.slice(0, 4).reverse(), ...here.slice(4).reverse()]);
  assert.notEqual(swapped.buffer, words.buffer);
  assert.deepEqual([...fromLittleEndian(Uint32Array, swapped, false)], [...words]);
});

test('aligned bytes are read as a view, others as a copy', () => {
  const bytes = new Uint8Array(12);
  bytes.set(toLittleEndian(new Float32Array([1.5])), 4);
  const view = fromLittleEndian(Float32Array, bytes.subarray(4, 8));
  assert.deepEqual([...view], [1.5]);
  assert.equal(view.buffer, bytes.buffer);
  bytes.set(toLittleEndian(new Float32Array([2.5])), 1);
  const copy = fromLittleEndian(Float32Array, bytes.subarray(1, 5));
  assert.deepEqual([...copy], [2.5]);
  assert.notEqual(copy.buffer, bytes.buffer);
});

test("an unaligned Buffer is copied too, although Buffer's slice is a view", () => {
  const buffer = Buffer.alloc(16);
  const start = buffer.byteOffset % 2 === 0 ? 1 : 0;
  const words = fromLittleEndian(Uint16Array, buffer.subarray(start, start + 2));
  assert.notEqual(words.buffer, buffer.buffer);
});

test('bytes that are not a whole number of words fail an assertion', () => {
  assert.throws(
    () => fromLittleEndian(Float32Array, new Uint8Array(6)),
    /expected a whole number of words of 4 bytes, got 6 bytes/,
  );
});

test('joined pieces are one after the other, in their order', () => {
  assert.deepEqual([...joined([new Uint8Array([1, 2]), new Uint8Array(0), new Uint8Array([3])])], [1, 2, 3]);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Random } from '../random.js';
import { pack, packedSize, unpack } from './codes.js';
import { compressIntegers, decompressIntegers, INTEGER_MAX } from './integers.js';

test('numbers of any magnitude come back', () => {
  const magnitudes = fc.oneof(
    fc.integer({ min: -40, max: 40 }),
    fc.integer({ min: -INTEGER_MAX, max: INTEGER_MAX }),
  );
  fc.assert(
    fc.property(fc.array(magnitudes, { maxLength: 60 }), (list) => {
      const numbers = Int32Array.from(list);
      assert.deepEqual(decompressIntegers(compressIntegers(numbers), list.length), numbers);
    }),
    { seed: 3 },
  );
  for (const list of [[], [0], [INTEGER_MAX, -INTEGER_MAX]])
    assert.deepEqual([...decompressIntegers(compressIntegers(Int32Array.from(list)), list.length)!], list);
});

test('bytes that are cut off, longer or changed are refused', () => {
  const numbers = Int32Array.from({ length: 200 }, (_, i) => ((i * i) % 23) - 11);
  const bytes = compressIntegers(numbers);
  assert.equal(decompressIntegers(bytes.subarray(0, -1), 200), undefined);
  assert.equal(decompressIntegers(Uint8Array.of(...bytes, 0), 200), undefined);
  assert.equal(decompressIntegers(bytes, 199), undefined);
});

test('the size is within two percent of the entropy of the numbers', () => {
  const random = new Random('integers');
  for (const draw of [
    () => Math.round(4 * random.normal()),
    () => Math.round(random.exponential(2)) * (random.uniform() < 0.5 ? -1 : 1),
    () => (random.uniform() < 0.02 ? 1 : 0),
  ]) {
    const numbers = Int32Array.from({ length: 50_000 }, draw);
    const counts = new Map<number, number>();
    for (const one of numbers) counts.set(one, (counts.get(one) ?? 0) + 1);
    let bits = 0;
    for (const count of counts.values()) bits -= count * Math.log2(count / numbers.length);
    const { length } = compressIntegers(numbers);
    assert.ok(length >= bits / 8 - 1, `${length} B is below the entropy, ${bits / 8} B`);
    assert.ok(length <= (1.02 * bits) / 8 + 20, `${length} B for an entropy of ${bits / 8} B`);
  }
});

test('the code of a few numbers is the one that it always was', () => {
  const bytes = compressIntegers(Int32Array.of(0, 1, -1, 2, -7, 0, 0, 100, -65_536, 0));
  assert.equal(Buffer.from(bytes).toString('hex'), '7d5a54cf33e1d4f8bd4c');
});

test('codes are packed with the lowest bit first', () => {
  // 5 = 101, 3 = 011, 7 = 111: 1|11 011 101 and the rest of the 9 bits.
  assert.deepEqual([...pack([5, 3, 7], 3)], [0b11011101, 0b1]);
  assert.deepEqual([...unpack(Uint8Array.of(0b11011101, 0b1), { count: 3, width: 3 })!], [5, 3, 7]);
  assert.equal(unpack(Uint8Array.of(0b11011101, 0b11), { count: 3, width: 3 }), undefined);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 16 }), fc.array(fc.nat(), { maxLength: 40 }), (width, list) => {
      const codes = list.map((one) => one % 2 ** width);
      const bytes = pack(codes, width);
      assert.equal(bytes.length, packedSize(codes.length, width));
      assert.deepEqual([...unpack(bytes, { count: codes.length, width })!], codes);
    }),
    { seed: 4 },
  );
});

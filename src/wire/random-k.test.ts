import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../random.js';
import { arbitraryVector, testCodec } from '../testing/codecs.js';
import { keptOf } from './kept.js';
import { randomK, randomKEntry } from './random-k.js';

/** Floyd's method with a set, from the seed that a body has. */
function indicesOf(bytes: Uint8Array, count: number, length: number): number[] {
  const seed = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const random = new Random(`random-k ${seed}`);
  const chosen = new Set<number>();
  for (let last = length - count; last < length; last++) {
    const drawn = Math.floor(random.uniform() * (last + 1));
    chosen.add(chosen.has(drawn) ? last : drawn);
  }
  return [...chosen].sort((a, b) => a - b);
}

test('random-k keeps the laws', () => {
  for (const [length, options] of [
    [9, { k: 4 }],
    [300, { fraction: 0.02 }],
    [3, { fraction: 1 }],
  ] as const) {
    const kept = keptOf('random-k', options, length);
    testCodec({
      make: () => randomK(options, length),
      body: arbitraryVector(length),
      matches: ({ values }, view) =>
        view.values.length === kept &&
        view.indices!.every(
          (index, i) =>
            (i === 0 || index > view.indices![i - 1]!) && Object.is(view.values[i], values[index]),
        ),
    });
  }
});

test('the indices are those that the seed gives, and only the seed is sent', () => {
  const codec = randomK({ k: 5 }, 50);
  const values = Float32Array.from({ length: 50 }, (_, i) => i);
  const random = new Random('sender');
  for (let k = 0; k < 20; k++) {
    const { bytes, indexBytes, valuesBytes } = codec.encode({ values }, random);
    assert.deepEqual([bytes.length, indexBytes, valuesBytes], [24, 4, 20]);
    const expected = indicesOf(bytes, 5, 50);
    const view = codec.decode(bytes, 4);
    assert.deepEqual([...view.indices!], expected);
    assert.deepEqual([...view.values], expected);
  }
});

test('the bytes of a vector and a stream are those that they always were', () => {
  const values = Float32Array.from({ length: 8 }, (_, i) => i + 1);
  const { bytes } = randomK({ k: 2 }, 8).encode({ values }, new Random('golden'));
  assert.equal(Buffer.from(bytes).toString('hex'), '8ee34e41000080400000e040');
});

test('every coordinate is drawn equally often, and each message draws anew', () => {
  const codec = randomK({ k: 3 }, 12);
  const values = Float32Array.from({ length: 12 }, (_, i) => i);
  const random = new Random('frequencies');
  const counts = new Float64Array(12);
  const times = 4000;
  for (let k = 0; k < times; k++) {
    const { bytes } = codec.encode({ values }, random);
    for (const index of codec.decode(bytes, 4).indices!) counts[index]!++;
  }
  for (const count of counts) {
    const error = Math.abs(count / times - 3 / 12);
    assert.ok(error < 5 * Math.sqrt((0.25 * 0.75) / times), `drawn ${count} times of ${times}`);
  }
});

test('other lengths are refused, and so is more than there is', () => {
  const codec = randomK({ k: 2 }, 8);
  for (const [length, indexBytes] of [
    [11, 4],
    [13, 4],
    [12, 0],
    [12, 12],
  ] as const)
    assert.throws(() => codec.decode(new Uint8Array(length), indexBytes), { name: 'CorruptBodyError' });
  assert.throws(() => randomK({ k: 9 }, 8), {
    name: 'UsageError',
    message: /random-k: expected k of at most 8/,
  });
  assert.deepEqual(randomKEntry.options.parse({}), { fraction: 0.1 });
  assert.throws(() => randomKEntry.options.parse({ k: 1, fraction: '1%' }), /got both/);
});

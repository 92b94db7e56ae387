import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../random.js';
import { arbitraryVector, testCodec } from '../testing/codecs.js';
import { sign, signEntry } from './sign.js';

const random = new Random('unused');

test('sign keeps the laws: sign times mean magnitude', () => {
  for (const bucket of [undefined, 4]) {
    testCodec({
      make: () => sign({ bucket }, 9),
      body: arbitraryVector(9),
      matches: ({ values }, view) =>
        values.every((value, i) => {
          const from = bucket === undefined ? 0 : i - (i % bucket);
          const own = values.subarray(from, bucket === undefined ? 9 : from + bucket);
          const mean = Math.fround(own.reduce((sum, one) => sum + Math.abs(one), 0) / own.length);
          if (!own.every(Number.isFinite)) return Number.isNaN(view.values[i]);
          const isNegative = value < 0 || Object.is(value, -0);
          return Object.is(view.values[i], isNegative ? -mean : mean);
        }),
      reencode: ({ values }) => ({ values }),
    });
  }
});

test('by hand: the means 2 and 0.5, and the signs of 1, −3, −2, −0, −0.5', () => {
  const codec = sign({ bucket: 3 }, 5);
  const { bytes, valuesBytes } = codec.encode({ values: Float32Array.of(1, -3, -2, 0.5, -0.5) }, random);
  assert.equal(Buffer.from(bytes).toString('hex'), '000000400000003f16');
  assert.equal(valuesBytes, 4 * 2 + 1);
  assert.deepEqual([...codec.decode(bytes, 0).values], [2, -2, -2, 0.5, -0.5]);
});

test('pad bits, negative scales, and signs without numbers are refused', () => {
  const codec = sign({}, 2);
  const refuses = (...bytes: number[]) =>
    assert.throws(() => codec.decode(Uint8Array.from(bytes), 0), { name: 'CorruptBodyError' });
  assert.deepEqual([...codec.decode(Uint8Array.of(0, 0, 0x80, 0x3f, 2), 0).values], [1, -1]);
  refuses(0, 0, 0x80, 0x3f, 4);
  refuses(0, 0, 0x80, 0xbf, 2);
  refuses(0, 0, 0xc0, 0x7f, 2);
  refuses(1, 0, 0xc0, 0x7f, 0);
  refuses(0, 0, 0x80, 0x3f);
});

test('the scale is that of the whole vector unless there are buckets', () => {
  assert.deepEqual(signEntry.options.parse({}), {});
  const codec = signEntry.create({}, { length: 1000 });
  assert.equal(codec.encode({ values: new Float32Array(1000) }, random).bytes.length, 4 + 125);
});

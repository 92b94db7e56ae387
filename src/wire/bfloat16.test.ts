import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../random.js';
import { arbitraryVector, testCodec } from '../testing/codecs.js';
import { bfloat16 } from './bfloat16.js';

const random = new Random('unused');

/** The bfloat16 of a bit pattern, from the definition: sign, 8 bits of exponent, 7 of fraction. */
function numberOf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 7) & 255;
  const fraction = half & 127;
  if (exponent === 255) return fraction === 0 ? sign * Infinity : Number.NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -133 : (128 + fraction) * 2 ** (exponent - 134));
}

/** Nearest of all non-negative bfloat16 by search, ties to the even pattern; infinity has the place of 2¹²⁸. */
function nearest(value: number): number {
  const magnitude = Math.abs(value);
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  let low = 0;
  let high = 0x7f80;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (numberOf(middle) <= magnitude) low = middle;
    else high = middle;
  }
  if (magnitude === Infinity) return sign | 0x7f80;
  const above = high === 0x7f80 ? 2 ** 128 : numberOf(high);
  const toLow = magnitude - numberOf(low);
  const toHigh = above - magnitude;
  return sign | (toLow < toHigh || (toLow === toHigh && low % 2 === 0) ? low : high);
}

test('bfloat16 keeps the laws', () => {
  testCodec({
    make: () => bfloat16(6),
    body: arbitraryVector(6),
    matches: ({ values }, decoded) =>
      values.every((value, i) => {
        const expected = Number.isNaN(value) ? Number.NaN : numberOf(nearest(value));
        return Object.is(decoded.values[i], expected);
      }),
    reencode: ({ values }) => ({ values }),
  });
});

test('every bfloat16 except NaNs other than 0x7FC0 is decoded to its value and encoded to the same bits', () => {
  const codec = bfloat16(1);
  let refused = 0;
  for (let half = 0; half < 65536; half++) {
    const bytes = new Uint8Array([half & 255, half >> 8]);
    if (Number.isNaN(numberOf(half)) && half !== 0x7fc0) {
      assert.throws(() => codec.decode(bytes, 0), { name: 'CorruptBodyError' });
      refused++;
      continue;
    }
    const { values } = codec.decode(bytes, 0);
    assert.ok(Object.is(values[0], numberOf(half)));
    assert.deepEqual([...codec.encode({ values }, random).bytes], [...bytes]);
  }
  assert.equal(refused, 253);
});

test('by hand: 1, −2 and π, a tie to even each way, and what is too large', () => {
  const values = Float32Array.of(1, -2, Math.PI, 1 + 2 ** -8, 1 + 3 * 2 ** -8, 3.4e38);
  const { bytes } = bfloat16(6).encode({ values }, random);
  assert.equal(Buffer.from(bytes).toString('hex'), '803f00c04940803f823f807f');
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Random } from '../random.js';
import { arbitraryVector, testCodec } from '../testing/codecs.js';
import { float16 } from './float16.js';

const random = new Random('unused');

/** The float16 of each of its bit patterns, from the definition: sign, exponent, fraction. */
function valueOfHalf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 31;
  const fraction = half & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : Number.NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
}

/** Nearest of all finite non-negative float16 values by search, ties to the even pattern. */
function nearestHalf(value: number): number {
  const magnitude = Math.abs(value);
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  let low = 0;
  let high = 0x7c00;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (valueOfHalf(middle) <= magnitude) low = middle;
    else high = middle;
  }
  // Infinity has the place of the next power of two, as in the overflow rule of IEEE 754.
  const above = high === 0x7c00 ? 65536 : valueOfHalf(high);
  const toLow = magnitude - valueOfHalf(low);
  const toHigh = above - magnitude;
  if (magnitude >= 65536) return sign | 0x7c00;
  return sign | (toLow < toHigh || (toLow === toHigh && low % 2 === 0) ? low : high);
}

function encodeOne(value: number): number {
  const { bytes } = float16(1).encode({ values: new Float32Array([value]) }, random);
  return bytes[0]! | (bytes[1]! << 8);
}

test('float16 keeps the laws', () => {
  testCodec({
    make: () => float16(6),
    body: arbitraryVector(6),
    matches: (body, decoded) =>
      body.values.every((value, i) => {
        const expected = Number.isNaN(value) ? Number.NaN : valueOfHalf(nearestHalf(value));
        return Object.is(decoded.values[i], expected);
      }),
    reencode: ({ values }) => ({ values }),
  });
});

test('every float16 except NaNs other than 0x7E00 is decoded to its value and encoded to the same bits', () => {
  const codec = float16(1);
  let refused = 0;
  for (let half = 0; half < 65536; half++) {
    const bytes = new Uint8Array([half & 255, half >> 8]);
    if (Number.isNaN(valueOfHalf(half)) && half !== 0x7e00) {
      assert.throws(() => codec.decode(bytes, 0), /expected 0x7e00 as the only NaN/);
      refused += 1;
      continue;
    }
    const { values } = codec.decode(bytes, 0);
    if (!Object.is(values[0], valueOfHalf(half))) assert.fail(`0x${half.toString(16)} gave ${values[0]}`);
    assert.equal(encodeOne(values[0]!), half);
  }
  assert.equal(refused, 2045);
});

test('a value halfway between two neighbours is rounded to the even one, and the float32 next to it to the nearer', () => {
  const bits = new Uint32Array(1);
  const value = new Float32Array(bits.buffer);
  for (let half = 0; half < 0x7bff; half++) {
    value[0] = (valueOfHalf(half) + valueOfHalf(half + 1)) / 2;
    assert.equal(encodeOne(value[0]), half + (half % 2));
    bits[0]! -= 1;
    assert.equal(encodeOne(value[0]), half);
    bits[0]! += 2;
    assert.equal(encodeOne(value[0]), half + 1);
  }
});

test('float16 overflows to infinity from 65,520 on', () => {
  assert.equal(encodeOne(65504), 0x7bff);
  assert.equal(encodeOne(65519.996), 0x7bff);
  assert.equal(encodeOne(65520), 0x7c00);
  assert.equal(encodeOne(-65520), 0xfc00);
  assert.equal(encodeOne(-Infinity), 0xfc00);
});

test('a NaN is received with the bits of the one quiet NaN', () => {
  const { values } = float16(1).decode(Uint8Array.of(0x00, 0x7e), 0);
  assert.deepEqual([...new Uint8Array(values.buffer, values.byteOffset, 4)], [0, 0, 0xc0, 0x7f]);
});

test('every NaN becomes the one quiet NaN', () => {
  for (const word of [0x7fc00000, 0xffc00000, 0x7f800001, 0xffffffff]) {
    const values = new Float32Array(new Uint32Array([word]).buffer);
    assert.deepEqual([...float16(1).encode({ values }, random).bytes], [0x00, 0x7e]);
  }
});

test('float16 rounds any float32 to the nearest', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0x7f7fffff }), fc.boolean(), (word, negative) => {
      const magnitude = new Float32Array(new Uint32Array([word]).buffer)[0]!;
      const value = negative ? -magnitude : magnitude;
      assert.equal(encodeOne(value), nearestHalf(value));
    }),
    { seed: 1, numRuns: 2000 },
  );
});

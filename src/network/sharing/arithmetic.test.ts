import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bitsIn, bytesGone, carry, MAX_BANDWIDTH, timeToSend } from './arithmetic.js';

const bits = fc.oneof(fc.integer({ min: 0, max: 1e7 }), fc.integer({ min: 0, max: 8e12 }));
const rate = fc.oneof(fc.integer({ min: 1, max: 1e9 }), fc.integer({ min: 1, max: MAX_BANDWIDTH }));
const time = fc.oneof(fc.integer({ min: 0, max: 2e9 }), fc.maxSafeNat());
const nanobits = fc.integer({ min: 0, max: 999_999_999 });

test('timeToSend is the exact quotient rounded up, whatever the sizes', () => {
  fc.assert(
    fc.property(bits, nanobits, rate, (bits, nanobits, rate) => {
      const total = BigInt(bits) * 10n ** 9n + BigInt(nanobits);
      const exact = (total + BigInt(rate) - 1n) / BigInt(rate);
      fc.pre(exact <= BigInt(Number.MAX_SAFE_INTEGER));
      assert.equal(timeToSend(bits, rate, nanobits), Number(exact));
    }),
    { seed: 1, numRuns: 3000 },
  );
});

test('timeToSend is exact one nanobit around a whole number of nanoseconds', () => {
  fc.assert(
    fc.property(
      rate,
      fc.integer({ min: 1, max: 1e6 }),
      fc.integer({ min: -1, max: 1 }),
      (rate, ns, shift) => {
        const total = BigInt(rate) * BigInt(ns) + BigInt(shift);
        const whole = Number(total / 10n ** 9n);
        const expected = shift === 1 ? ns + 1 : rate === 1 && shift === -1 ? ns - 1 : ns;
        assert.equal(timeToSend(whole, rate, Number(total % 10n ** 9n)), expected);
      },
    ),
    { seed: 1, numRuns: 3000 },
  );
});

const WORD = 2 ** 32;
/** Rates with a fraction: multiples of 2⁻³² bit/s that are doubles, with their numerators. */
const fractional = fc
  .tuple(fc.integer({ min: 0, max: 2 ** 21 - 1 }), fc.integer({ min: 1, max: WORD - 1 }))
  .map(([whole, parts]) => ({
    rate: whole + parts / WORD,
    numerator: BigInt(whole) * BigInt(WORD) + BigInt(parts),
  }));

test('timeToSend is exact at rates with a fraction too, and beyond the range of times where it is longer', () => {
  let beyond = 0;
  fc.assert(
    fc.property(bits, nanobits, fractional, (bits, nanobits, { rate, numerator }) => {
      const total = (BigInt(bits) * 10n ** 9n + BigInt(nanobits)) * BigInt(WORD);
      const exact = (total + numerator - 1n) / numerator;
      const time = timeToSend(bits, rate, nanobits);
      if (exact <= BigInt(Number.MAX_SAFE_INTEGER)) return assert.equal(time, Number(exact));
      beyond++;
      assert.ok(time > Number.MAX_SAFE_INTEGER);
    }),
    { seed: 1, numRuns: 3000 },
  );
  assert.ok(beyond > 0);
  assert.equal(timeToSend(1, 0), Number.POSITIVE_INFINITY);
  assert.equal(timeToSend(8, 0.75), 10_666_666_667);
});

test('a rate with a fraction carries its product with the time, rounded down to nanobits', () => {
  fc.assert(
    fc.property(fractional, time, ({ rate, numerator }, time) => {
      const total = 2 ** 52;
      const exact = (numerator * BigInt(time)) / BigInt(WORD);
      fc.pre(exact <= BigInt(total) * 10n ** 9n);
      const rest = { bits: Float64Array.of(total), nanobits: Float64Array.of(0) };
      carry(rest, 0, rate, time);
      const has = BigInt(rest.bits[0]!) * 10n ** 9n + BigInt(rest.nanobits[0]!);
      assert.equal(has, BigInt(total) * 10n ** 9n - exact);
    }),
    { seed: 1, numRuns: 3000 },
  );
});

test('an unlimited link takes no time', () => {
  assert.equal(timeToSend(8e12, Number.POSITIVE_INFINITY), 0);
});

test('bitsIn is the exact product rounded down', () => {
  fc.assert(
    fc.property(rate, time, (rate, time) => {
      const exact = (BigInt(rate) * BigInt(time)) / 10n ** 9n;
      fc.pre(exact <= BigInt(Number.MAX_SAFE_INTEGER));
      assert.equal(bitsIn(rate, time), Number(exact));
    }),
    { seed: 1, numRuns: 3000 },
  );
  assert.equal(bitsIn(1, 8_999_999_999_999_999), 8_999_999);
});

test('a remainder is the same, to the last nanobit, whether it is carried in pieces or at once', () => {
  const piece = fc.integer({ min: 0, max: 1e12 });
  fc.assert(
    fc.property(rate, fc.array(piece, { maxLength: 8 }), (rate, pieces) => {
      const total = 2 ** 52;
      const rest = { bits: Float64Array.of(total), nanobits: Float64Array.of(0) };
      let left = BigInt(total) * 10n ** 9n;
      for (const time of pieces) {
        carry(rest, 0, rate, time);
        left -= BigInt(rate) * BigInt(time);
        if (left < 0n) left = 0n;
        const has = BigInt(rest.bits[0]!) * 10n ** 9n + BigInt(rest.nanobits[0]!);
        assert.equal(has, left);
      }
    }),
    { seed: 1, numRuns: 1000 },
  );
});

test('a byte counts as gone when its last bit is', () => {
  assert.equal(bytesGone(1000, 8000, 0), 0);
  assert.equal(bytesGone(1000, 7992, 0), 1);
  assert.equal(bytesGone(1000, 7992, 1), 0);
  assert.equal(bytesGone(1000, 4999, 500_000_000), 375);
});

test('a remainder of less than a bit stays', () => {
  const rest = { bits: Float64Array.of(1), nanobits: Float64Array.of(500) };
  carry(rest, 0, 1e9, 1);
  assert.deepEqual([rest.bits[0], rest.nanobits[0]], [0, 500]);
  carry(rest, 0, 1e9, 1);
  assert.deepEqual([rest.bits[0], rest.nanobits[0]], [0, 0]);
});

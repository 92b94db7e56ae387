/** How far exp and log of the kernels are from the true values. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { exp32, exp64, log32, log64 } from './reference/functions.js';

const { fround } = Math;

/** Distance of a float32 from a true value, in units of the last place of the value as float32. */
function ulps(value: number, truth: number): number {
  const exponent = Math.floor(Math.log2(Math.abs(truth)));
  return Math.abs(value - truth) / 2 ** (Math.max(exponent, -126) - 23);
}

function largest(values: Iterable<number>, error: (x: number) => number): number {
  let most = 0;
  for (const x of values) most = Math.max(most, error(x));
  return most;
}

function* spread(from: number, to: number, count: number): Generator<number> {
  for (let k = 0; k < count; k++) yield fround(from + ((to - from) * (k + 0.37)) / count);
}

test('exp is off by less than 1 ulp, from −87.3 to 88.7', () => {
  const error = largest(spread(-87.3, 88.7, 400_000), (x) => ulps(exp32(x), Math.exp(x)));
  assert.ok(error < 1 && error > 0.4, `${error}`);
  assert.ok(largest(spread(-0.01, 0.01, 100_000), (x) => ulps(exp32(x), Math.exp(x))) < 1);
});

test('exp is 0 and infinite where its value has no normal float32, 1 at 0, and NaN at NaN', () => {
  assert.deepEqual([-88, -1e30, Number.NEGATIVE_INFINITY].map(exp32), [0, 0, 0]);
  assert.deepEqual([89, 1e30, Number.POSITIVE_INFINITY].map(exp32), Array(3).fill(Number.POSITIVE_INFINITY));
  assert.equal(exp32(0), 1);
  assert.ok(Number.isNaN(exp32(Number.NaN)));
});

test('exp in float64 has the bits of Math.exp', () => {
  const anywhere = fc.oneof(
    fc.double(),
    fc.double({ min: -750, max: 715 }),
    fc.double({ min: -3, max: 3 }),
    fc.float({ min: -1, max: 1 }),
    fc.constantFrom(0, -0, 1, -1, 0.5 * Math.LN2, -0.5 * Math.LN2, 1.5 * Math.LN2, 709.79, -745.2, -710),
  );
  fc.assert(
    fc.property(anywhere, (x) => assert.equal(exp64(x), Math.exp(x), `${x}`)),
    { numRuns: 50_000 },
  );
});

test('log is off by less than 1 ulp of the larger of its value and 1, for normal numbers', () => {
  const error = (x: number) =>
    Math.abs(log32(x) - Math.log(x)) /
    2 ** (Math.max(0, Math.floor(Math.log2(Math.abs(Math.log(x)) || 1))) - 23);
  const powers = Array.from(spread(-125, 127, 200_000), (power) => fround(2 ** power));
  assert.ok(largest(powers, error) < 1);
  assert.ok(largest(spread(0.5, 2, 200_000), error) < 1);
  assert.equal(log32(1), 0);
});

test('log in float64 is off by less than 1 ulp of the larger of its value and 1', () => {
  fc.assert(
    fc.property(fc.double({ min: 2 ** -1022, max: 2 ** 1023, noNaN: true }), (x) => {
      const truth = Math.log(x);
      const unit = 2 ** (Math.max(0, Math.floor(Math.log2(Math.abs(truth) || 1))) - 52);
      // Math.log itself is off by up to 1 ulp.
      assert.ok(Math.abs(log64(x) - truth) <= 2 * unit, `${x}`);
    }),
    { seed: 1, numRuns: 20_000 },
  );
  assert.equal(log64(1), 0);
});

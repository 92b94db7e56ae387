/** Against scipy 1.15: `stats.t.ppf(0.975, n)`, and margins made of it and of `numpy.std(…, ddof=1)`. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { differenceBySeed, estimate, pairedDifference, studentQuantile } from './statistics.js';

const near = (got: number, expected: number, tolerance: number) =>
  assert.ok(Math.abs(got - expected) <= tolerance, `expected ${expected}, got ${got}`);

test('quantiles of Student’s t are those of the tables, inside ours and above it', () => {
  const known = {
    1: 12.7062,
    2: 4.30265,
    4: 2.776445,
    9: 2.262157,
    30: 2.042272,
    31: 2.039513,
    100: 1.983972,
  };
  for (const [freedom, quantile] of Object.entries(known))
    near(studentQuantile(Number(freedom)), quantile, 1.5e-3);
});

test('a mean has the interval of a t test', () => {
  const { mean, margin } = estimate([1, 2, 3, 4, 5]);
  assert.equal(mean, 3);
  near(margin, 1.963243, 1e-3);
  assert.deepEqual(estimate([7]), { mean: 7, margin: Number.NaN });
});

test('a paired difference is that of a paired t test, and counts the pairs that agree with its sign', () => {
  const { mean, margin, agree, count } = pairedDifference([90, 85, 70, 60], [89, 80, 71, 50]);
  assert.equal(mean, 3.75);
  near(margin, 7.727404, 1e-2);
  assert.equal(agree, 3);
  assert.equal(count, 4);
});

test('differences by seed are over the seeds that have a number in both', () => {
  const of = (...values: (readonly [seed: number, value: number | undefined])[]) =>
    values.map(([seed, value]) => ({ seed, value }));
  const others = of([3, 1], [1, 5], [4, 9], [5, undefined]);
  const found = differenceBySeed(of([1, 7], [2, 100], [3, 2], [4, undefined], [5, 1]), others);
  assert.deepEqual(found, pairedDifference([7, 2], [5, 1]));
  assert.equal(differenceBySeed(of([2, 1]), others), undefined);
});

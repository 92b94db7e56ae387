/** Largest remainders: worked examples, and what holds of all quotas. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { byNumber, roundToTotal, sum } from './numbers.js';

test('the remaining units go to the largest remainders, and to the first of equal ones', () => {
  assert.deepEqual(roundToTotal([11.2, 4.8], 16), [11, 5]);
  assert.deepEqual(roundToTotal([0.5, 3.5, 1], 5), [1, 3, 1]);
  assert.deepEqual(roundToTotal([10 / 3, 10 / 3, 10 / 3], 10), [4, 3, 3]);
  assert.deepEqual(roundToTotal([], 0), []);
});

test('a quota that falls short of a whole number by rounding alone is that number', () => {
  // 0.29 · 100 is 28.999999999999996 in float64.
  assert.deepEqual(roundToTotal([0.29 * 100, 0.71 * 100], 100), [29, 71]);
});

test('the counts add up, and each is its quota rounded down or up', () => {
  const weights = fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 1, maxLength: 12 });
  const law = fc.property(weights, fc.nat(1000), (given, total) => {
    const all = sum(given);
    fc.pre(all > 0);
    const quotas = given.map((weight) => (total * weight) / all);
    const counts = roundToTotal(quotas, total);
    assert.equal(sum(counts), total);
    for (const [k, count] of counts.entries()) assert.ok(Math.abs(count - quotas[k]!) < 1);
  });
  fc.assert(law, { seed: 1 });
});

test('numbers are sorted by value, not by their text', () => {
  assert.deepEqual([10, -1, 9].sort(byNumber), [-1, 9, 10]);
});

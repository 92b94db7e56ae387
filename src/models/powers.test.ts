import assert from 'node:assert/strict';
import { test } from 'node:test';
import { powerByProducts, powerBySquaring } from './powers.js';

test('both powers are those of Math.pow to 12 digits, and exact where that is possible', () => {
  for (const power of [powerByProducts, powerBySquaring]) {
    assert.equal(power(0.3, 0), 1);
    assert.equal(power(0.3, 1), 0.3);
    assert.equal(power(0.5, 20), 2 ** -20);
    for (const [base, exponent] of [
      [0.9, 7],
      [0.999, 1000],
      [0.96, 63],
    ] as const) {
      assert.ok(Math.abs(power(base, exponent) / base ** exponent - 1) < 1e-12);
    }
  }
});

test('the two powers differ in their last bits', () => {
  const differing = [3, 7, 10, 30, 100].filter((k) => powerByProducts(0.9, k) !== powerBySquaring(0.9, k));
  assert.ok(differing.length > 0);
});

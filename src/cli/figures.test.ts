import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mean, percent, percentText, spread } from './figures.js';

test('shares are printed as percentages, and missing ones as a dash', () => {
  assert.equal(percent(0.8514), '85.1 %');
  assert.equal(percent(undefined), '–');
  assert.equal(percent(Number.NaN), '–');
  assert.equal(percentText(0.85), '85 %');
  assert.equal(percentText(0.725), '72.5 %');
});

test('several values are printed as mean and 95 % confidence interval', () => {
  assert.equal(spread([0.8]), '80.0 %');
  assert.equal(spread([0.7, 0.8, 0.9]), '80.0 ± 24.8 %');
});

test('there is no mean if a value is missing', () => {
  assert.equal(mean([1, 2, 3]), 2);
  assert.ok(Number.isNaN(mean([1, undefined])));
  assert.equal(spread([0.7, undefined]), '–');
});

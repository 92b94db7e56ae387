import assert from 'node:assert/strict';
import { test } from 'node:test';
import { auditConservation, BYTES, MESSAGES, WIDTH } from './traffic.js';

const audit = (numbers: Float64Array) => auditConservation(numbers, () => 'here');

test('counts that add up and are not negative pass the audit', () => {
  const numbers = new Float64Array(WIDTH);
  audit(numbers);
  numbers[MESSAGES.sent] = 3;
  numbers[MESSAGES.delivered] = 2;
  numbers[MESSAGES.dropped] = 1;
  audit(numbers);
});

test('counts that add up only because one is negative do not', () => {
  for (const { delivered, dropped } of [MESSAGES, BYTES]) {
    const numbers = new Float64Array(WIDTH);
    numbers[delivered] = 1;
    numbers[dropped] = -1;
    assert.throws(() => audit(numbers), /audit: here: expected counts of at least 0, got -1/);
  }
  const numbers = new Float64Array(WIDTH);
  numbers[MESSAGES.ignored] = Number.NaN;
  assert.throws(() => audit(numbers), /got NaN/);
});

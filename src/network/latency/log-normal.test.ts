import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Random } from '../../random.js';
import { logNormal } from './log-normal.js';

const drawn = (normal: number, sigma = 0.5) =>
  logNormal.draw({ median: 1e6, sigma }, () => ({ normal: () => normal }) as Random, {
    from: 0,
    to: 1,
    now: 0,
  });

test('a latency is median · e^(sigma · normal), rounded up to the nanosecond', () => {
  assert.equal(drawn(0), 1e6);
  assert.equal(drawn(2), Math.ceil(1e6 * Math.E));
  assert.equal(drawn(-2), Math.ceil(1e6 / Math.E));
  assert.equal(drawn(3, 0), 1e6);
});

test('a latency beyond the greatest time is refused', () => {
  assert.throws(() => drawn(20, 5), { name: 'UsageError', message: /log-normal/ });
});

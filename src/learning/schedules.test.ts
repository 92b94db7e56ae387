import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decay, halfCosine } from './schedules.js';

test('half a cosine goes from 1 over ½ to 0, and stays there', () => {
  assert.equal(halfCosine(0), 1);
  assert.ok(Math.abs(halfCosine(0.5) - 0.5) < 1e-15);
  assert.equal(halfCosine(1), 0);
  assert.equal(halfCosine(7), 0);
});

test('half a cosine is (1 + cos πx) / 2, and decreases', () => {
  for (let k = 0; k < 1000; k++) {
    const share = k / 1000;
    assert.ok(Math.abs(halfCosine(share) - (1 + Math.cos(Math.PI * share)) / 2) < 1e-15, String(share));
    assert.ok(halfCosine(share + 0.001) < halfCosine(share), String(share));
  }
});

test('the factor is 1 in the first round, and multiplied once from each round to the next', () => {
  assert.deepEqual(
    [0, 1, 2, 3].map((round) => decay(0.5, round)),
    [1, 0.5, 0.25, 0.125],
  );
});

test('the bits of half a cosine are those that they always were', () => {
  assert.deepEqual(
    [0.1, 0.7, 0.999, 1 - 2 ** -30].map(halfCosine),
    [0.9755282581475768, 0.20610737385376346, 0.0000024673990709169895, 2.1401293077642302e-18],
  );
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseSeeds } from '../scenario/seeds.js';
import { parseWorkers } from './arguments.js';

test('one seed gives a list of one, and a range includes both ends', () => {
  assert.deepEqual(parseSeeds('7'), [7]);
  assert.deepEqual(parseSeeds('0'), [0]);
  assert.deepEqual(parseSeeds('2..5'), [2, 3, 4, 5]);
  assert.deepEqual(parseSeeds('3..3'), [3]);
});

test('any other text is refused as a seed', () => {
  for (const text of ['', '-1', '1.5', '1...3', '5..2', '1..', 'one', '1..99999999', '99999999999999999']) {
    assert.throws(
      () => parseSeeds(text),
      {
        name: 'UsageError',
        message: /^expected a seed such as 1, or at most 10000 seeds such as 1\.\.5, got "/,
      },
      text,
    );
  }
});

test('the number of workers is a whole number from 0 to 256', () => {
  assert.equal(parseWorkers('0'), 0);
  assert.equal(parseWorkers('256'), 256);
  for (const text of ['', '-1', '1.5', 'two', '257', 'Infinity']) {
    assert.throws(() => parseWorkers(text), { name: 'UsageError' }, text);
  }
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { publicRows } from './public-rows.js';

const nodeWith = (dataset: object) => ({ constant: () => ({ id: 'd', train: 5, test: 2, ...dataset }) });

test('public rows come after those of training and test', () => {
  assert.deepEqual([...publicRows(nodeWith({ publicRows: 3 }))], [7, 8, 9]);
});

test('data without public rows are refused where an algorithm needs some', () => {
  for (const dataset of [{}, { publicRows: 0 }])
    assert.throws(() => publicRows(nodeWith(dataset)), {
      code: 'no-public-rows',
      path: 'data.publicRows',
      message: 'expected data with public rows, got "d" without any; set data.publicRows (such as 1000)',
    });
});

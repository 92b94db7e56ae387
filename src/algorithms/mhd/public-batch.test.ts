import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Dataset } from '../../data/dataset.js';
import { Random } from '../../random.js';
import { publicBatch } from './public-batch.js';

const dataset = { id: 'test', train: 10, test: 5, shared: 7 } as Dataset;
const node = (seed = '1') => ({
  constant: () => dataset,
  publicRandom: (name: string) => new Random(`${seed}/${name}`),
});

test('public batches follow each other through shuffles of all public rows', () => {
  const rows = Array.from({ length: 14 }, (_, number) => [...publicBatch(node(), number, 3)]).flat();
  for (let pass = 0; pass < 6; pass++) {
    const sorted = rows.slice(7 * pass, 7 * (pass + 1)).sort((a, b) => a - b);
    assert.deepEqual(sorted, [15, 16, 17, 18, 19, 20, 21]);
  }
  assert.notDeepEqual(rows.slice(0, 7), rows.slice(7, 14));
});

test('a batch may be longer than the public rows, and depends on seed and number alone', () => {
  assert.equal(publicBatch(node(), 0, 20).length, 20);
  assert.deepEqual(publicBatch(node(), 5, 4), publicBatch(node(), 5, 4));
  assert.notDeepEqual(publicBatch(node('2'), 5, 7), publicBatch(node(), 5, 7));
});

test('data without public rows are refused', () => {
  const bare = { ...node(), constant: () => ({ ...dataset, shared: 0 }) };
  assert.throws(() => publicBatch(bare, 0, 3), { name: 'UsageError', code: 'no-public-rows' });
});

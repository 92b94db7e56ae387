import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { UsageError } from '../errors.js';
import { Random } from '../random.js';
import { testSource } from '../testing/data.js';
import { type Dataset, sources } from './index.js';
import { chooseParts, type PartSizes } from './parts.js';

const choose = (sizes: PartSizes, available = { train: 40, test: 20 }) =>
  chooseParts('data', sizes, available, new Random('parts'));

function load(id: string, options: unknown): Promise<Dataset> {
  return testSource(sources.find((entry) => entry.id === id)!, { options });
}

test('training and public rows are disjoint and have the requested sizes', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), fc.nat(39), fc.nat(20), (train, draw, tested) => {
      const publicRows = draw % (41 - train);
      const parts = choose({ train, test: tested, publicRows });
      assert.deepEqual(
        [parts.train.length, parts.test.length, parts.publicRows.length],
        [train, tested, publicRows],
      );
      assert.equal(new Set([...parts.train, ...parts.publicRows]).size, train + publicRows);
      for (const rows of [parts.train, parts.publicRows]) {
        assert.ok(rows.every((row, k) => row < 40 && (k === 0 || row > rows[k - 1]!)));
      }
    }),
    { seed: 1, numRuns: 100 },
  );
});

test('the training part has by default all rows that are not public', () => {
  assert.equal(choose({}).train.length, 40);
  const { train, publicRows } = choose({ publicRows: 15 });
  assert.equal(train.length, 25);
  assert.equal(new Set([...train, ...publicRows]).size, 40);
});

test('the number of public rows changes neither training nor test rows', () => {
  const [without, some, more] = [0, 5, 9].map((publicRows) => choose({ train: 20, test: 10, publicRows }));
  assert.deepEqual([some!.train, some!.test], [without!.train, without!.test]);
  assert.deepEqual([more!.train, more!.test], [without!.train, without!.test]);
  assert.ok([...some!.publicRows].every((row) => more!.publicRows.includes(row)));
});

test('more public rows than the training part leaves are refused', () => {
  for (const [sizes, message] of [
    [{ train: 30, publicRows: 11 }, /at most 10 public samples.*"data".*besides 30 training samples, got 11/],
    [{ publicRows: 40 }, /at most 39 public samples.*besides one training sample, got 40/],
  ] as const) {
    assert.throws(
      () => choose(sizes),
      (error) =>
        error instanceof UsageError && error.path === 'data.publicRows' && message.test(error.message),
    );
  }
});

test('public rows follow the test rows of mnist and of blobs, and change no other row', async () => {
  for (const [id, options] of [
    ['mnist', { train: 30, test: 20 }],
    ['blobs', { train: 30, test: 20, features: 5 }],
  ] as const) {
    const without = await load(id, options);
    const data = await load(id, { ...options, publicRows: 10 });
    assert.deepEqual([data.train, data.test, data.publicRows], [30, 20, 10]);
    assert.deepEqual(data.features.slice(0, without.features.length), without.features);
    assert.deepEqual(data.labels.slice(0, 50), without.labels);
    assert.ok(data.features.subarray(without.features.length).some((value) => value > 0));
  }
});

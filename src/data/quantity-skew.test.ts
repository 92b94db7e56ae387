import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refusal, sizesOf, split, total } from '../../test/support/splits.js';
import { splits } from './index.js';

const descending = (list: readonly number[]) => list.toSorted((a, b) => b - a);

test('a power law gives the k-th largest node a share of k^−exponent', () => {
  // 1 + 1/2 + 1/3 + 1/4 = 25/12: shares of 48/100, 24/100, 16/100 and 12/100.
  const shards = split('quantity-skew', { exponent: 1 }, { nodes: 4, train: 104, test: 10 });
  assert.deepEqual(descending(sizesOf(shards)), [49, 25, 17, 13]);
  const even = split('quantity-skew', { exponent: 0, minimum: 5 }, { nodes: 4, train: 100 });
  assert.deepEqual(sizesOf(even), [25, 25, 25, 25]);
});

test('another seed gives other nodes the large shares', () => {
  const orders = new Set(
    [1, 2, 3, 4, 5].map((seed) =>
      String(sizesOf(split('quantity-skew', { exponent: 2 }, { nodes: 4, train: 400, seed }))),
    ),
  );
  assert.ok(orders.size >= 3, [...orders].join(' | '));
});

test('every row has one node, every node its minimum and all test rows', () => {
  for (const options of [{ exponent: 3 }, { alpha: 0.01 }, { alpha: 5 }]) {
    const shards = split('quantity-skew', { ...options, minimum: 7 }, { nodes: 9, train: 500, test: 20 });
    assert.equal(total(sizesOf(shards)), 500);
    assert.equal(new Set(shards.flatMap((shard) => [...shard.train])).size, 500);
    assert.ok(Math.min(...sizesOf(shards)) >= 7);
    for (const shard of shards)
      assert.deepEqual(
        [...shard.test],
        Array.from({ length: 20 }, (_, k) => 500 + k),
      );
  }
});

test('shares of a Dirichlet distribution have its variance', () => {
  // Var = (1/N)(1 − 1/N) / (Nα + 1), for N = 4, α = 0.5: 0.0625. Of 1,600 shares, so that the estimate is within 15 %.
  let squares = 0;
  for (let seed = 0; seed < 400; seed++)
    for (const size of sizesOf(split('quantity-skew', { alpha: 0.5 }, { nodes: 4, train: 1004, seed })))
      squares += ((size - 1) / 1000 - 0.25) ** 2;
  assert.ok(Math.abs(squares / 1600 - 0.0625) < 0.0094, `${squares / 1600}`);
});

test('sizes that cannot be are refused', () => {
  assert.throws(
    () => split('quantity-skew', { exponent: 1, minimum: 11 }, { nodes: 10, train: 100 }),
    refusal(
      'too-few-samples',
      /a minimum of at most 10 samples for each of 10 nodes.*got 11/,
      'data.split.minimum',
    ),
  );
  const { options } = splits.find(({ id }) => id === 'quantity-skew')!;
  for (const wrong of [{}, { exponent: 1, alpha: 1 }, { exponent: -1 }, { alpha: 0 }])
    assert.equal(options.safeParse(wrong).success, false, JSON.stringify(wrong));
});

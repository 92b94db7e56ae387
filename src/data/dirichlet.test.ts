import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { classCounts, refusal, sizesOf, split, total } from '../../test/support/splits.js';
import { apportion } from './split.js';

test('dirichlet assigns every training row exactly once and never falls below the minimum', () => {
  fc.assert(
    fc.property(
      fc.record({
        nodes: fc.integer({ min: 1, max: 12 }),
        extra: fc.nat(400),
        alpha: fc.constantFrom(0.3, 1, 10),
        seed: fc.nat(),
      }),
      ({ nodes, extra, alpha, seed }) => {
        const train = 40 * nodes + extra;
        const shards = split('dirichlet', { alpha, minimum: 3 }, { nodes, train, test: 50, seed });
        assert.equal(total(sizesOf(shards)), train);
        assert.equal(new Set(shards.flatMap((shard) => [...shard.train])).size, train);
        assert.ok(Math.min(...sizesOf(shards)) >= 3);
      },
    ),
    { seed: 1, numRuns: 60 },
  );
});

test('a large alpha gives nearly equal parts of each class, a small one gives classes to few nodes', () => {
  const even = split('dirichlet', { alpha: 1e5 }, { nodes: 5, train: 5000 });
  for (const shard of even)
    for (const count of classCounts(shard.train)) assert.ok(Math.abs(count - 100) <= 3);
  const skewed = split('dirichlet', { alpha: 0.01 }, { nodes: 3, train: 5000 });
  for (let label = 0; label < 10; label++) {
    const largest = Math.max(...skewed.map((shard) => classCounts(shard.train)[label]!));
    assert.ok(largest >= 450, `the first holder of class ${label} has ${largest} of 500`);
  }
});

test('the shares of dirichlet have the variance of the distribution', () => {
  // Var = (1/N)(1 − 1/N) / (Nα + 1), for N = 4, α = 0.5: 0.0625. 400 × 4 shares of 10 classes.
  const shares: number[] = [];
  for (let seed = 0; seed < 100; seed++) {
    const shards = split('dirichlet', { alpha: 0.5 }, { nodes: 4, train: 4000, seed });
    for (const shard of shards) for (const count of classCounts(shard.train)) shares.push(count / 400);
  }
  const variance = total(shares.map((share) => (share - 0.25) ** 2)) / shares.length;
  assert.ok(Math.abs(variance - 0.0625) < 0.004, `variance ${variance}`);
});

test('an alpha so small that every gamma variable underflows still assigns all rows', () => {
  const shards = split('dirichlet', { alpha: 1e-5 }, { nodes: 2, train: 100 });
  assert.equal(total(sizesOf(shards)), 100);
  for (const shard of shards)
    for (const count of classCounts(shard.train)) assert.ok([0, 10].includes(count));
});

test('a minimum that no draw meets is an error that says what to do', () => {
  assert.throws(
    () => split('dirichlet', { alpha: 0.001, minimum: 20 }, { nodes: 20, train: 600 }),
    refusal('too-few-samples', /none of 1000 draws with alpha 0.001.*raise alpha/, 'data.split.alpha'),
  );
  assert.throws(
    () => split('dirichlet', { alpha: 1, minimum: 31 }, { nodes: 20, train: 600 }),
    refusal('too-few-samples', /at most 30 samples.*got 31/, 'data.split.minimum'),
  );
});

test('the test rows of a node have the proportions of its training rows, and are as many as these allow', () => {
  fc.assert(
    fc.property(fc.nat(), fc.constantFrom(0.1, 1, 100), (seed, alpha) => {
      const shards = split('dirichlet', { alpha }, { nodes: 4, train: 1000, test: 500, seed });
      for (const shard of shards) {
        const train = classCounts(shard.train);
        // 1,000 is a multiple of the 10 classes, so classes go round in the test part as they do in the training part.
        const tested = classCounts(shard.test);
        const most = Math.floor(Math.min(...train.filter((n) => n > 0).map((n) => (50 * total(train)) / n)));
        assert.equal(total(tested), most);
        for (const [label, count] of train.entries()) {
          const exact = (most * count) / total(train);
          assert.ok(Math.abs(tested[label]! - exact) < 1, `${tested[label]} of class ${label}, not ${exact}`);
          assert.ok(tested[label]! <= 50);
        }
      }
    }),
    { seed: 1, numRuns: 30 },
  );
});

test('a class without test rows is refused, but a data set without a test part is not', () => {
  assert.throws(
    () => split('dirichlet', { alpha: 1e4 }, { nodes: 2, train: 100, test: 9 }),
    refusal('too-few-samples', /test samples of class 9.*got none/, 'data.test'),
  );
  for (const shard of split('dirichlet', { alpha: 1e4 }, { nodes: 2, train: 100, test: 0 })) {
    assert.equal(shard.test.length, 0);
  }
});

test('apportioned numbers add up to the total, and each is its share rounded down or up', () => {
  assert.deepEqual(apportion(10, [1, 1, 1]), [4, 3, 3]);
  assert.deepEqual(apportion(7, [0, 5, 0]), [0, 7, 0]);
  assert.deepEqual(apportion(1, [0.2, 0.5, 0.3]), [0, 1, 0]);
  const weights = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(fc.nat(1e6), weights, (whole, list) => {
      const sum = total(list);
      fc.pre(sum > 1e-200);
      const counts = apportion(whole, list);
      assert.equal(total(counts), whole);
      for (const [k, count] of counts.entries()) {
        assert.ok(Math.abs(count - (whole * list[k]!) / sum) < 1 + 1e-9);
      }
    }),
    { seed: 1, numRuns: 200 },
  );
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { classCounts, refusal, sizesOf, split, total } from '../../test/support/splits.js';
import { Random } from '../random.js';
import { assignAtRandom } from './class-assignment.js';
import type { Shard } from './index.js';

const held = (shard: Shard, classes = 10) =>
  classCounts(shard.train, classes).flatMap((count, label) => (count > 0 ? [label] : []));
const everyRow = (shards: readonly Shard[]) => new Set(shards.flatMap((shard) => [...shard.train])).size;

test('label-shards cuts each class into N·n/M shards, and gives n different classes to each node', () => {
  // 20 nodes × 2 shards over 10 classes: 4 shards per class, of 100/4 rows.
  const shards = split('label-shards', { shards: 2 }, { nodes: 20, train: 1000, test: 100 });
  const holders = Array<number>(10).fill(0);
  for (const shard of shards) {
    const counts = classCounts(shard.train).filter((count) => count > 0);
    assert.deepEqual(counts, [25, 25]);
    for (const label of held(shard)) holders[label]! += 1;
    assert.deepEqual(
      [...shard.test],
      Array.from({ length: 100 }, (_, k) => 1000 + k).filter((row) => held(shard).includes(row % 10)),
    );
  }
  assert.deepEqual(holders, Array(10).fill(4));
  assert.ok(new Set(shards.map((shard) => held(shard).join())).size > 5);
});

test('label-shards distributes every row of the classes in use, in shards that are nearly equal', () => {
  fc.assert(
    fc.property(
      fc.record({
        nodes: fc.integer({ min: 1, max: 15 }),
        classes: fc.integer({ min: 1, max: 10 }),
        shards: fc.integer({ min: 1, max: 4 }),
        seed: fc.nat(),
      }),
      ({ nodes, classes, shards: perNode, seed }) => {
        const rows = 67;
        const train = classes * rows;
        const shards = split('label-shards', { shards: perNode }, { nodes, train, classes, seed });
        const inUse = Math.min(classes, nodes * perNode);
        assert.equal(total(sizesOf(shards)), inUse * rows);
        assert.equal(everyRow(shards), inUse * rows);
        // Every shard is rows/⌈N·n/M⌉ … rows/⌊N·n/M⌋ rows, rounded down or up.
        const most = Math.ceil(rows / Math.max(1, Math.floor((nodes * perNode) / classes)));
        const least = Math.floor(rows / Math.ceil((nodes * perNode) / classes));
        for (const size of sizesOf(shards)) assert.ok(size >= perNode * least && size <= perNode * most);
      },
    ),
    { seed: 1, numRuns: 80 },
  );
});

test('more shards than rows of a class are refused', () => {
  assert.throws(
    () => split('label-shards', { shards: 2 }, { nodes: 20, train: 39 }),
    refusal('too-few-samples', /class 9 for each of its 4 shards, got 3/, 'data.train'),
  );
});

test('primary-labels assigns every training row exactly once', () => {
  fc.assert(
    fc.property(
      fc.record({
        nodes: fc.integer({ min: 1, max: 10 }),
        primary: fc.integer({ min: 1, max: 10 }),
        skew: fc.constantFrom(0, 1, 100),
        assignment: fc.constantFrom('even', 'random'),
        seed: fc.nat(),
      }),
      ({ nodes, seed, ...options }) => {
        const shards = split('primary-labels', options, { nodes, train: 500, test: 100, seed });
        assert.equal(total(sizesOf(shards)), 500);
        assert.equal(everyRow(shards), 500);
      },
    ),
    { seed: 1, numRuns: 60 },
  );
});

test('a node has on average n_c (1 + s) / Σ samples of each primary label and n_c / Σ of each other label', () => {
  // 5 nodes with 2 primary labels each of 10: each label is primary for one, so that Σ = 5 + s = 8.
  const counts = Array.from({ length: 5 }, () => Array<number>(10).fill(0));
  for (const [node, shard] of split(
    'primary-labels',
    { primary: 2, skew: 3 },
    { nodes: 5, train: 80_000, test: 0 },
  ).entries())
    for (const [label, count] of classCounts(shard.train).entries()) counts[node]![label] = count;
  const primary = counts.map((list) => list.filter((count) => count > 2500));
  for (const list of primary) assert.equal(list.length, 2);
  for (const [node, list] of counts.entries()) {
    for (const count of list) {
      // Of 8,000: standard deviations √(8000 · 1/2 · 1/2) = 45 and √(8000 · 1/8 · 7/8) = 30; five of them.
      const expected = primary[node]!.includes(count) ? 4000 : 1000;
      assert.ok(Math.abs(count - expected) < (expected === 4000 ? 225 : 150), `${count} of ${expected}`);
    }
  }
});

test('without skew every node has the label distribution of the whole data set', () => {
  for (const shard of split('primary-labels', { primary: 1, skew: 0 }, { nodes: 4, train: 40_000 })) {
    // 1,000 of each class expected, with standard deviation √(4000 · 1/4 · 3/4) = 27.
    for (const count of classCounts(shard.train)) assert.ok(Math.abs(count - 1000) < 140, `${count}`);
  }
});

test('the test rows of a node have the proportions of its training rows, and are as many as these allow', () => {
  for (const shard of split('primary-labels', { primary: 3 }, { nodes: 4, train: 3000, test: 1000 })) {
    const train = classCounts(shard.train);
    const tested = classCounts(shard.test);
    const size = total(train);
    const most = Math.floor(Math.min(...train.filter((n) => n > 0).map((n) => (100 * size) / n)));
    assert.equal(total(tested), most);
    for (const [label, count] of train.entries())
      assert.ok(Math.abs(tested[label]! - (most * count) / size) < 1);
  }
});

test('a random assignment draws distinct labels for each node, unevenly', () => {
  const drawn = assignAtRandom({ nodes: 50, perNode: 3, classes: 10 }, new Random('a'));
  const holders = Array<number>(10).fill(0);
  for (const labels of drawn) {
    assert.equal(new Set(labels).size, 3);
    for (const label of labels) holders[label]! += 1;
  }
  assert.ok(Math.max(...holders) - Math.min(...holders) > 1);
});

test('impossible primary labels are refused', () => {
  assert.throws(
    () => split('primary-labels', { primary: 11 }, { nodes: 2, train: 100 }),
    refusal('too-many-classes', /at most 10 primary labels.*got 11/, 'data.split.primary'),
  );
  assert.throws(
    () => split('primary-labels', { primary: 1, skew: 1e9 }, { nodes: 20, train: 20, classes: 1 }),
    refusal('too-few-samples', /on each of 20 nodes, but none of 1000 draws/, 'data.split.skew'),
  );
});

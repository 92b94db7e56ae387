import assert from 'node:assert/strict';
import { test } from 'node:test';
import { classCounts, refusal, sizesOf, split, total } from '../../test/support/splits.js';
import { type Shard, splits } from './index.js';

const heldBy = (shard: Shard) =>
  classCounts(shard.train).flatMap((count, label) => (count > 0 ? [label] : []));

/** Asserts that the test rows of a node have the proportions of its training rows, to the row. */
function assertMatched(shard: Shard): void {
  const [own, tested] = [classCounts(shard.train), classCounts(shard.test)];
  const [size, tests] = [total(own), total(tested)];
  assert.ok(tests > 0);
  for (const [label, count] of own.entries())
    assert.ok(Math.abs(tested[label]! - (tests * count) / size) < 1, `${own} and ${tested}`);
}

test('classes-per-node with alpha deals the same classes in unequal shares, and tests in the proportions of a node', () => {
  const request = { nodes: 8, train: 1000, test: 500 };
  const even = split('classes-per-node', { classes: 3 }, request);
  const shards = split('classes-per-node', { classes: 3, alpha: 0.5 }, request);
  assert.deepEqual(shards.map(heldBy), even.map(heldBy));
  assert.equal(total(sizesOf(shards)), 1000);
  assert.equal(new Set(shards.flatMap((shard) => [...shard.train])).size, 1000);
  shards.forEach(assertMatched);
  const spread = (list: readonly Shard[]) => Math.max(...sizesOf(list)) - Math.min(...sizesOf(list));
  assert.ok(spread(shards) > 2 * spread(even), `${sizesOf(shards)} and ${sizesOf(even)}`);
});

test('classes-per-node with a large alpha has nearly equal shares, and with a tiny one each holder has a row', () => {
  for (const shard of split(
    'classes-per-node',
    { classes: 2, alpha: 1e6 },
    { nodes: 10, train: 1000, test: 100 },
  ))
    assert.ok(Math.abs(shard.train.length - 100) <= 2, `${shard.train.length}`);
  for (const shard of split(
    'classes-per-node',
    { classes: 2, alpha: 0.01 },
    { nodes: 10, train: 1000, test: 1000 },
  ))
    assert.equal(heldBy(shard).length, 2);
});

test('groups with alpha keep their classes, and their nodes have unequal shares of each', () => {
  const request = { nodes: 6, train: 1000, test: 500 };
  const shards = split('groups', { groups: 2, classes: 5, alpha: 0.4 }, request);
  const [first, second] = [shards.slice(0, 3), shards.slice(3)].map(
    (members) => new Set(members.flatMap(heldBy)),
  );
  assert.deepEqual([first!.size, second!.size], [5, 5]);
  assert.ok([...first!].every((label) => !second!.has(label)));
  assert.equal(total(sizesOf(shards)), 1000);
  shards.forEach(assertMatched);
  const counts = [...first!].map((label) =>
    shards.slice(0, 3).map((shard) => classCounts(shard.train)[label]!),
  );
  assert.ok(
    counts.some((ofNodes) => Math.max(...ofNodes) > 60),
    JSON.stringify(counts),
  );
});

test('groups without classes of their own deal all samples by alpha, as the split dirichlet does', () => {
  const request = { nodes: 5, train: 600, test: 300 };
  const own = (shards: readonly Shard[]) => shards.map((shard) => [...shard.train]);
  assert.deepEqual(
    own(split('groups', { groups: 5, alpha: 0.3 }, request)),
    own(split('dirichlet', { alpha: 0.3 }, request)),
  );
});

test('alpha is refused beside sizes, and where a group has fewer samples than nodes', () => {
  const optionsOf = (id: string) => splits.find((entry) => entry.id === id)!.options;
  assert.equal(optionsOf('classes-per-node').safeParse({ classes: 2, samples: 5, alpha: 1 }).success, false);
  assert.equal(optionsOf('groups').safeParse({ groups: 2, train: 5, alpha: 1 }).success, false);
  assert.equal(optionsOf('groups').safeParse({ groups: 2, test: 5, alpha: 1 }).success, false);
  assert.throws(
    () => split('groups', { groups: 2, classes: 5, alpha: 1 }, { nodes: 20, train: 10 }),
    refusal(
      'too-few-samples',
      /a sample for each of 10 nodes, got 5 training samples of the classes/,
      'data.train',
    ),
  );
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Shard } from '../../data/dataset.js';
import { splitTables } from './split.js';

const rows = (...list: number[]) => Uint32Array.from(list);
const shard = (train: number[], more: Partial<Shard> = {}): Shard => ({
  ...{ train: rows(...train), validation: rows(), test: rows() },
  ...more,
});

test('rows are counted by class and use, with the label of the node’s own objective', () => {
  // Two labels each: the class, and whether the row is above 2.
  const dataset = { classes: 3, attributes: 2, labels: Int32Array.of(0, 0, 1, 0, 2, 0, 0, 1, 1, 1) };
  const shards = [
    shard([0, 3], { validation: rows(1), test: rows(4) }),
    shard([2, 4], { view: { attribute: 1 } }),
  ];
  const { split, groups } = splitTables(dataset, shards);
  assert.deepEqual(split!.columns, {
    node: Int32Array.of(0, 0, 1, 1),
    class: Int32Array.of(0, 1, 0, 1),
    train: Int32Array.of(2, 0, 1, 1),
    validation: Int32Array.of(0, 1, 0, 0),
    test: Int32Array.of(0, 1, 0, 0),
  });
  assert.equal(groups, undefined);
});

test('nodes are a group where they have the same classes and see them the same', () => {
  const dataset = { classes: 2, labels: Int32Array.of(0, 0, 1, 1, 0, 1, 0, 1) };
  const groupsOf = (...shards: Shard[]) => splitTables(dataset, shards).groups?.columns.group;
  const [low, high, both] = [shard([0]), shard([2]), shard([0, 2])];
  assert.deepEqual(groupsOf(low, high, shard([1]), shard([3])), Int32Array.of(0, 1, 0, 1));
  const swapped = shard([0], { view: { labels: Int32Array.of(1, 0) } });
  assert.deepEqual(groupsOf(low, low, swapped, swapped), Int32Array.of(0, 0, 1, 1));
  // All alike, or too few alike.
  assert.equal(groupsOf(both, both, both), undefined);
  assert.equal(groupsOf(low, high, both), undefined);
});

test('data without classes have one', () => {
  const { split } = splitTables({ classes: 0, labels: new Int32Array(4) }, [shard([0, 1, 2])]);
  assert.deepEqual([split!.columns.class, split!.columns.train], [Int32Array.of(0), Int32Array.of(3)]);
});

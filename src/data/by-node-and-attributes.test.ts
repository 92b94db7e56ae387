import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refusal, sizesOf, split } from '../../test/support/splits.js';

test('by-node gives row i to node i, for training and for testing', () => {
  const shards = split('by-node', {}, { nodes: 3, train: 3, test: 3, classes: 0 });
  assert.deepEqual(
    shards.map((shard) => [[...shard.train], [...shard.test]]),
    [
      [[0], [3]],
      [[1], [4]],
      [[2], [5]],
    ],
  );
  assert.equal(split('by-node', {}, { nodes: 3, train: 3, classes: 0 })[2]!.test.length, 0);
});

test('by-node gives block i to node i if there are several rows per node', () => {
  const shards = split('by-node', {}, { nodes: 2, train: 6, test: 4, classes: 0 });
  assert.deepEqual(
    shards.map((shard) => [[...shard.train], [...shard.test]]),
    [
      [
        [0, 1, 2],
        [6, 7],
      ],
      [
        [3, 4, 5],
        [8, 9],
      ],
    ],
  );
});

test('by-node refuses data that do not have equally many samples for each node', () => {
  for (const [train, test] of [
    [4, 0],
    [6, 2],
    [0, 0],
  ] as const) {
    assert.throws(
      () => split('by-node', {}, { nodes: 3, train, test, classes: 0 }),
      refusal('not-by-node', new RegExp(`each of 3 nodes.*got ${train} and ${test}`), 'data.split.use'),
    );
  }
});

test('attributes gives disjoint rows to nodes that learn the labels in turn, and all test rows to every node', () => {
  const shards = split('attributes', {}, { nodes: 6, train: 32, test: 5, classes: 2, attributes: 4 });
  assert.deepEqual(
    shards.map(({ view }) => view),
    [0, 1, 2, 3, 0, 1].map((attribute) => ({ attribute })),
  );
  assert.deepEqual(sizesOf(shards), [6, 6, 5, 5, 5, 5]);
  assert.equal(new Set(shards.flatMap((shard) => [...shard.train])).size, 32);
  for (const shard of shards) assert.deepEqual([...shard.test], [32, 33, 34, 35, 36]);
});

test('attributes gives the requested number of samples, and refuses data with one label per row', () => {
  const request = { nodes: 4, train: 32, classes: 2, attributes: 4 };
  assert.deepEqual(sizesOf(split('attributes', { samples: 3 }, request)), [3, 3, 3, 3]);
  assert.throws(
    () => split('attributes', { samples: 9 }, request),
    refusal('too-few-samples', /at most 8 samples for each of 4 nodes.*got 9/, 'data.split.samples'),
  );
  assert.throws(
    () => split('attributes', {}, { nodes: 4, train: 32 }),
    refusal('no-attributes', /several labels per sample.*"sample", which has one/, 'data.split.use'),
  );
});

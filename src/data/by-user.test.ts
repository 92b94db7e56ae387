import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refusal, split } from '../../test/support/splits.js';

/** Twelve training rows of the users 0, 1, 2, 3, 0, …, and eight test rows of the same. */
const REQUEST = {
  train: 12,
  test: 8,
  changes: { users: Int32Array.from({ length: 20 }, (_, row) => row % 4) },
};

/** The users of some rows. */
const usersOf = (rows: Uint32Array) => [...new Set([...rows].map((row) => row % 4))].sort((a, b) => a - b);

test('with as many nodes as users a node is a user, in training and in tests', () => {
  const shards = split('by-user', {}, { ...REQUEST, nodes: 4 });
  assert.deepEqual(
    shards.map(({ train }) => usersOf(train)).toSorted(([a], [b]) => a! - b!),
    [[0], [1], [2], [3]],
  );
  for (const shard of shards) {
    assert.deepEqual([shard.train.length, shard.test.length], [3, 2]);
    assert.deepEqual(usersOf(shard.test), usersOf(shard.train));
  }
});

test('users are pooled where there are fewer nodes, and left over where each node has an exact number', () => {
  const pooled = split('by-user', {}, { ...REQUEST, nodes: 3 });
  assert.deepEqual(
    pooled.map(({ train }) => usersOf(train).length),
    [2, 1, 1],
  );
  assert.deepEqual(
    pooled.flatMap(({ train }) => usersOf(train)).sort((a, b) => a - b),
    [0, 1, 2, 3],
  );
  const single = split('by-user', { users: 1 }, { ...REQUEST, nodes: 3 });
  assert.deepEqual(
    single.map(({ train }) => usersOf(train).length),
    [1, 1, 1],
  );
  assert.equal(new Set(single.flatMap(({ train }) => usersOf(train))).size, 3);
  const seeds = [1, 2, 3, 4, 5, 6].map((seed) =>
    String(split('by-user', { users: 1 }, { ...REQUEST, nodes: 2, seed }).map(({ train }) => usersOf(train))),
  );
  assert.ok(new Set(seeds).size >= 3, seeds.join(' '));
});

test('where the tests are of other users, every node is tested on all of them', () => {
  const users = Int32Array.from({ length: 20 }, (_, row) => (row < 12 ? row % 4 : 9));
  const shards = split('by-user', {}, { ...REQUEST, changes: { users }, nodes: 2 });
  for (const shard of shards) assert.deepEqual([...shard.test], [12, 13, 14, 15, 16, 17, 18, 19]);
});

test('what cannot be dealt by user is refused', () => {
  assert.throws(
    () => split('by-user', {}, { ...REQUEST, nodes: 5 }),
    refusal('too-few-users', /at least 1 user for each of 5 nodes, got 4 users/, 'nodes'),
  );
  assert.throws(
    () => split('by-user', { users: 2 }, { ...REQUEST, nodes: 3 }),
    refusal('too-few-users', /at least 2 users for each of 3 nodes, got 4 users/, 'data.split.users'),
  );
  assert.throws(
    () => split('by-user', {}, { train: 12, nodes: 2 }),
    refusal('no-users', /expected data that say whose each sample is/, 'data.split.use'),
  );
  const users = Int32Array.from({ length: 20 }, (_, row) => (row < 12 ? row % 4 : 0));
  assert.throws(
    () => split('by-user', {}, { ...REQUEST, changes: { users }, nodes: 4 }),
    refusal('too-few-samples', /test samples of the users of each node, got none for node/, 'data'),
  );
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { type Splittable, splitIntoGroups } from './groups.js';

interface Named extends Splittable {
  readonly id: number;
}

function tasks(...keys: string[]): Named[] {
  return keys.map((key, id) => ({ id, key, footprint: 10, cost: 1 }));
}

const ids = (groups: readonly Named[][]) => groups.map((group) => group.map(({ id }) => id));

test('groups come in the order of their first member, members in the order of submission', () => {
  const groups = splitIntoGroups(tasks('b', 'a', 'b', 'a', 'c'), { groupBytes: 1e6, workers: 0 });
  assert.deepEqual(ids(groups), [[0, 2], [1, 3], [4]]);
});

test('tasks with one key are split evenly into groups that fit the budget', () => {
  const groups = splitIntoGroups(tasks(...'aaaaaaaaaa'), { groupBytes: 40, workers: 0 });
  assert.deepEqual(
    groups.map((group) => group.length),
    [3, 3, 4],
  );
});

test('a member that is larger than the budget runs alone', () => {
  assert.deepEqual(ids(splitIntoGroups(tasks('a', 'a'), { groupBytes: 1, workers: 0 })), [[0], [1]]);
});

test('a group is halved for two workers, the most expensive one first', () => {
  assert.deepEqual(ids(splitIntoGroups(tasks(...'aaaa'), { groupBytes: 1e6, workers: 2 })), [
    [0, 1],
    [2, 3],
  ]);
  const uneven = [...tasks(...'aab')].map((task) => ({ ...task, cost: task.key === 'b' ? 9 : 1 }));
  assert.deepEqual(ids(splitIntoGroups(uneven, { groupBytes: 1e6, workers: 2 })), [[0, 1], [2]]);
  assert.deepEqual(ids(splitIntoGroups(tasks('a'), { groupBytes: 1e6, workers: 2 })), [[0]]);
});

test('groups partition the tasks, keep keys apart, fit the budget and occupy all workers', () => {
  const task = fc.record({
    key: fc.constantFrom('a', 'b', 'c'),
    footprint: fc.constant(10),
    cost: fc.nat(5),
  });
  const options = fc.record({ groupBytes: fc.integer({ min: 10, max: 200 }), workers: fc.nat(5) });
  fc.assert(
    fc.property(fc.array(task, { maxLength: 40 }), options, (items, { groupBytes, workers }) => {
      const named = items.map((item, id) => ({ ...item, id }));
      const groups = splitIntoGroups(named, { groupBytes, workers });
      assert.deepEqual(
        groups.flat().sort((a, b) => a.id - b.id),
        named,
      );
      for (const group of groups) {
        assert.ok(group.length > 0);
        assert.ok(group.every(({ key }) => key === group[0]!.key));
        assert.ok(group.length * 10 <= groupBytes);
      }
      assert.ok(groups.length >= Math.min(workers, named.length));
    }),
    { seed: 1, numRuns: 200 },
  );
});

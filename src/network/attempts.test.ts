import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bodyOf } from '../../test/support/network.js';
import { AttemptTable, messageOf } from './attempts.js';
import type { NetworkMessage } from './message.js';
import type { Attempt } from './sharing/sharing.js';

const message = (sequence: number): NetworkMessage => ({
  ...{ from: 2 ** 20, to: sequence % 7, type: sequence % 256, round: 2 ** 31 + sequence },
  ...{ body: bodyOf(sequence % 50), reliable: sequence % 3 === 0, sequence, sentAt: 2 ** 52 + sequence },
});
const rest = (k: number) => ({
  tries: 1 + (k % 2),
  bytes: 32 + k,
  cell: k,
  latency: 2 ** 40 + k,
  lost: k % 5 === 0,
});

/** An attempt as an object of its own. */
const copyOf = (attempt: Attempt): Attempt => {
  const { id, tries, bytes, cell, latency, lost, startedAt, leftAt, event } = attempt;
  return { id, message: messageOf(attempt), tries, bytes, cell, latency, lost, startedAt, leftAt, event };
};

test('a table of attempts holds what a map of objects would, through any order of ends, and saved and loaded', () => {
  // Each number opens so many attempts, and then ends every attempt under way whose id it divides with that rest.
  const steps = fc.array(
    fc.record({ open: fc.nat(900), by: fc.integer({ min: 1, max: 9 }), rest: fc.nat(8) }),
    {
      maxLength: 12,
    },
  );
  fc.assert(
    fc.property(steps, (list) => {
      let table = new AttemptTable();
      const map = new Map<number, Attempt>();
      let next = 0;
      for (const step of list) {
        for (let k = 0; k < step.open; k++, next++) {
          const attempt = table.open(message(next), rest(next));
          assert.equal(attempt.id, next);
          map.set(next, {
            id: next,
            message: message(next),
            ...rest(next),
            startedAt: -1,
            leftAt: -1,
            event: -1,
          });
          for (const one of [attempt, map.get(next)!]) {
            one.startedAt = next;
            one.leftAt = 2 ** 51 + next;
            one.event = 2 ** 50 + next;
          }
        }
        for (const id of [...map.keys()].filter((one) => one % step.by === step.rest)) {
          table.close(table.get(id)!);
          map.delete(id);
          assert.equal(table.get(id), undefined);
        }
        const copy = new AttemptTable();
        for (let k = 0; k < step.rest; k++) copy.open(message(k), rest(k));
        copy.load(table.save());
        table = copy;
        assert.deepEqual(table.inOrder().map(copyOf), [...map.values()]);
        for (const [id, attempt] of map) assert.deepEqual(copyOf(table.get(id)!), attempt);
      }
    }),
    { seed: 1, numRuns: 25 },
  );
});

test('an attempt ends once', () => {
  const table = new AttemptTable();
  const attempt = table.open(message(0), rest(0));
  table.close(attempt);
  assert.throws(() => table.close(attempt), /not under way/);
});

test('a message that was kept stays what it was when the slot of its attempt is used again', () => {
  const table = new AttemptTable();
  const attempt = table.open(message(1), rest(1));
  const kept = messageOf(attempt);
  table.close(attempt);
  assert.equal(table.open(message(2), rest(2)), attempt);
  assert.deepEqual(kept, message(1));
});

test('attempts that share a bucket are found and forgotten each by itself, in any order', () => {
  // Numbers that are 1024 apart share one, as there are so many buckets.
  for (const order of [
    [0, 1024, 2048],
    [0, 2048, 1024],
    [1024, 0, 2048],
    [2048, 1024, 0],
  ]) {
    const table = new AttemptTable();
    const openUpTo = (last: number, from: number) => {
      for (let id = from; id <= last; id++) {
        const attempt = table.open(message(id), rest(id));
        if (id % 1024 > 0) table.close(attempt);
      }
    };
    openUpTo(2048, 0);
    const left = new Set(order);
    for (const [k, id] of order.entries()) {
      table.close(table.get(id)!);
      left.delete(id);
      // The slot that has become free is taken by another attempt of the same bucket.
      openUpTo(1024 * (k + 3), 1024 * (k + 2) + 1);
      left.add(1024 * (k + 3));
      assert.equal(table.get(id), undefined);
      for (const one of left) assert.equal(table.get(one)!.id, one);
      assert.deepEqual(
        table.inOrder().map((attempt) => attempt.id),
        [...left].sort((a, b) => a - b),
      );
    }
  }
});

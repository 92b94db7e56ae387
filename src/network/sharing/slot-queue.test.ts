import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../random.js';
import { SlotQueue } from './slot-queue.js';

test('an empty queue has no first slot, and its least key is infinite', () => {
  const queue = new SlotQueue();
  assert.deepEqual([queue.first, queue.least, queue.keyOf(500)], [-1, Infinity, Infinity]);
  queue.remove(3);
  queue.remove(500);
  queue.set(2, 7, 0);
  queue.clear();
  assert.deepEqual([queue.first, queue.least], [-1, Infinity]);
  queue.set(2, 8, 0);
  assert.deepEqual([queue.first, queue.least, queue.keyOf(2)], [2, 8, 8]);
});

test('the first slot has the least key, and among equal keys the least id', () => {
  const random = new Random('slots');
  const queue = new SlotQueue();
  const keys = new Map<number, readonly [key: number, id: number]>();
  for (let step = 0; step < 5000; step++) {
    const slot = random.integer(step < 1000 ? 20 : 150);
    if (random.integer(3) === 0) {
      queue.remove(slot);
      keys.delete(slot);
    } else {
      const key = random.integer(30);
      queue.set(slot, key, 1000 - slot);
      keys.set(slot, [key, 1000 - slot]);
      assert.equal(queue.keyOf(slot), key);
    }
    const [least] = [...keys].sort(([, a], [, b]) => a[0] - b[0] || a[1] - b[1]);
    assert.deepEqual([queue.first, queue.least], least ? [least[0], least[1][0]] : [-1, Infinity]);
  }
});

test('a slot of any number has its key, whatever slots there were before', () => {
  for (let slot = 1; slot < 300; slot++) {
    const queue = new SlotQueue();
    queue.set(0, 7, 0);
    queue.set(slot, 5, slot);
    assert.deepEqual([queue.first, queue.least, queue.keyOf(slot)], [slot, 5, 5]);
    queue.set(slot, 7, slot);
    assert.equal(queue.first, 0, 'a tie goes to the lower id');
  }
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BusyTime } from './busy.js';

test('a link is busy while at least one transfer uses it, and its time does not count twice', () => {
  const busy = new BusyTime(2);
  busy.begin(1, 10);
  busy.begin(1, 15);
  assert.deepEqual([busy.at(1, 17), busy.at(0, 17)], [7, 0]);
  busy.end(1, 20);
  assert.equal(busy.at(1, 30), 20);
  busy.end(1, 30);
  assert.deepEqual([busy.at(1, 30), busy.at(1, 99)], [20, 20]);
  busy.begin(1, 100);
  busy.end(1, 104);
  assert.equal(busy.at(1, 200), 24);
});

test('busy time goes on from a saved state, which later transfers do not change', () => {
  const busy = new BusyTime(1);
  busy.begin(0, 1);
  busy.end(0, 4);
  busy.begin(0, 10);
  const state = busy.save();
  busy.begin(0, 11);
  const copy = new BusyTime(1);
  copy.load(state);
  copy.end(0, 12);
  assert.deepEqual([copy.at(0, 50), busy.at(0, 50)], [5, 43]);
  assert.deepEqual(state, {
    active: Int32Array.of(1),
    since: Float64Array.of(10),
    total: Float64Array.of(3),
  });
});

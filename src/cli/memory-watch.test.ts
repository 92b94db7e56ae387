import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryWatch } from './memory-watch.js';

test('a run that uses more than nine tenths of the memory is ended, and is looked at twice a second', () => {
  let [used, now, looks] = [900, 0, 0];
  const watch = new MemoryWatch({ limit: 1000, used: () => ++looks && used, now: () => now });
  watch.look();
  assert.deepEqual([watch.signal.aborted, watch.used, looks], [false, undefined, 1]);
  used = 901;
  now = 499;
  watch.look();
  assert.deepEqual([watch.signal.aborted, looks], [false, 1]);
  now = 500;
  watch.look();
  assert.deepEqual([watch.signal.aborted, watch.used, looks], [true, 901, 2]);
  now = 1500;
  used = 100;
  watch.look();
  assert.deepEqual([watch.used, looks], [901, 2]);
});

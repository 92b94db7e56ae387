import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describe, doneShare } from './progress.js';

const plan = (after: number | undefined, at: number) => ({ stop: { after, at, diverged: 'stop' as const } });
const progress = { time: 2_500_000_000, round: 3, events: 12_000 };

test('the progress of a run is that of its rounds or of its time, whichever is greater', () => {
  assert.equal(doneShare(progress, plan(30, 100e9)), 0.1);
  assert.equal(doneShare(progress, plan(30, 5e9)), 0.5);
  assert.equal(doneShare(progress, plan(undefined, 10e9)), 0.25);
  assert.equal(doneShare({ ...progress, round: 31 }, plan(30, 100e9)), 1);
});

test('a line has virtual time, rounds, events per second and the remaining time', () => {
  assert.equal(
    describe(progress, plan(30, 1000e9), 4000),
    'time 2.50 s, round 3/30, 3,000 events/s, 36 s left',
  );
  assert.equal(
    describe({ time: 0, round: 0, events: 0 }, plan(undefined, 1000e9), 0),
    'time 0 ns, round 0, 0 events/s',
  );
  assert.match(describe(progress, plan(30, 1000e9), 60_000), /, 9 min left$/);
});

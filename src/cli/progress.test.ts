import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describe, doneShare, fitted } from './progress.js';

const plan = (after: number | undefined, at: number) => ({ stop: { after, at, diverged: 'stop' as const } });
const progress = { time: 2_500_000_000, round: 3, events: 12_000, meanRound: 3, isMeasuring: false };

test('the progress of a run is that of its rounds or of its time, whichever is greater', () => {
  assert.equal(doneShare(progress, plan(30, 100e9)), 0.1);
  assert.equal(doneShare(progress, plan(30, 5e9)), 0.5);
  assert.equal(doneShare(progress, plan(undefined, 10e9)), 0.25);
  assert.equal(doneShare({ ...progress, meanRound: 31 }, plan(30, 100e9)), 1);
});

test('a line has rounds, the remaining time, events per second and virtual time', () => {
  assert.equal(
    describe(progress, plan(30, 1000e9), 4000),
    'round 3/30, 36 s left, 3,000 events/s, time 2.50 s',
  );
  assert.equal(
    describe({ ...progress, time: 0, round: 0, events: 0, meanRound: 0 }, plan(undefined, 1000e9), 0),
    'round 0, 0 events/s, time 0 ns',
  );
  assert.match(describe(progress, plan(30, 1000e9), 60_000), /, 9 min left,/);
});

test('before the slowest node has ended a round, the remaining time is known by the others', () => {
  const early = { ...progress, round: 0, meanRound: 0.5 };
  assert.match(describe(early, plan(30, 1000e9), 1000), /^round 0\/30, 59 s left,/);
});

test('a run that is being set up says so, and one that measures too', () => {
  assert.equal(describe(undefined, plan(30, 1000e9), 2500), 'setting up, 3 s');
  assert.match(describe({ ...progress, isMeasuring: true }, plan(30, 1000e9), 4000), /, measuring$/);
});

test('a name that does not fit loses its middle', () => {
  assert.equal(fitted('[1/3] scenarios/quickstart.yaml', 40), '[1/3] scenarios/quickstart.yaml');
  assert.equal(fitted('[1/3] scenarios/quickstart.yaml', 21), '[1/3] scen…start.yaml');
  assert.equal(fitted('abcdef', 0), 'a…f');
});

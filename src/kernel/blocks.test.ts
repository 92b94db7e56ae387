import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Blocks } from './blocks.js';

/** Runs so many events, of which number k is at time 10 k, as a trace does. */
function run(blocks: Blocks, from: number, to: number): Blocks {
  for (let event = from; event < to; event++) {
    if (blocks.isDue) blocks.mark({ time: 10 * event, trace: `t${event}` });
    blocks.count();
  }
  return blocks;
}

const countsOf = (blocks: Blocks) => blocks.list.map(({ events }) => events);

test('a short run is marked before every event but the first', () => {
  const blocks = run(new Blocks(), 0, 4);
  assert.deepEqual(blocks.list, [
    { events: 1, time: 10, trace: 't1' },
    { events: 2, time: 20, trace: 't2' },
    { events: 3, time: 30, trace: 't3' },
  ]);
});

test('there are at most 127 marks, at distances that double as the run grows', () => {
  assert.equal(run(new Blocks(), 0, 128).list.length, 127);
  const doubled = countsOf(run(new Blocks(), 0, 129));
  assert.deepEqual(
    doubled,
    Array.from({ length: 64 }, (_, k) => 2 * (k + 1)),
  );
  const long = countsOf(run(new Blocks(), 0, 1001));
  assert.deepEqual(
    long,
    Array.from({ length: 125 }, (_, k) => 8 * (k + 1)),
  );
});

test('marks go on from a saved state as if nothing had happened, which later events do not change', () => {
  const whole = run(new Blocks(), 0, 700);
  for (const events of [0, 1, 127, 128, 129, 130, 131, 300]) {
    const first = run(new Blocks(), 0, events);
    const state = first.save();
    const copy = structuredClone(state);
    run(first, events, events + 20);
    assert.deepEqual(state, copy);
    const second = new Blocks();
    second.load(state);
    assert.deepEqual(run(second, events, 700).save(), whole.save(), `saved after ${events} events`);
    assert.deepEqual(state, copy);
  }
});

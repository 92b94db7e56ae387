import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Calendar, WaitingList } from './calendar.js';

function listOf(times: readonly number[]): WaitingList {
  const list = new WaitingList();
  for (const [id, time] of times.entries()) list.push(time, id);
  return list;
}

/** Pairs of time and id. */
function entriesOf({ entries, length }: WaitingList): number[][] {
  return Array.from({ length }, (_, k) => [entries[2 * k]!, entries[2 * k + 1]!]);
}

/** Takes bucket after bucket; returns the entries of each, and empties it. */
function takeAll(calendar: Calendar): number[][][] {
  const taken: number[][][] = [];
  while (calendar.length > 0) {
    const bucket = calendar.take();
    taken.push(entriesOf(bucket));
    bucket.length = 0;
  }
  return taken;
}

test('a list keeps its entries as it grows', () => {
  const times = Array.from({ length: 100 }, (_, k) => 3 * k);
  assert.deepEqual(
    entriesOf(listOf(times)),
    times.map((time, id) => [time, id]),
  );
});

test('what is in the span finds its bucket, the rest stays in the list', () => {
  const times = Array.from({ length: 40 }, (_, k) => 1000 + 25 * k);
  const calendar = new Calendar();
  const list = listOf(times);
  // 8 buckets, since 4 are fewer than 40 ÷ 8; of 64 ns, the least power of two that reaches 500 ns.
  calendar.layOut(list, 1000, 500);
  assert.deepEqual([calendar.width, calendar.horizon, calendar.limit], [64, 1000, 1512]);
  assert.deepEqual(
    entriesOf(list),
    times.map((time, id) => [time, id]).filter(([time]) => time! >= 1512),
  );
  assert.equal(calendar.length, 21);
  const taken = takeAll(calendar);
  assert.deepEqual(
    taken.map((bucket) => Math.floor((bucket[0]![0]! - 1000) / 64)),
    [0, 1, 2, 3, 4, 5, 6, 7],
  );
  for (const bucket of taken)
    for (const [time] of bucket) assert.equal(Math.floor((time! - bucket[0]![0]!) / 64), 0);
  assert.equal(calendar.horizon, 1512);
});

test('a span of exactly its buckets is not doubled, and entries at its end stay', () => {
  const calendar = new Calendar();
  const list = listOf([0, 7, 8]);
  calendar.layOut(list, 0, 8);
  assert.deepEqual([calendar.width, calendar.limit], [8, 8]);
  assert.deepEqual(entriesOf(list), [[8, 2]]);
});

test('there are no more buckets than nanoseconds, eighths of the entries, and 256', () => {
  const bucketsOf = (entries: number, span: number) => {
    const calendar = new Calendar();
    calendar.layOut(listOf(new Array<number>(entries).fill(0)), 0, span);
    return (calendar.limit - calendar.horizon) / calendar.width;
  };
  assert.deepEqual([bucketsOf(8, 1e6), bucketsOf(9, 1e6), bucketsOf(16, 1e6)], [1, 2, 2]);
  assert.deepEqual([bucketsOf(17, 1e6), bucketsOf(10_000, 1e6), bucketsOf(1000, 4)], [4, 256, 4]);
});

test('a calendar that is laid out again, or cleared, has nothing of before', () => {
  const calendar = new Calendar();
  assert.equal(calendar.limit, Number.NEGATIVE_INFINITY);
  calendar.layOut(listOf([5, 90]), 5, 86);
  assert.equal(calendar.take().length, 2);
  for (const list of calendar.lists) list.length = 0;
  calendar.layOut(listOf([100, 101]), 100, 2);
  assert.deepEqual(takeAll(calendar), [
    [
      [100, 0],
      [101, 1],
    ],
  ]);
  calendar.layOut(listOf([7]), 7, 1);
  calendar.clear();
  assert.deepEqual([calendar.length, calendar.limit], [0, Number.NEGATIVE_INFINITY]);
  for (const list of calendar.lists) assert.equal(list.length, 0);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeGates, noting } from '../../test/support/kernel.js';
import { AssertionError, UsageError } from '../errors.js';
import { type EventId, Kernel } from './kernel.js';
import { Trace } from './trace.js';

test('events run by time, then priority, then order of scheduling', async () => {
  const { kernel, notes, at } = noting();
  at(20, 5);
  at(10, 2);
  at(10, 1, { priority: 0 });
  at(10, 3);
  at(10, 4, { priority: 255 });
  assert.equal(kernel.pending, 5);
  assert.equal(await kernel.run(), 'idle');
  assert.deepEqual(notes, [1, 2, 3, 4, 5]);
  assert.deepEqual([kernel.now, kernel.executed, kernel.pending], [20, 5, 0]);
});

test('a handler gets what was scheduled, and a number as payload where none was', async () => {
  const kernel = new Kernel({ trace: new Trace() });
  const seen: unknown[] = [];
  const kind = kernel.kind<unknown>('see', (event) => seen.push(event));
  kernel.schedule({ time: 1, kind, target: -1 });
  kernel.schedule({ time: 2, kind, target: 2 ** 31 - 1, priority: 3, payload: { text: 'a' } });
  await kernel.run();
  assert.deepEqual(seen, [
    { time: 1, priority: 128, kind, target: -1, payload: 0 },
    { time: 2, priority: 3, kind, target: 2 ** 31 - 1, payload: { text: 'a' } },
  ]);
});

test('a handler can schedule at its own instant, behind what is due there already', async () => {
  const { kernel, notes, at } = noting();
  const kind = kernel.kind('again', (event) => void at(event.time, 9));
  kernel.schedule({ time: 5, kind, target: 0 });
  at(5, 1);
  await kernel.run();
  assert.deepEqual(notes, [1, 9]);
});

test('a cancelled event does not run, and only the first cancel returns true', async () => {
  const { kernel, notes, at } = noting();
  const id = at(1, 1);
  at(2, 2);
  assert.equal(kernel.cancel(id), true);
  assert.equal(kernel.cancel(id), false);
  await kernel.run();
  assert.deepEqual(notes, [2]);
});

test('the id of an event is no longer valid while the event runs', async () => {
  const kernel = new Kernel({ trace: new Trace() });
  const kind = kernel.kind('self', () => assert.equal(kernel.cancel(id), false));
  const id: EventId = kernel.schedule({ time: 1, kind, target: 0 });
  await kernel.run();
  assert.equal(kernel.executed, 1);
});

test('events at the limit run, later ones wait, and the clock stands at the limit', async () => {
  const { kernel, notes, at } = noting();
  at(10, 1);
  at(11, 2);
  assert.equal(await kernel.run({ until: 10 }), 'until');
  assert.deepEqual([notes, kernel.now], [[1], 10]);
  assert.equal(await kernel.run({ until: 10 }), 'until');
  assert.equal(await kernel.run({ until: 100 }), 'idle');
  assert.deepEqual([notes, kernel.now], [[1, 2], 11]);
});

test('the clock stands at a limit between events', async () => {
  const { kernel, at } = noting();
  at(10, 1);
  assert.equal(await kernel.run({ until: 7 }), 'until');
  assert.equal(kernel.now, 7);
  assert.throws(() => at(6, 0), AssertionError);
});

test('stop is called before every event', async () => {
  const { kernel, notes, at } = noting();
  for (let i = 0; i < 5; i++) at(i, i);
  assert.equal(await kernel.run({ stop: () => notes.length === 2 }), 'stopped');
  assert.deepEqual([notes, kernel.now, kernel.pending], [[0, 1], 1, 3]);
  assert.equal(await kernel.run({ stop: () => true }), 'stopped');
  assert.equal(notes.length, 2);
});

test('an abort by a handler ends the run after its event', async () => {
  const { kernel, notes, at } = noting();
  const controller = new AbortController();
  const kind = kernel.kind('abort', () => controller.abort());
  at(1, 1);
  kernel.schedule({ time: 2, kind, target: 0 });
  at(3, 3);
  assert.equal(await kernel.run({ signal: controller.signal }), 'aborted');
  assert.deepEqual([notes, kernel.pending], [[1], 1]);
  assert.equal(await kernel.run(), 'idle');
  assert.deepEqual(notes, [1, 3]);
});

test('breathe is called at regular counts of events, and an abort during it ends the run', async () => {
  const { kernel, at } = noting();
  for (let i = 0; i < 20_000; i++) at(i, i);
  const controller = new AbortController();
  const counts: number[] = [];
  const breathe = async () => {
    counts.push(kernel.executed);
    if (counts.length === 3) controller.abort();
  };
  assert.equal(await kernel.run({ breathe, signal: controller.signal }), 'aborted');
  assert.deepEqual(counts, [64, 128, 192]);
});

test('all pending gates are settled at once, when the first of them is reached', async () => {
  const gates = new FakeGates();
  const { kernel, notes, at } = noting(gates);
  for (let task = 0; task < 3; task++) {
    gates.pending.add(task);
    at(10 + task, task, { gate: task });
  }
  at(5, 50);
  assert.equal(await kernel.run({ until: 9 }), 'until');
  assert.equal(gates.settlements, 0);
  assert.equal(await kernel.run(), 'idle');
  assert.equal(gates.settlements, 1);
  assert.deepEqual(notes, [50, 0, 1, 2]);
});

test('an event whose gate is settled runs without waiting', async () => {
  const gates = new FakeGates();
  const { kernel, notes, at } = noting(gates);
  gates.open.add(4);
  at(1, 1, { gate: 4 });
  await kernel.run();
  assert.deepEqual([notes, gates.settlements], [[1], 0]);
});

test('a cancelled event settles no gate', async () => {
  const gates = new FakeGates();
  const { kernel, at } = noting(gates);
  kernel.cancel(at(1, 1, { gate: 4 }));
  assert.equal(await kernel.run(), 'idle');
  assert.equal(gates.settlements, 0);
});

test('the clock does not move while a gate is settled', async () => {
  const times: number[] = [];
  const open = new Set<number>();
  const { kernel, at } = noting({
    settled: (task) => open.has(task),
    settle: async () => {
      times.push(kernel.now);
      open.add(0);
    },
  });
  at(3, 0);
  at(8, 1, { gate: 0 });
  await kernel.run();
  assert.deepEqual([times, kernel.now], [[3], 8]);
});

test('a gate that stays unsettled is a bug, not an endless loop', async () => {
  const { kernel, at } = noting({ settled: () => false, settle: async () => {} });
  at(1, 1, { gate: 7 });
  await assert.rejects(kernel.run(), /task 7 is not settled/);
});

test('run throws the errors of settling, and the event stays pending', async () => {
  const broken = new Error('no backend');
  const { kernel, at } = noting({ settled: () => false, settle: () => Promise.reject(broken) });
  at(1, 1, { gate: 7 });
  await assert.rejects(kernel.run(), broken);
  assert.equal(kernel.pending, 1);
});

test('run throws the errors of handlers unchanged, and may be called again', async () => {
  const { kernel, notes, at } = noting();
  const failure = new Error('handler');
  const kind = kernel.kind('fail', () => {
    throw failure;
  });
  kernel.schedule({ time: 1, kind, target: 0 });
  at(2, 2);
  await assert.rejects(kernel.run(), (error) => error === failure);
  assert.deepEqual([kernel.now, kernel.executed, kernel.pending], [1, 1, 1]);
  assert.equal(await kernel.run(), 'idle');
  assert.deepEqual(notes, [2]);
});

test('silent events run in order and change neither fingerprint nor count', async () => {
  const fingerprints = await Promise.all(
    [false, true].map(async (measured) => {
      const { kernel, note, notes, at } = noting();
      const seen: number[] = [];
      const silent = { silent: true };
      const measure = kernel.kind('measure', (event) => void seen.push(event.time + notes.length), silent);
      const every = (event: { time: number }) => {
        if (event.time < 30) kernel.schedule({ time: event.time + 10, kind: repeat, target: 0 });
      };
      const repeat = kernel.kind('repeat', every, silent);
      if (measured) kernel.schedule({ time: 10, kind: repeat, target: 0 });
      for (let i = 0; i < 5; i++) {
        at(i * 10, i);
        if (measured) kernel.schedule({ time: i * 10, kind: measure, target: 0 });
      }
      assert.equal(kernel.pending, measured ? 11 : 5);
      await kernel.run();
      assert.deepEqual(seen, measured ? [1, 12, 23, 34, 45] : []);
      assert.ok(Number.isInteger(note));
      return [kernel.trace.fingerprint, kernel.executed];
    }),
  );
  assert.deepEqual(fingerprints[0], fingerprints[1]);
});

test('a silent event may not schedule or cancel events that count, nor mix numbers', async () => {
  const { kernel, notes, at } = noting();
  const id = at(50, 1);
  const attempts = [() => at(60, 2), () => kernel.cancel(id), () => kernel.trace.mix(1)];
  const print = kernel.trace.fingerprint;
  for (const [i, attempt] of attempts.entries()) {
    const kind = kernel.kind(`measure ${i}`, attempt, { silent: true });
    kernel.schedule({ time: i, kind, target: 0 });
    await assert.rejects(kernel.run(), /a silent event/);
  }
  assert.equal(kernel.trace.fingerprint, print);
  assert.equal(await kernel.run(), 'idle');
  assert.deepEqual(notes, [1]);
});

test('times out of range and other impossible fields are refused', () => {
  const { kernel, note, at } = noting();
  assert.throws(
    () => at(2 ** 53, 0),
    (error) => error instanceof UsageError && error.code === 'time-range',
  );
  assert.throws(() => at(Number.POSITIVE_INFINITY, 0), /104 days.*"note"/);
  assert.throws(() => at(1.5, 0), /whole number of ns.*"note", got 1.5/);
  assert.throws(() => at(Number.NaN, 0), AssertionError);
  assert.throws(() => at(-1, 0), /not before now, 0 ns, got -1 ns/);
  for (const priority of [-1, 256, 0.5]) assert.throws(() => at(1, 0, { priority }), /priority/);
  assert.throws(() => kernel.schedule({ time: 1, kind: note, target: 0.5 }), /target/);
  assert.throws(() => kernel.schedule({ time: 1, kind: note, target: 2 ** 31 }), /target/);
  assert.throws(() => kernel.schedule({ time: 1, kind: note + 1, target: 0 }), /not registered/);
  assert.throws(() => at(1, 0, { gate: 3 }), /made without gates/);
  assert.throws(() => noting(new FakeGates()).at(1, 0, { gate: 2 ** 31 }), /gate of an event/);
  assert.throws(() => kernel.kind('note', () => {}), /"note" is registered twice/);
  assert.equal(kernel.pending, 0);
});

test('the latest time that exists can be scheduled and reached', async () => {
  const { kernel, at } = noting();
  at(2 ** 53 - 1, 1);
  assert.equal(await kernel.run(), 'idle');
  assert.equal(kernel.now, 2 ** 53 - 1);
});

test('run and load are refused while the kernel is running, and impossible limits always', async () => {
  const { kernel, at } = noting();
  const state = kernel.save();
  const kind = kernel.kind('load', () => kernel.load(state));
  kernel.schedule({ time: 5, kind, target: 0 });
  await assert.rejects(kernel.run(), /load was called while/);
  at(6, 0);
  let second: Promise<unknown> | undefined;
  const again = kernel.kind('run', () => {
    second = kernel.run();
  });
  kernel.schedule({ time: 7, kind: again, target: 0 });
  await kernel.run();
  await assert.rejects(second!, /run was called while/);
  for (const until of [6, 7.5, Number.NaN]) await assert.rejects(kernel.run({ until }), AssertionError);
});

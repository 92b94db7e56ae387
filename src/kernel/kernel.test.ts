import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deserialize, serialize } from 'node:v8';
import fc from 'fast-check';
import { AssertionError, UsageError } from '../errors.js';
import { type EventId, type Gates, Kernel, type KernelState } from './kernel.js';
import { Trace, type TraceRecord } from './trace.js';

/** A kernel with the kind `note`, which writes down payloads. */
function noting(gates?: Gates) {
  const kernel = new Kernel(gates ? { trace: new Trace(), gates } : { trace: new Trace() });
  const notes: number[] = [];
  const note = kernel.kind('note', (event) => void notes.push(event.payload));
  const at = (time: number, payload: number, more: { priority?: number; gate?: number } = {}) =>
    kernel.schedule({ time, kind: note, target: 0, payload, ...more });
  return { kernel, notes, note, at };
}

/** Gates that count how often they were settled. */
class FakeGates implements Gates {
  readonly open = new Set<number>();
  readonly pending = new Set<number>();
  settlements = 0;

  settled(task: number): boolean {
    return this.open.has(task);
  }

  async settle(): Promise<void> {
    this.settlements++;
    await Promise.resolve();
    for (const task of this.pending) this.open.add(task);
    this.pending.clear();
  }
}

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

test('a cancelled event does not run, and only the first cancel tells so', async () => {
  const { kernel, notes, at } = noting();
  const id = at(1, 1);
  at(2, 2);
  assert.equal(kernel.cancel(id), true);
  assert.equal(kernel.cancel(id), false);
  await kernel.run();
  assert.deepEqual(notes, [2]);
});

test('the id of the event that runs is void', async () => {
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

test('stop is asked before every event', async () => {
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

test('breaths come at regular counts of events, and an abort in one ends the run', async () => {
  const { kernel, at } = noting();
  for (let i = 0; i < 20_000; i++) at(i, i);
  const controller = new AbortController();
  const counts: number[] = [];
  const breathe = async () => {
    counts.push(kernel.executed);
    if (counts.length === 3) controller.abort();
  };
  assert.equal(await kernel.run({ breathe, signal: controller.signal }), 'aborted');
  assert.deepEqual(counts, [4096, 8192, 12_288]);
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

test('gates that are settled cost no wait', async () => {
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

test('what settling throws comes out of run, and the event waits', async () => {
  const broken = new Error('no backend');
  const { kernel, at } = noting({ settled: () => false, settle: () => Promise.reject(broken) });
  at(1, 1, { gate: 7 });
  await assert.rejects(kernel.run(), broken);
  assert.equal(kernel.pending, 1);
});

test('what a handler throws comes out unchanged, and the kernel can go on', async () => {
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

test('a silent event that schedules, cancels or mixes what counts is refused', async () => {
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
  assert.throws(() => at(2 ** 53, 0), (error) => error instanceof UsageError && error.code === 'time-range');
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

/** A small world whose whole future depends on its state: it schedules, cancels and mixes by a running hash. */
class World {
  readonly kernel: Kernel;
  readonly log: TraceRecord[] = [];
  state = { hash: 0, held: [] as EventId[] };
  readonly #kinds = new Map<string, number>();

  constructor(names: readonly string[]) {
    this.kernel = new Kernel({ trace: new Trace((record) => this.log.push(record)) });
    for (const name of names) {
      const kind = this.kernel.kind<number | { hash: number }>(name, ({ payload, time, target }) => {
        this.#live(typeof payload === 'number' ? payload : payload.hash, time + target);
      });
      this.#kinds.set(name, kind);
    }
  }

  plant(seed: number): void {
    this.state.hash = seed;
    for (let i = 0; i < 30; i++) this.#live(seed, i);
  }

  #live(payload: number, salt: number): void {
    this.state.hash = (Math.imul(this.state.hash ^ payload, 0x9e3779b1) + salt) | 0;
    const hash = this.state.hash;
    this.kernel.trace.mix(hash / 3);
    const children = this.kernel.pending < 40 ? 2 : this.kernel.pending > 400 ? 0 : 1 + (hash & 1);
    for (let i = 0; i < children; i++) {
      const id = this.kernel.schedule({
        time: this.kernel.now + ((hash >>> (i * 7)) & 1023) * (hash & 64 ? 1 : 1000),
        kind: this.#kinds.get(hash & 4 ? 'grow' : 'rest')!,
        target: (hash >>> 5) & 15,
        priority: (hash >>> 9) & 3,
        payload: hash & 8 ? hash : { hash },
      });
      if (hash & 16) this.state.held.push(id);
    }
    if (hash & 32 && this.state.held.length > 0) {
      const index = (hash >>> 10) % this.state.held.length;
      this.kernel.trace.mix(this.kernel.cancel(this.state.held.splice(index, 1)[0]!) ? 1 : 0);
    }
  }

  async runTo(executed: number): Promise<void> {
    await this.kernel.run({ stop: () => this.kernel.executed >= executed });
  }
}

test('a run that is saved at any moment and loaded elsewhere is the same run', async () => {
  const moments = fc.record({ seed: fc.integer(), before: fc.nat(3000), after: fc.nat(1000) });
  await fc.assert(
    fc.asyncProperty(moments, async ({ seed, before, after }) => {
      const whole = new World(['grow', 'rest']);
      whole.plant(seed);
      await whole.runTo(before);
      const saved = serialize({ kernel: whole.kernel.save(), state: whole.state });
      whole.log.length = 0;
      await whole.runTo(before + after);

      const resumed = new World(['unused', 'rest', 'grow']);
      const { kernel, state } = deserialize(saved) as { kernel: KernelState; state: World['state'] };
      resumed.kernel.load(kernel);
      resumed.state = state;
      await resumed.runTo(before + after);
      assert.deepEqual(resumed.log, whole.log);
      assert.equal(resumed.kernel.trace.fingerprint, whole.kernel.trace.fingerprint);
      assert.deepEqual(resumed.kernel.save(), whole.kernel.save());
      assert.deepEqual(resumed.state, whole.state);
    }),
    { seed: 1, numRuns: 40 },
  );
});

test('a save settles no gate and keeps it', async () => {
  const gates = new FakeGates();
  const { kernel, at } = noting(gates);
  at(1, 1, { gate: 12 });
  const state = kernel.save();
  assert.equal(gates.settlements, 0);
  const resumed = noting(gates);
  resumed.kernel.load(state);
  gates.pending.add(12);
  await resumed.kernel.run();
  assert.deepEqual([resumed.notes, gates.settlements], [[1], 1]);
});

test('a saved event of an unknown kind is an error that names the known ones', () => {
  const { kernel, at } = noting();
  at(1, 1);
  const other = new Kernel({ trace: new Trace() });
  other.kind('deliver', () => {});
  assert.throws(() => other.load(kernel.save()), /events of kind "note". Known: deliver/);
});

test('the fingerprint of a small run is the one that it always was', async () => {
  const world = new World(['grow', 'rest']);
  world.plant(7);
  await world.runTo(500);
  assert.equal(world.kernel.trace.fingerprint, 'GOLDEN2');
});

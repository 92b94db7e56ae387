import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { deserialize, serialize, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { Random } from '../random.js';
import { DEFAULT_PRIORITY, NO_GATE } from './event.js';
import { EventQueue, priorityOf } from './queue.js';
import type { EventId, Slot } from './table.js';

interface Reference {
  readonly id: number;
  readonly time: number;
  readonly priority: number;
  readonly payload: unknown;
  readonly target: number;
}

/** The queue as one would explain it: a list that is searched. Equal keys keep the order in which they came. */
class SlowQueue {
  readonly events: Reference[] = [];

  add(event: Reference): void {
    const later = this.events.findIndex(
      ({ time, priority }) => time > event.time || (time === event.time && priority > event.priority),
    );
    this.events.splice(later === -1 ? this.events.length : later, 0, event);
  }

  cancel(id: number): boolean {
    const index = this.events.findIndex((event) => event.id === id);
    if (index !== -1) this.events.splice(index, 1);
    return index !== -1;
  }
}

/** Takes the first event out of both queues, which must be the same. Returns its time. */
function takeBoth(queue: EventQueue, slow: SlowQueue): number | undefined {
  const expected = slow.events.shift();
  const slot = queue.first();
  if (expected === undefined) {
    assert.equal(slot, -1);
    return undefined;
  }
  const { table } = queue;
  assert.deepEqual(
    {
      id: table.id(slot),
      time: queue.time,
      priority: priorityOf(table.order(slot)),
      payload: table.payload(slot),
      target: table.target(slot),
    },
    expected,
  );
  queue.removeFirst();
  assert.equal(queue.size, slow.events.length);
  return expected.time;
}

/** An event of which only the time matters. */
const eventAt = (time: number) => ({ time, kind: 0, target: 0 });

interface Workload {
  readonly seed: number;
  readonly spread: number;
  /** Events at the start. */
  readonly size: number;
  readonly steps: number;
  /** Cancel most of the events of the start at once. */
  readonly cancelMost: boolean;
  /** Save and load now and then. */
  readonly restore: boolean;
}

/** Draws adds, cancels and takes; times lie `spread` around the event taken last, in clusters of equal ones. */
function drive(options: Workload): void {
  const random = new Random(String(options.seed));
  let queue = new EventQueue();
  const slow = new SlowQueue();
  const ids: number[] = [];
  let now = 0;
  const add = () => {
    const far = random.integer(200) === 0 ? 1e13 : 0;
    const time = now + far + random.integer(options.spread);
    const event = { time, priority: random.integer(3), payload: ids.length, target: random.integer(9) - 1 };
    const id = queue.add({ ...event, kind: 7 });
    ids.push(id);
    slow.add({ ...event, id });
  };
  for (let i = 0; i < options.size; i++) add();
  if (options.cancelMost) {
    // The first look lays out the calendar, so that events are cancelled in all of its places.
    now = takeBoth(queue, slow) ?? now;
    for (const id of ids) if (random.integer(5) > 0) assert.equal(queue.cancel(id), slow.cancel(id));
  }
  for (let i = 0; i < options.steps; i++) {
    const action = random.integer(10);
    if (action < 5) now = takeBoth(queue, slow) ?? now;
    if (action < 4 || action === 8) add();
    if (action >= 7 && ids.length > 0) {
      const id = ids[random.integer(ids.length)]!;
      assert.equal(queue.cancel(id), slow.cancel(id));
    }
    if (options.restore && random.integer(100) === 0) {
      const state = deserialize(serialize(queue.save()));
      if (random.integer(2) === 0) queue = new EventQueue();
      queue.load(state);
    }
  }
  while (takeBoth(queue, slow) !== undefined);
  assert.equal(new Set(ids).size, ids.length, 'an id was given twice');
}

const workload = fc.record({
  seed: fc.nat(),
  spread: fc.constantFrom(1, 5, 1000, 1e6, 1e12),
  size: fc.oneof(fc.nat(20), fc.nat(3000)),
  steps: fc.nat(1500),
  cancelMost: fc.boolean(),
  restore: fc.constant(false),
});

test('events come out by time, then priority, then order of scheduling, whatever was cancelled', () => {
  fc.assert(fc.property(workload, drive), { seed: 1, numRuns: 60 });
});

test('a queue that is saved and loaded at any moment gives out the same events under the same ids', () => {
  const restored = workload.map((options) => ({ ...options, restore: true }));
  fc.assert(fc.property(restored, drive), { seed: 2, numRuns: 20 });
});

test('a saved state depends on the events only, not on the history of the queue', () => {
  const straight = new EventQueue();
  const restored = new EventQueue();
  const random = new Random('saves');
  const times = Array.from({ length: 2000 }, () => random.integer(1e6));
  for (const time of times) straight.add(eventAt(time));
  for (let i = 0; i < 700; i++) {
    straight.first();
    straight.removeFirst();
  }
  restored.load(straight.save());
  assert.deepEqual(restored.save(), straight.save());
});

test('events are saved in the order of their execution', () => {
  const queue = new EventQueue();
  for (const [k, time] of [30, 10, 20, 10, 0, 10].entries()) {
    queue.add({ ...eventAt(time), priority: k === 3 ? 1 : 2, payload: k });
  }
  assert.deepEqual(
    queue.save().events.map(({ payload }) => payload),
    [4, 3, 1, 5, 2, 0],
  );
});

test('events due at one instant come out in scheduling order in any number', () => {
  const queue = new EventQueue();
  for (let i = 0; i < 5000; i++) queue.add({ ...eventAt(42), payload: i });
  for (let i = 0; i < 5000; i++) {
    assert.equal(queue.table.payload(queue.first()), i);
    queue.removeFirst();
  }
});

test('an id stays invalid when its slot is used again', () => {
  const queue = new EventQueue();
  const first = queue.add(eventAt(1));
  assert.equal(queue.cancel(first), true);
  const second = queue.add(eventAt(1));
  assert.equal(queue.cancel(first), false);
  assert.equal(queue.size, 1);
  assert.equal(queue.cancel(second), true);
});

test('an id that was never given out cancels nothing', () => {
  const queue = new EventQueue();
  queue.add(eventAt(1));
  for (const id of [-1, 1, 0.5, 2 ** 24, Number.NaN, 2 ** 53 - 1]) assert.equal(queue.cancel(id), false);
  assert.equal(queue.size, 1);
});

test('payloads keep their type', () => {
  const queue = new EventQueue();
  const payloads = [1.5, -0, Number.NaN, 2 ** 53, null, 'text', [1, 2], { a: 1 }, new Float32Array(2)];
  for (const payload of payloads) queue.add({ time: 0, kind: 65_535, target: -5, payload });
  for (const payload of payloads) {
    const slot = queue.first();
    assert.ok(Object.is(queue.table.payload(slot), payload));
    assert.equal(queue.table.kind(slot), 65_535);
    assert.equal(queue.table.target(slot), -5);
    queue.removeFirst();
  }
  queue.add({ ...eventAt(0), payload: 3 });
  assert.equal(queue.table.payload(queue.first()), 3);
});

test('a payload can be collected once its event has run or was cancelled', async () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const queue = new EventQueue();
  const payloads: WeakRef<object>[] = [];
  const add = (time: number) => {
    const payload = { time };
    payloads.push(new WeakRef(payload));
    return queue.add({ ...eventAt(time), payload });
  };
  add(0);
  const cancelled = add(1);
  add(2);
  queue.first();
  queue.removeFirst();
  queue.cancel(cancelled);
  await setImmediate();
  collectGarbage();
  assert.deepEqual(
    payloads.map((payload) => payload.deref() !== undefined),
    [false, false, true],
  );
  assert.equal(queue.size, 1);
});

test('an event without priority, gate and payload has the defaults', () => {
  const queue = new EventQueue();
  queue.add(eventAt(1));
  const { table } = queue;
  const slot = queue.first();
  const { order, gate, payload } = {
    order: table.order(slot),
    gate: table.gate(slot),
    payload: table.payload(slot),
  };
  assert.deepEqual([priorityOf(order), gate, payload], [DEFAULT_PRIORITY, NO_GATE, 0]);
});

test('cancelled events leave nothing behind in a queue that cancels more than it runs', () => {
  const queue = new EventQueue();
  queue.add(eventAt(1e15));
  for (let i = 0; i < 20_000; i++) queue.cancel(queue.add(eventAt(i)));
  assert.equal(queue.size, 1);
  assert.ok(queue.save().table.generations.length < 10);
  queue.first();
  assert.equal(queue.time, 1e15);
});

test('a slot that has used up its ids is not used again', () => {
  const lastGeneration = 2 ** 29 - 1;
  const id = lastGeneration * 2 ** 24;
  const event = { id, time: 1, order: 0, kind: 0, target: 0, gate: -1, payload: 0 };
  const queue = new EventQueue();
  const table = { generations: Uint32Array.of(lastGeneration), free: new Uint32Array() };
  queue.load({ sequence: 1, events: [event], table });
  assert.equal(queue.cancel(id), true);
  assert.equal(queue.add(eventAt(1)), 1);
  const copy = new EventQueue();
  copy.load(queue.save());
  assert.equal(copy.add(eventAt(1)), 2);
});

test('a saved state whose slots contradict each other is refused', () => {
  const queue = new EventQueue();
  queue.add(eventAt(1));
  const state = queue.save();
  const twice = { ...state, events: [...state.events, ...state.events] };
  assert.throws(() => new EventQueue().load(twice), /no slot of its own/);
  const wrong = { ...state, events: state.events.map((event) => ({ ...event, id: event.id + 2 ** 24 })) };
  assert.throws(() => new EventQueue().load(wrong), /another generation/);
  const free = { ...state, table: { ...state.table, free: Uint32Array.of(0) } };
  assert.throws(() => new EventQueue().load(free), /is in use/);
});

test('the types of an id, a slot and a task cannot be mistaken for each other', () => {
  const queue = new EventQueue();
  const id = queue.add(eventAt(1));
  const slot = queue.first();
  // @ts-expect-error a slot is no id, although both are small numbers.
  const wrongId: EventId = slot;
  // @ts-expect-error an id is no slot.
  const wrongSlot: Slot = id;
  // @ts-expect-error an id is no task.
  queue.add({ ...eventAt(1), gate: id });
  // @ts-expect-error a slot is no time.
  queue.add({ ...eventAt(1), time: slot });
  assert.deepEqual([wrongId, wrongSlot, queue.size], [slot, id, 3]);
});

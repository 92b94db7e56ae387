import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FaultyInput, faultyTask } from '../../test/support/faulty-tasks.js';
import { AssertionError, PluginError, UsageError } from '../errors.js';
import type { Executor, Job, TaskGroup } from './executor.js';
import { createExecutor } from './executors.js';
import { ComputeQueue, type ComputeQueueOptions } from './queue.js';

async function inlineQueue(options: Omit<ComputeQueueOptions, 'executor'> = {}) {
  const groups: TaskGroup[] = [];
  const inline = createExecutor({ backend: 'cpu', workers: 0 });
  await inline.start({});
  const executor: Executor = {
    ...inline,
    begin(group) {
      groups.push(group);
      return inline.begin(group);
    },
  };
  return { queue: new ComputeQueue({ executor, ...options }), groups };
}

function input(action: FaultyInput['action'], value = 1, key = ''): FaultyInput {
  return { action, values: Float32Array.of(value, value + 1), key };
}

test('settling runs all pending tasks in groups, and each output is taken once', async () => {
  const { queue, groups } = await inlineQueue();
  const inputs = [input('double', 1, 'x'), input('double', 2, 'y'), input('double', 3, 'x')];
  const tasks = inputs.map((one) => queue.submit(faultyTask, one));
  assert.deepEqual(tasks, [0, 1, 2]);
  assert.equal(queue.settled(0), false);
  await queue.settle(0);
  assert.deepEqual(
    groups.map((group) => group.inputs),
    [[inputs[0], inputs[2]], [inputs[1]]],
  );
  assert.deepEqual(
    tasks.map((task) => queue.take(task)),
    [Float32Array.of(2, 4), Float32Array.of(4, 6), Float32Array.of(6, 8)],
  );
  assert.throws(() => queue.take(1), /task #1 is not settled, or was taken before/);
  assert.throws(() => queue.settled(1), /task #1 was taken, cancelled or never submitted/);
  assert.deepEqual(queue.statistics(), { tasks: 3, groups: 2, meanGroupSize: 1.5, tasksPerWorker: [3] });
});

test('settling what is settled runs nothing', async () => {
  const { queue, groups } = await inlineQueue();
  assert.equal(queue.statistics().meanGroupSize, 0);
  const task = queue.submit(faultyTask, input('double'));
  await queue.settle(task);
  await queue.settle(task);
  assert.equal(groups.length, 1);
});

test('a task that step programs compute is handed over at once, and runs alone', async () => {
  const { queue, groups } = await inlineQueue();
  const alone = { ...faultyTask, id: 'alone', byProgram: () => true };
  const tasks = [1, 2].map((value) => queue.submit(alone, input('double', value))) as [number, number];
  const grouped = queue.submit(faultyTask, input('double', 3));
  assert.equal(groups.length, 2);
  await queue.settle(tasks[1]);
  assert.deepEqual(
    [...tasks, grouped].map((task) => queue.settled(task)),
    [false, true, false],
  );
  queue.cancel(tasks[0]);
  await queue.settle(grouped);
  assert.deepEqual(queue.take(grouped), Float32Array.of(6, 8));
  assert.equal(groups.length, 3);
});

test('tasks that are joined are settled together, and each is taken by itself', async () => {
  const { queue } = await inlineQueue();
  const alone = { ...faultyTask, id: 'alone', byProgram: () => true };
  const tasks = [queue.submit(alone, input('double', 1)), queue.submit(faultyTask, input('double', 2))];
  const joined = queue.join(tasks);
  assert.equal(queue.settled(joined), false);
  await queue.settle(joined);
  assert.equal(queue.settled(joined), true);
  queue.leave(joined);
  assert.throws(() => queue.leave(joined), /no tasks joined as #2/);
  assert.throws(() => queue.settled(joined), /#2 was taken, cancelled or never submitted/);
  assert.deepEqual(
    tasks.map((task) => queue.take(task)),
    [Float32Array.of(2, 4), Float32Array.of(4, 6)],
  );
});

test('joined tasks have an id of their own, which is saved, and left once', async () => {
  const { queue } = await inlineQueue();
  const tasks = [1, 2].map((value) => queue.submit(faultyTask, input('double', value)));
  assert.deepEqual([queue.join(tasks), queue.submit(faultyTask, input('double', 3))], [2, 3]);
  const { queue: resumed } = await inlineQueue();
  resumed.load(structuredClone(queue.save()), () => faultyTask);
  assert.equal(resumed.settled(2), false);
  await resumed.settle(2);
  assert.deepEqual([resumed.settled(2), resumed.settled(0), resumed.settled(1)], [true, true, true]);
  resumed.leave(2);
  assert.throws(() => resumed.leave(2), /no tasks joined as #2/);
  assert.throws(() => resumed.settled(2), /task #2 was taken, cancelled or never submitted/);
});

test('an error of a task that was handed over names it, and its output is not there', async () => {
  const { queue } = await inlineQueue();
  const alone = { ...faultyTask, id: 'alone', byProgram: () => true };
  queue.submit(alone, input('double'));
  const task = queue.submit(alone, input('throw'));
  await assert.rejects(queue.settle(task), {
    name: 'PluginError',
    message: /^task #1 "alone" \(.*faulty-tasks\.js#\w+\): no such luck$/,
  });
  assert.equal(queue.statistics().tasks, 0);
});

test('a task that was handed over is dropped when it is cancelled', async () => {
  const dropped: Job[] = [];
  const inline = createExecutor({ backend: 'cpu', workers: 0 });
  await inline.start({});
  const queue = new ComputeQueue({ executor: { ...inline, drop: (job) => void dropped.push(job) } });
  const task = queue.submit({ ...faultyTask, byProgram: () => true }, input('double'));
  queue.cancel(task);
  assert.throws(() => queue.cancel(task), /task #0 was taken, cancelled or never submitted/);
  assert.deepEqual([dropped.length, dropped[0]!.result, queue.save().pending], [1, undefined, []]);
});

test('a cancelled task is not run, and a settled one that is cancelled is forgotten', async () => {
  const { queue, groups } = await inlineQueue();
  const [a, b, c] = [1, 2, 3].map((value) => queue.submit(faultyTask, input('double', value))) as [
    number,
    number,
    number,
  ];
  queue.cancel(b);
  await queue.settle(a);
  assert.deepEqual(groups[0]!.inputs.length, 2);
  queue.cancel(c);
  assert.throws(() => queue.take(c), AssertionError);
  assert.throws(() => queue.cancel(b), /task #1 was taken, cancelled/);
  assert.deepEqual(queue.take(a), Float32Array.of(2, 4));
});

test('the budget of bytes bounds the size of groups', async () => {
  const { queue, groups } = await inlineQueue({ groupBytes: 16 });
  for (let i = 0; i < 6; i++) queue.submit(faultyTask, input('double', i));
  await queue.settle(0);
  assert.deepEqual(
    groups.map((group) => group.inputs.length),
    [2, 2, 2],
  );
});

test('an error names the task that throws, whatever other tasks are in its group', async () => {
  const { queue } = await inlineQueue();
  for (const action of ['double', 'throw', 'double'] as const) queue.submit(faultyTask, input(action));
  await assert.rejects(queue.settle(0), (error) => {
    assert.ok(error instanceof PluginError);
    assert.match(error.message, /^task #1 "faulty" \(file:.*faulty-tasks\.js#faultyTask\): no such luck$/);
    assert.ok(error.cause instanceof RangeError);
    return true;
  });
  assert.equal(queue.settled(0), false);
});

test('the first task that throws is reported, in the order of groups and submission', async () => {
  const { queue } = await inlineQueue();
  queue.submit(faultyTask, input('double', 1, 'x'));
  queue.submit(faultyTask, input('throw', 1, 'y'));
  queue.submit(faultyTask, input('throw-usage', 1, 'x'));
  await assert.rejects(queue.settle(0), /^UsageError: expected luck, got none$/);
});

test('usage errors and failed assertions of a task are thrown as they are', async () => {
  const { queue } = await inlineQueue();
  queue.submit(faultyTask, input('throw-usage'));
  await assert.rejects(queue.settle(0), (error) => {
    assert.ok(error instanceof UsageError);
    assert.deepEqual([error.code, error.path], ['bad-luck', 'algorithm.luck']);
    assert.equal(error.message, 'expected luck, got none');
    return true;
  });
  const { queue: other } = await inlineQueue();
  other.submit(faultyTask, input('throw-assertion'));
  await assert.rejects(
    other.settle(0),
    (error) => error instanceof AssertionError && error.message === 'luck is above 0',
  );
});

test('a group with the wrong number of outputs, or outputs that are not plain, is refused', async () => {
  const few = (await inlineQueue()).queue;
  few.submit(faultyTask, input('too-few'));
  await assert.rejects(few.settle(0), /expected 1 outputs, one per input, got 0/);
  const odd = (await inlineQueue()).queue;
  odd.submit(faultyTask, input('not-plain'));
  await assert.rejects(odd.settle(0), /outputs\[0\]: expected plain data .* an instance of Map/);
});

test('an input that is not plain data, or has an impossible cost, is refused when it is submitted', async () => {
  const { queue } = await inlineQueue();
  const plain = input('double');
  assert.throws(
    () => queue.submit(faultyTask, { ...plain, key: new Set() as never }),
    /input of task "faulty"\.key: expected plain data/,
  );
  const endless = { ...faultyTask, flops: () => Number.NaN };
  assert.throws(
    () => queue.submit(endless, plain),
    /task "faulty": flops\(input\): expected a finite number ≥ 0, got NaN/,
  );
  const free = { ...faultyTask, id: 'free', footprint: () => 0, flops: () => 0 };
  assert.doesNotThrow(() => queue.submit(free, plain));
  const negative = { ...faultyTask, footprint: () => -1 };
  assert.throws(() => queue.submit(negative, plain), /footprint\(input\): .* got -1/);
});

test('two definitions with one id are refused', async () => {
  const { queue } = await inlineQueue();
  queue.submit(faultyTask, input('double'));
  queue.submit({ ...faultyTask }, input('double'));
  assert.throws(
    () => queue.submit({ ...faultyTask, export: 'other' }, input('double')),
    (error) => error instanceof UsageError && error.code === 'duplicate-task',
  );
});

test('with checks on, an input that was changed before or during the run is noticed', async () => {
  const before = (await inlineQueue({ checkFrozen: true })).queue;
  const changed = input('double');
  before.submit(faultyTask, changed);
  changed.values[1] = 9;
  await assert.rejects(before.settle(0), /input of task #0 "faulty": the array at "\.values" was changed/);
  const during = (await inlineQueue({ checkFrozen: true })).queue;
  during.submit(faultyTask, input('mutate'));
  await assert.rejects(during.settle(0), /input of task #0 "faulty": the array at "\.values" was changed/);
});

test('with checks on, an output that was changed before it is taken is noticed', async () => {
  const { queue } = await inlineQueue({ checkFrozen: true });
  const task = queue.submit(faultyTask, input('double'));
  await queue.settle(task);
  const { output } = queue.save().settled[0]!;
  (output as Float32Array)[0] = 5;
  assert.throws(() => queue.take(task), /output of task #0 "faulty": the array at "" was changed/);
});

test('a saved queue continues exactly: pending inputs run, settled outputs wait, and ids count on', async () => {
  const { queue } = await inlineQueue();
  const taken = queue.submit(faultyTask, input('double', 1));
  const waiting = queue.submit(faultyTask, input('double', 2));
  await queue.settle(waiting);
  queue.take(taken);
  const cancelled = queue.submit(faultyTask, input('double', 3));
  const pending = queue.submit(faultyTask, input('double', 4));
  queue.cancel(cancelled);
  const saved = structuredClone(queue.save());
  assert.deepEqual(saved, {
    next: 4,
    pending: [{ task: pending, definition: 'faulty', input: input('double', 4) }],
    settled: [{ task: waiting, definition: 'faulty', output: Float32Array.of(4, 6) }],
    joined: [],
  });

  const { queue: resumed } = await inlineQueue({ checkFrozen: true });
  resumed.load(saved, () => faultyTask);
  assert.deepEqual(resumed.save(), saved);
  assert.deepEqual([resumed.settled(waiting), resumed.settled(pending)], [true, false]);
  assert.equal(resumed.submit(faultyTask, input('double')), 4);
  await resumed.settle(pending);
  assert.deepEqual(
    [resumed.take(waiting), resumed.take(pending)],
    [Float32Array.of(4, 6), Float32Array.of(8, 10)],
  );
});

test('a resolver that returns another definition fails an assertion', async () => {
  const { queue } = await inlineQueue();
  const saved = { next: 1, pending: [{ task: 0, definition: 'train', input: {} }], settled: [], joined: [] };
  assert.throws(
    () => queue.load(saved, () => faultyTask),
    /expected the task definition "train", got "faulty"/,
  );
});

test('joined tasks are settled when all of them are', async () => {
  const { queue } = await inlineQueue();
  const alone = { ...faultyTask, id: 'alone', byProgram: () => true };
  const tasks = [1, 2].map((value) => queue.submit(alone, input('double', value))) as [number, number];
  const joined = queue.join(tasks);
  await queue.settle(tasks[0]);
  assert.deepEqual([queue.settled(tasks[0]), queue.settled(joined)], [true, false]);
  await queue.settle(tasks[1]);
  assert.equal(queue.settled(joined), true);
});

test('a task that was handed over is settled as soon as its result is there', async () => {
  const job: { group: TaskGroup; result: Job['result'] }[] = [];
  const inline = createExecutor({ backend: 'cpu', workers: 0 });
  await inline.start({});
  let isDone = false;
  const executor: Executor = {
    ...inline,
    begin(group) {
      job.push({ group, result: undefined });
      return job[0]!;
    },
    collect() {
      if (isDone) job[0]!.result = { worker: 0, outputs: [7] };
    },
    finish: () => assert.fail('nobody waits for it'),
  };
  const queue = new ComputeQueue({ executor });
  const task = queue.submit({ ...faultyTask, byProgram: () => true }, input('double'));
  assert.equal(queue.settled(task), false);
  isDone = true;
  assert.equal(queue.settled(task), true);
  assert.equal(queue.take(task), 7);
});

test('a group of one that throws is not run again to find out which of its members did', async () => {
  const { queue, groups } = await inlineQueue();
  queue.submit(faultyTask, input('throw'));
  await assert.rejects(queue.settle(0), /task #0 "faulty"/);
  assert.equal(groups.length, 1);
});

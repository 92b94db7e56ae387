/** Processors: when a node's tasks are done, what of them counts as busy time and as work, and what becomes of them when it goes down. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Kernel } from '../kernel/kernel.js';
import { Trace } from '../kernel/trace.js';
import { Processors } from './processor.js';
import type { TaskDefinition } from './task.js';

/** A task that costs its input in FLOPs and takes one gradient on two samples for each. */
const task: TaskDefinition<number, number> = {
  id: 'count',
  module: 'test',
  export: 'task',
  group: () => '',
  flops: (flops) => flops,
  gradients: (flops) => ({ steps: flops, samples: 2 * flops }),
  footprint: () => 0,
  run: (inputs) => inputs.map((input) => input),
};

/** Two nodes, of 1 and 2 GFLOPS, so that a FLOP takes 1 ns and half of one; `at` schedules a call. */
function machine() {
  const kernel = new Kernel({
    trace: new Trace(),
    gates: { settled: () => true, settle: () => Promise.resolve() },
  });
  const inputs: unknown[] = [];
  const cancelled: number[] = [];
  const done: [time: number, node: number, name: string, output: unknown][] = [];
  const processors = new Processors({
    kernel,
    queue: {
      submit: (_definition, input) => inputs.push(input) - 1,
      take: (id) => inputs[id],
      cancel: (id) => void cancelled.push(id),
    },
    speeds: Float64Array.of(1e9, 2e9),
    computed: (node, name, output) => done.push([kernel.now, node, name, output]),
  });
  const kind = kernel.kind<() => void>('call', ({ payload }) => payload());
  const at = (time: number, payload: () => void) => kernel.schedule({ time, kind, target: 0, payload });
  return { kernel, processors, at, done, cancelled };
}

test('a node runs its tasks one after the other, each for FLOPs ÷ speed, and nodes run at once', async () => {
  const { kernel, processors, at, done } = machine();
  at(5, () => {
    processors.submit(0, task, 10, 'first');
    processors.submit(0, task, 4, 'second');
    processors.submit(1, task, 10, 'other');
    assert.deepEqual([processors.isBusy(0), processors.isBusy(1)], [true, true]);
  });
  at(12, () => assert.deepEqual([processors.busy(0), processors.busy(1)], [7, 5]));
  await kernel.run();
  assert.deepEqual(done, [
    [10, 1, 'other', 10],
    [15, 0, 'first', 10],
    [19, 0, 'second', 4],
  ]);
  assert.deepEqual([processors.isBusy(0), processors.busy(0), processors.busy(1)], [false, 14, 5]);
  assert.deepEqual(processors.work(0), { steps: 14, samples: 28, flops: 14 });
});

test('a task runs and counts as busy from its start, not from when the task before it did', async () => {
  const { kernel, processors, at } = machine();
  const busy: number[] = [];
  processors.submit(0, task, 10, 'early');
  at(30, () => processors.submit(0, task, 10, 'late'));
  for (const time of [4, 20, 33]) at(time, () => busy.push(processors.busy(0)));
  await kernel.run();
  assert.deepEqual(busy, [4, 10, 13]);
});

test('a paused task continues where it was; the pause is no busy time, what came before it is', async () => {
  const { kernel, processors, at, done, cancelled } = machine();
  const busy: number[] = [];
  processors.submit(0, task, 10, 'paused');
  processors.submit(0, task, 3, 'queued');
  at(6, () => processors.down(0, 'pause'));
  at(50, () => {
    busy.push(processors.busy(0));
    assert.equal(processors.isBusy(0), true);
  });
  at(100, () => processors.up(0));
  at(102, () => busy.push(processors.busy(0)));
  await kernel.run();
  assert.deepEqual(done, [
    [104, 0, 'paused', 10],
    [107, 0, 'queued', 3],
  ]);
  assert.deepEqual(busy, [6, 8]);
  assert.equal(processors.busy(0), 13);
  assert.deepEqual(cancelled, []);
});

test('a task can be paused more than once, and coming up twice does not start it twice', async () => {
  const { kernel, processors, at, done } = machine();
  processors.submit(0, task, 10, 'paused');
  for (const [down, up] of [
    [2, 20],
    [25, 40],
  ] as const) {
    at(down, () => processors.down(0, 'pause'));
    at(up, () => processors.up(0));
    at(up, () => processors.up(0));
  }
  await kernel.run();
  assert.deepEqual(done, [[43, 0, 'paused', 10]]);
  assert.equal(processors.busy(0), 10);
});

test('lost tasks are cancelled, the running one and those behind it, and are no work; their time was busy', async () => {
  const { kernel, processors, at, done, cancelled } = machine();
  processors.submit(0, task, 10, 'running');
  processors.submit(0, task, 5, 'queued');
  at(4, () => {
    processors.down(0, 'lose');
    assert.equal(processors.isBusy(0), false);
  });
  at(20, () => {
    processors.up(0);
    processors.submit(0, task, 2, 'new');
  });
  await kernel.run();
  assert.deepEqual(done, [[22, 0, 'new', 2]]);
  assert.deepEqual(cancelled, [0, 1]);
  assert.equal(processors.busy(0), 6);
  assert.deepEqual(processors.work(0), { steps: 2, samples: 4, flops: 2 });
});

test('a task whose cost is 0 takes no time, and evaluations without gradients count FLOPs alone', async () => {
  const { kernel, processors, done } = machine();
  const { gradients: _gradients, ...evaluation } = task;
  processors.submit(0, evaluation, 0, 'nothing');
  processors.submit(0, evaluation, 7, 'evaluation');
  await kernel.run();
  assert.deepEqual(
    done.map(([time]) => time),
    [0, 7],
  );
  assert.deepEqual(processors.work(0), { steps: 0, samples: 0, flops: 7 });
});

test('a saved processor goes on in another machine, with tasks paused or queued', async () => {
  const first = machine();
  first.processors.submit(0, task, 10, 'paused');
  first.processors.submit(0, task, 3, 'queued');
  first.at(6, () => first.processors.down(0, 'pause'));
  await first.kernel.run();
  const saved = first.processors.save();
  first.processors.up(0);
  const second = machine();
  second.processors.load(saved);
  assert.equal(second.processors.busy(0), 6);
  second.processors.up(0);
  await second.kernel.run();
  assert.deepEqual(
    second.done.map(([time, node, name]) => [time, node, name]),
    [
      [4, 0, 'paused'],
      [7, 0, 'queued'],
    ],
  );
});

test('a slow node takes longer for what is left of its tasks, queued ones included, and for new ones', async () => {
  const { kernel, processors, at, done } = machine();
  processors.submit(0, task, 10, 'running');
  processors.submit(0, task, 3, 'queued');
  // 6 of 10 ns are left at 4: 18 slow ones, of which 3 are over at 7; the 15 left are 5 again.
  at(4, () => processors.slow(0, 3));
  at(7, () => processors.slow(0, 1));
  at(7, () => assert.equal(processors.busy(0), 7));
  at(12, () => processors.slow(0, 2.5));
  at(13, () => processors.submit(0, task, 1, 'new'));
  await kernel.run();
  assert.deepEqual(done, [
    [12, 0, 'running', 10],
    [20, 0, 'queued', 3],
    [23, 0, 'new', 1],
  ]);
  assert.equal(processors.busy(0), 23);
});

test('a node that becomes slow while it is paused goes on slowly, also from a saved state', async () => {
  const first = machine();
  first.processors.submit(0, task, 10, 'paused');
  first.at(4, () => first.processors.down(0, 'pause'));
  first.at(5, () => first.processors.slow(0, 2));
  await first.kernel.run();
  const { kernel, processors, at, done } = machine();
  processors.load(first.processors.save());
  at(20, () => processors.up(0));
  at(26, () => processors.slow(0, 1));
  await kernel.run();
  assert.deepEqual(
    done.map(([time]) => time),
    [29],
  );
});

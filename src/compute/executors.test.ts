import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { type FaultyInput, faultyTask, misnamedTask, programTask } from '../../test/support/faulty-tasks.js';
import { AssertionError, PluginError, UsageError } from '../errors.js';
import { sharedMemory } from '../numeric/thread.js';
import { type Executor, type GroupResult, type Job, runGroups, type TaskGroup } from './executor.js';
import { createExecutor } from './executors.js';
import { exportOf } from './modules.js';

function group(action: FaultyInput['action'], values: number[] = [1], cost = 1): TaskGroup {
  const input: FaultyInput = { action, values: Float32Array.from(values) };
  return { definition: faultyTask, inputs: [input], cost };
}

/** A job that a worker runs: this thread would take it back while no worker has begun it. */
async function begunByWorker(executor: Executor, action: 'spin' | 'exit'): Promise<Job> {
  const values = new Float32Array(new SharedArrayBuffer(4));
  const job = executor.begin({ definition: faultyTask, inputs: [{ action, values }], cost: 1 });
  while (values[0] === 0) await setTimeout(5);
  return job;
}

function errorOf(result: GroupResult): Error | undefined {
  return 'error' in result ? result.error : undefined;
}

for (const workers of [0, 2, 3]) {
  // With three threads the constant is in shared memory, with two it is copied.
  const offsets = new Float32Array(workers === 3 ? new SharedArrayBuffer(8) : new ArrayBuffer(8));
  offsets.set([10, 20]);
  const executor = createExecutor({ backend: 'cpu', workers });
  const title = `${workers || 1} threads: `;

  test(`${title}results are in the order of the groups, whatever they cost`, async () => {
    await executor.start({ offsets, other: { text: 'x' } });
    const groups = Array.from({ length: 7 }, (_, i) => group('double', [i], (i * 5) % 7));
    const results = await runGroups(executor, groups);
    assert.deepEqual(
      results.map((result) => 'outputs' in result && result.outputs),
      groups.map((_, i) => [Float32Array.of(2 * i)]),
    );
    assert.deepEqual(await runGroups(executor, []), []);
    assert.equal(executor.backend.name, 'cpu');
    assert.equal(executor.backend.versions['@tensorflow/tfjs-core'], '4.22.0');
  });

  test(`${title}an error of a task is a result of its own kind, and the other tasks still run`, async () => {
    const actions = ['double', 'throw', 'throw-usage', 'throw-assertion', 'not-plain', 'double'] as const;
    const results = await runGroups(
      executor,
      actions.map((action) => group(action)),
    );
    const errors = results.map(errorOf);
    assert.deepEqual(
      errors.map((error) => error?.name),
      [undefined, 'RangeError', 'UsageError', 'AssertionError', 'PluginError', undefined],
    );
    assert.ok(errors[2] instanceof UsageError);
    assert.deepEqual([errors[2].code, errors[2].path], ['bad-luck', 'algorithm.luck']);
    assert.ok(errors[3] instanceof AssertionError && errors[4] instanceof PluginError);
    assert.equal(errors[1]!.message, 'no such luck');
    assert.match(errors[1]!.stack!, /faulty-tasks/);
  });

  test(`${title}tasks find constants, may return them any number of times, and an unknown name is refused with the known ones`, async () => {
    for (let repeat = 0; repeat < 3; repeat++) {
      const results = await runGroups(executor, [group('add-shared', [1, 2]), group('hand-out-shared')]);
      const values = results.map((result) => 'outputs' in result && [...(result.outputs[0] as Float32Array)]);
      assert.deepEqual(values, [
        [11, 22],
        [10, 20],
      ]);
    }
    const [unknown] = await runGroups(executor, [group('ask-for-unknown')]);
    assert.match(
      String(errorOf(unknown!)),
      /expected the name of a constant \(offsets, other\), got "nothing"/,
    );
  });

  test(`${title}a task has TensorFlow.js, unless step programs compute it`, async () => {
    const asking = group('ask-for-tf');
    const [computed, refused] = await runGroups(executor, [asking, { ...asking, definition: programTask }]);
    assert.deepEqual('outputs' in computed! && computed.outputs, [Float32Array.of(2)]);
    assert.match(String(errorOf(refused!)), /AssertionError: .*uses `machine`, and no TensorFlow\.js/);
  });

  test(`${title}inputs stay usable for their owner`, async () => {
    const own = group('double', [1, 2, 3]);
    await runGroups(executor, [own]);
    assert.deepEqual((own.inputs[0] as FaultyInput).values, Float32Array.of(1, 2, 3));
  });

  test(`${title}after closing, a run ends with an AbortError`, async () => {
    await executor.close();
    await executor.close();
    await assert.rejects(runGroups(executor, [group('double')]), { name: 'AbortError' });
  });
}

test('an error names a definition that its module does not export, and closing ends even an endless task', async () => {
  const executor = createExecutor({ backend: 'cpu', workers: 2 });
  await executor.start({});
  const job = executor.begin({ ...group('double'), definition: misnamedTask });
  while (!job.result) {
    await setTimeout(5);
    executor.collect();
  }
  assert.match(
    String(errorOf(job.result)),
    /PluginError: .*faulty-tasks\.js: expected a task definition exported as "nowhere"/,
  );
  const endless = assert.rejects(executor.finish(await begunByWorker(executor, 'spin')), {
    name: 'AbortError',
  });
  await executor.close();
  await endless;
});

test('late workers: this thread computes until they are there, then they help, and one that cannot start ends the run', async () => {
  let isWanted = false;
  const late = createExecutor({ backend: 'cpu', workers: 2, workersWhen: () => isWanted });
  await late.start({});
  isWanted = true;
  assert.equal(late.backend.name, 'cpu');
  const workersOf = async () => {
    const results = await runGroups(
      late,
      Array.from({ length: 50 }, (_, i) => group('double', [i])),
    );
    return results.map(({ worker }) => worker);
  };
  while (!(await workersOf()).includes(1)) await setTimeout(5);
  await late.close();
  const never = createExecutor({ backend: 'cpu', workers: 2, workersWhen: () => false });
  await never.start({});
  assert.deepEqual(
    new Set((await runGroups(never, [group('double')])).map(({ worker }) => worker)),
    new Set([0]),
  );
  await never.close();
  const text =
    "import { isMainThread } from 'node:worker_threads'; if (!isMainThread) throw new Error('not in a worker');";
  const module = `data:text/javascript,${encodeURIComponent(text)}`;
  const failing = createExecutor({ backend: 'cpu', workers: 2, workersWhen: () => true, modules: [module] });
  await failing.start({});
  await assert.rejects(async () => {
    for (;;) {
      await runGroups(failing, [group('double')]);
      await setTimeout(5);
    }
  }, /not in a worker/);
  await failing.close();
});

test('with onlyWorkers every task runs in a worker, however slow that is', async () => {
  const executor = createExecutor({ backend: 'cpu', workers: 2, onlyWorkers: true });
  await executor.start({});
  const results = await runGroups(
    executor,
    Array.from({ length: 50 }, (_, i) => group('double', [i])),
  );
  await executor.close();
  assert.deepEqual(new Set(results.map(({ worker }) => worker)), new Set([1]));
});

test('late workers: the host takes its turn although nothing is ever waited for', async () => {
  let turns = 0;
  const breathe = () => {
    turns++;
    return undefined;
  };
  const executor = createExecutor({ backend: 'cpu', workers: 2, workersWhen: () => false, breathe });
  await executor.start({});
  for (let k = 1; k <= 3; k++) {
    await runGroups(executor, [group('double')]);
    assert.equal(turns, k);
  }
  await executor.close();
});

test('a worker that becomes ready while the pool is closed lets nobody end the process before', () => {
  const own = (path: string) => JSON.stringify(new URL(path, import.meta.url).href);
  const program = `
    import { createExecutor } from ${own('./executors.js')};
    import { faultyTask } from ${own('../../test/support/faulty-tasks.js')};
    const pool = { backend: 'wasm', workers: 3 };
    const started = performance.now();
    const first = createExecutor(pool);
    await first.start({});
    const usual = performance.now() - started;
    await first.close();
    // As runs that do not turn the event loop, and end at about the time when their workers are ready.
    for (let share = 0.5; share < 1.5; share += 0.04) {
      const executor = createExecutor({ ...pool, workersWhen: () => true });
      await executor.start({});
      executor.begin({ definition: faultyTask, inputs: [{ action: 'double', values: Float32Array.of(1) }], cost: 1 });
      const end = performance.now() + share * usual;
      while (performance.now() < end);
      await executor.close();
    }
    console.log('closed');`;
  const folder = mkdtempSync(join(tmpdir(), 'mycel-closing-'));
  const file = join(folder, 'program.mjs');
  writeFileSync(file, program);
  const { status, stdout, stderr } = spawnSync(process.execPath, [file], { encoding: 'utf8' });
  rmSync(folder, { recursive: true });
  assert.deepEqual([status, stdout, stderr], [0, 'closed\n', '']);
});

/** The result of a group that a worker runs: nobody waits for it, so nobody takes it back. */
async function resultByWorker(executor: Executor, given: TaskGroup): Promise<GroupResult> {
  const job = executor.begin(given);
  while (!job.result) {
    await setTimeout(5);
    executor.collect();
  }
  return job.result;
}

test('a worker gives a task that step programs compute no TensorFlow.js, and each block that is left over back once', async () => {
  const executor = createExecutor({ backend: 'cpu', workers: 2 });
  await executor.start({});
  const asking = await resultByWorker(executor, { ...group('ask-for-tf'), definition: programTask });
  assert.match(String(errorOf(asking)), /uses `machine`, and no TensorFlow\.js/);
  assert.equal(asking.worker, 1);
  const wasting = { ...group('waste', Array<number>(70_000).fill(1)), definition: programTask };
  for (const one of [wasting, group('double')]) await resultByWorker(executor, one);
  const { arena } = sharedMemory();
  const blocks = [0, 1, 2].map(() => arena.take(4 * 70_000));
  assert.equal(new Set(blocks).size, 3);
  for (const block of blocks) arena.giveBack(block);
  await executor.close();
});

test('a job that waits behind an endless one is taken back by who needs it', async () => {
  const executor = createExecutor({ backend: 'cpu', workers: 2 });
  await executor.start({});
  await begunByWorker(executor, 'spin');
  const jobs = [1, 2].map((value) => executor.begin(group('double', [value])));
  for (const job of jobs) await executor.finish(job);
  assert.deepEqual(
    jobs.map(({ result }) => result),
    [2, 4].map((value) => ({ worker: 0, outputs: [Float32Array.of(value)] })),
  );
  await executor.close();
});

test('what the threads of a pool had of the shared memory is there for others when it is closed', async () => {
  const taken: number[] = [];
  for (let pool = 0; pool < 2; pool++) {
    const executor = createExecutor({ backend: 'wasm', workers: 2 });
    await executor.start({});
    await begunByWorker(executor, 'spin');
    await executor.close();
    taken.push(sharedMemory().arena.taken);
  }
  assert.equal(taken[1], taken[0]);
});

test('a constant that is not plain data is refused', async () => {
  const executor = createExecutor({ backend: 'cpu', workers: 2 });
  await assert.rejects(
    executor.start({ model: { run: () => 1 } }),
    /constants\.model\.run: expected plain data/,
  );
  await executor.close();
});

test('a worker that dies ends the run with an error that names its task, and every later run too', async () => {
  const executor = createExecutor({ backend: 'cpu', workers: 2 });
  await executor.start({});
  const deadly = await begunByWorker(executor, 'exit');
  await assert.rejects(
    executor.finish(deadly),
    /^PluginError: worker 1 ended with exit code 3 while it ran task "faulty"/,
  );
  await assert.rejects(runGroups(executor, [group('double')]), /exit code 3/);
  await executor.close();
});

test('without workers, closing between two groups ends the run', async () => {
  const executor = createExecutor({ backend: 'cpu', workers: 0, breathe: () => executor.close() });
  await executor.start({});
  await assert.rejects(runGroups(executor, [group('double'), group('double')]), { name: 'AbortError' });
});

test('a run that is closed while it breathes has no result to go on with', async () => {
  const executor = createExecutor({ backend: 'cpu', workers: 0, breathe: () => executor.close() });
  await executor.start({});
  const [first, second] = [executor.begin(group('double')), executor.begin(group('double'))];
  for (const job of [first, second]) await assert.rejects(executor.finish(job), { name: 'AbortError' });
  assert.equal(second.result, undefined, 'nothing runs after the end');
});

test('a job that is finished is not run again', async () => {
  let breaths = 0;
  const breathe = async () => void breaths++;
  const executor = createExecutor({ backend: 'cpu', workers: 0, breathe });
  await executor.start({});
  const job = executor.begin(group('double'));
  await executor.finish(job);
  const { result } = job;
  await executor.finish(job);
  assert.equal(job.result, result);
  assert.equal(breaths, 1);
  await executor.close();
});

test('a backend that is missing fails the start with its own error, in a worker too', async () => {
  for (const workers of [0, 2]) {
    const executor = createExecutor({ backend: 'torch' as never, workers });
    await assert.rejects(
      executor.start({}),
      (error) => error instanceof UsageError && /unknown backend "torch"/.test(error.message),
    );
    await executor.close();
  }
});

test('a process ends by itself with an idle pool that was never closed, and nothing is printed', () => {
  const script = `
    const { createExecutor } = await import(${JSON.stringify(new URL('./executors.js', import.meta.url).href)});
    const { faultyTask } = await import(${JSON.stringify(faultyTask.module)});
    for (const [backend, workers] of [['wasm', 2], ['cpu', 0]]) {
      const executor = createExecutor({ backend, workers });
      await executor.start({});
      const inputs = [{ action: 'double', values: Float32Array.of(1) }];
      const job = executor.begin({ definition: faultyTask, inputs, cost: 1 });
      await executor.finish(job);
      if (job.result.outputs[0][0] !== 2) process.exit(9);
    }`;
  const directory = mkdtempSync(join(tmpdir(), 'mycel-'));
  const file = join(directory, 'idle-pool.mjs');
  writeFileSync(file, script);
  const { status, stdout, stderr } = spawnSync(process.execPath, [file], {
    encoding: 'utf8',
    timeout: 30_000,
  });
  rmSync(directory, { recursive: true });
  assert.deepEqual({ status, stdout, stderr }, { status: 0, stdout: '', stderr: '' });
});

for (const workers of [0, 2]) {
  test(`${workers || 1} threads: modules are imported before the first task, and one that does not load is named`, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'mycel-modules-'));
    try {
      const url = pathToFileURL(join(folder, `good-${workers}.mjs`)).href;
      writeFileSync(join(folder, `good-${workers}.mjs`), 'export default { answer: 42 };');
      const good = createExecutor({ backend: 'cpu', workers, modules: [url] });
      await good.start({});
      await good.close();
      assert.deepEqual(exportOf(url), { answer: 42 });
      writeFileSync(join(folder, 'bad.mjs'), "throw new RangeError('not today');");
      const bad = pathToFileURL(join(folder, 'bad.mjs')).href;
      const executor = createExecutor({ backend: 'cpu', workers, modules: [url, bad] });
      await assert.rejects(executor.start({}), {
        name: 'PluginError',
        message: `${bad}: expected a module that loads, got RangeError: not today`,
      });
      await executor.close();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}

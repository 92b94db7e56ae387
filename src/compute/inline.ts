/** Runs tasks in the thread of the simulation. */
import { assert } from '../errors.js';
import { type LoadedBackend, loadBackend, reportOf } from './backend.js';
import {
  closedError,
  type Executor,
  type ExecutorOptions,
  type GroupResult,
  type Job,
  type TaskGroup,
} from './executor.js';
import { createMachine, runsPrograms } from './machines.js';
import { importModules } from './modules.js';
import { runGroup, taskContext } from './run-group.js';
import type { TaskContext } from './task.js';

/** An executor of one thread; `threads` are TensorFlow's own. */
export function createInlineExecutor(
  options: Omit<ExecutorOptions, 'workers'> & { readonly threads?: number },
): Executor {
  let loaded: LoadedBackend | undefined;
  let context: TaskContext | undefined;
  let closed = false;

  async function run({ definition, inputs }: TaskGroup): Promise<GroupResult> {
    assert(loaded && context, 'an executor is started before it runs');
    // Another run in this thread may have activated its own backend; nothing is awaited between look and use.
    while (loaded.tf.getBackend() !== loaded.tfjs) await loaded.activate();
    try {
      return { worker: 0, outputs: runGroup(definition, inputs, context) };
    } catch (error) {
      return { worker: 0, error: error instanceof Error ? error : new Error(String(error)) };
    }
  }

  return {
    workers: 1,
    get backend() {
      assert(loaded, 'an executor has a backend once it is started');
      const engine = context?.machine?.engine.instructions;
      return { ...reportOf(loaded), ...(engine !== undefined && { engine }) };
    },
    async start(constants) {
      loaded = await loadBackend(options.backend, options.threads);
      await importModules(options.modules ?? []);
      const machine = runsPrograms(loaded.name) ? createMachine(loaded.name) : undefined;
      context = taskContext(loaded.tf, constants, machine);
    },
    begin: (group) => ({ group, result: undefined }),
    collect() {},
    async finish(job: Job) {
      if (closed) throw closedError();
      if (job.result) return;
      job.result = await run(job.group);
      await options.breathe?.();
      if (closed) throw closedError();
    },
    drop() {},
    async close() {
      if (!closed) context?.machine?.close();
      closed = true;
    },
  };
}

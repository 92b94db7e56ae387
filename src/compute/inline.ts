/** Runs tasks in the thread of the simulation. */
import { assert } from '../errors.js';
import { type LoadedBackend, loadBackend, reportOf } from './backend.js';
import {
  closedError,
  type Executor,
  type ExecutorOptions,
  type GroupResult,
  type TaskGroup,
} from './executor.js';
import { importModules } from './modules.js';
import { runGroup, taskContext } from './run-group.js';
import type { TaskContext } from './task.js';

/** An executor without workers; `threads` are TensorFlow's own. */
export function createInlineExecutor(
  options: Omit<ExecutorOptions, 'workers'> & { readonly threads?: number },
): Executor {
  let loaded: LoadedBackend | undefined;
  let context: TaskContext | undefined;
  let closed = false;

  async function runOne({ definition, inputs }: TaskGroup): Promise<GroupResult> {
    assert(loaded && context, 'an executor is started before it runs');
    // Another run in this thread may have activated its own backend; nothing is awaited between this check and the use.
    while (loaded.tf.getBackend() !== loaded.name) await loaded.activate();
    try {
      return { worker: 0, outputs: runGroup(definition, inputs, context) };
    } catch (error) {
      return { worker: 0, error: error instanceof Error ? error : new Error(String(error)) };
    }
  }

  return {
    workers: 0,
    get backend() {
      assert(loaded, 'an executor has a backend once it is started');
      return reportOf(loaded);
    },
    async start(constants) {
      loaded = await loadBackend(options.backend, options.threads);
      await importModules(options.modules ?? []);
      context = taskContext(loaded.tf, constants);
    },
    async run(groups) {
      const results: GroupResult[] = [];
      for (const group of groups) {
        if (closed) throw closedError();
        results.push(await runOne(group));
        await options.breathe?.();
      }
      if (closed) throw closedError();
      return results;
    },
    async close() {
      closed = true;
    },
  };
}

/** Chooses where tasks run. */
import type { Executor, ExecutorOptions } from './executor.js';
import { createInlineExecutor } from './inline.js';
import { WorkerPool } from './worker-pool.js';

/**
 * An executor that is not started yet. `tensorflow` computes in this thread, with as many threads of its own as there
 * are workers asked for (at least one): its stacked products use them, and nothing has to be copied to it.
 */
export function createExecutor(options: ExecutorOptions): Executor {
  if (options.backend === 'tensorflow') {
    return createInlineExecutor({ ...options, threads: tensorflowThreads(options) });
  }
  return options.workers <= 1 ? createInlineExecutor(options) : new WorkerPool(options);
}

/** Worker threads that a run has beside its own. */
export function workerThreads({ backend, workers }: Pick<ExecutorOptions, 'backend' | 'workers'>): number {
  return backend === 'tensorflow' ? 0 : Math.max(0, workers - 1);
}

function tensorflowThreads({ workers }: ExecutorOptions): number {
  return Math.max(1, workers);
}

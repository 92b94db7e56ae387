/** Chooses where tasks run. */
import type { Executor, ExecutorOptions } from './executor.js';
import { createInlineExecutor } from './inline.js';
import { WorkerPool } from './worker-pool.js';

/** An executor that is not started yet. */
export function createExecutor(options: ExecutorOptions): Executor {
  return options.workers === 0 ? createInlineExecutor(options) : new WorkerPool(options);
}

/** Chooses where tasks run. */
import { assert } from '../errors.js';
import { chooseBackend } from './backend.js';
import type { Executor, ExecutorOptions } from './executor.js';
import { createInlineExecutor } from './inline.js';
import { WorkerPool } from './worker-pool.js';

/**
 * An executor that is not started yet. `tensorflow` computes in this thread, with as many threads of its own as
 * `workers` says (at least one): its stacked products use them, and nothing has to be copied to it.
 */
export function createExecutor(options: ExecutorOptions): Executor {
  if (options.backend === 'auto') return createBestExecutor(options);
  if (options.backend === 'tensorflow') {
    return createInlineExecutor({ ...options, threads: tensorflowThreads(options) });
  }
  return options.workers === 0 ? createInlineExecutor(options) : new WorkerPool(options);
}

/** Worker threads that a run really has. */
export function workerThreads({ backend, workers }: Pick<ExecutorOptions, 'backend' | 'workers'>): number {
  return backend === 'tensorflow' ? 0 : workers;
}

function tensorflowThreads({ workers }: ExecutorOptions): number {
  return Math.max(1, workers);
}

/** An executor for `auto`, which chooses its backend when it is started. */
function createBestExecutor(options: ExecutorOptions): Executor {
  let chosen: Executor | undefined;
  let note = '';
  const started = (): Executor => {
    assert(chosen, 'an executor for `auto` was used before it was started');
    return chosen;
  };
  return {
    get workers() {
      return started().workers;
    },
    get backend() {
      return { ...started().backend, note };
    },
    async start(constants) {
      const best = await chooseBackend(tensorflowThreads(options));
      note = best.note;
      chosen = createExecutor({ ...options, backend: best.name });
      await chosen.start(constants);
    },
    run: (groups) => started().run(groups),
    async close() {
      await chosen?.close();
    },
  };
}

/** Runs of a sweep on this machine. */
import type { Executor } from './executor.js';
import { WorkProcess } from './process.js';

/** `jobs` processes at a time. A run whose process is ended has no result; the process is started again for the next one. */
export function localExecutor(jobs: number): Executor {
  return async ({ keys, ended, ...how }) => {
    const waiting = [...keys];
    const next = async (): Promise<void> => {
      const worker = new WorkProcess(how);
      for (let key = waiting.shift(); key !== undefined && !how.signal.aborted; key = waiting.shift()) {
        await worker.run(key);
        ended(key);
      }
      worker.end();
    };
    await Promise.all(Array.from({ length: Math.min(jobs, keys.length) }, next));
  };
}

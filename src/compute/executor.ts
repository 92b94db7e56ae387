/** The contract of what runs groups of tasks: in this thread (`inline.ts`) or in worker threads (`worker-pool.ts`). */
import type { BackendReport } from './backend.js';
import type { AnyTask, BackendName } from './task.js';

/** A group of tasks that runs as one. */
export interface TaskGroup {
  readonly definition: AnyTask;
  readonly inputs: readonly unknown[];
  /** Floating-point operations of all members; the most expensive groups start first. */
  readonly cost: number;
}

/** What became of a group, and which worker ran it (0 where there is none). */
export type GroupResult =
  | { readonly worker: number; readonly outputs: readonly unknown[] }
  | { readonly worker: number; readonly error: Error };

/** Constants that every task may ask for by name. Plain data; typed arrays over shared memory are not copied. */
export type Constants = Readonly<Record<string, unknown>>;

/** Runs groups. Law: the results do not depend on the number of workers, nor on which of them is faster. */
export interface Executor {
  /** Worker threads; 0 computes in this thread. */
  readonly workers: number;
  /** The backend that computes. Asserts that `start` has finished. */
  readonly backend: BackendReport;
  /**
   * Loads the backend and the modules, and hands the constants to all workers. Throws what `loadBackend` and
   * `importModules` throw.
   */
  start(constants: Constants): Promise<void>;
  /**
   * `results[i]` belongs to `groups[i]`. An error of a task is a result; the promise is rejected when a worker dies
   * (PluginError), and with an `AbortError` when the executor is closed meanwhile. One call at a time.
   */
  run(groups: readonly TaskGroup[]): Promise<GroupResult[]>;
  /** Frees all resources; may be called at any time and more than once. */
  close(): Promise<void>;
}

/** How an executor is made. */
export interface ExecutorOptions {
  readonly backend: BackendName | 'auto';
  /** Worker threads; 0 computes in this thread. On `tensorflow`: the number of its own threads, at least 1. */
  readonly workers: number;
  /** URLs of the user's own modules that tasks need (`modules.ts`); imported before the first task. */
  readonly modules?: readonly string[];
  /** Awaited between groups where there are no workers, so that the rest of the process gets its turn. */
  readonly breathe?: () => Promise<void>;
}

/** The error of a run that was closed before its end. */
export function closedError(): Error {
  return new DOMException('the computation was closed before its end', 'AbortError');
}

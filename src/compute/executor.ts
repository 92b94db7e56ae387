/** The contract of what runs groups of tasks: in this thread (`inline.ts`) or in worker threads (`worker-pool.ts`). */
import type { BackendReport } from './backend.js';
import type { AnyTask, BackendName } from './task.js';

/** A group of tasks that runs as one. */
export interface TaskGroup {
  readonly definition: AnyTask;
  readonly inputs: readonly unknown[];
  /** Floating-point operations of all members: dear groups start first. */
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
  /** What computes. Asserts that `start` is over. */
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
  /** Frees what it holds; may be called at any time and more than once. */
  close(): Promise<void>;
}

/** How an executor is made. */
export interface ExecutorOptions {
  readonly backend: BackendName | 'auto';
  /** Worker threads; 0 computes in this thread. On `tensorflow`: threads of its own, at least 1. */
  readonly workers: number;
  /** URLs of the modules of the user's that tasks look into (`modules.ts`); imported before the first task. */
  readonly modules?: readonly string[];
  /** Called between groups where there are no workers, so that the host can take its turn. */
  readonly breathe?: () => Promise<void>;
}

/** The error of a run that was closed before its end. */
export function closedError(): Error {
  return new DOMException('the computation was closed before its end', 'AbortError');
}

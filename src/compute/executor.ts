/** The contract of what runs groups of tasks: in this thread (`inline.ts`) or in several (`worker-pool.ts`). */
import type { BackendReport } from './backend.js';
import type { AnyTask, BackendName } from './task.js';

/** A group of tasks that runs as one. */
export interface TaskGroup {
  readonly definition: AnyTask;
  readonly inputs: readonly unknown[];
  /** Floating-point operations of all members: expensive groups start first. */
  readonly cost: number;
}

/** What became of a group, and which thread ran it: 0 is the simulation's own. */
export type GroupResult =
  | { readonly worker: number; readonly outputs: readonly unknown[] }
  | { readonly worker: number; readonly error: Error };

/** A group that an executor has taken over. */
export interface Job {
  readonly group: TaskGroup;
  /** There once it has run. */
  result: GroupResult | undefined;
}

/** Constants that every task may ask for by name. Plain data. */
export type Constants = Readonly<Record<string, unknown>>;

/** Runs groups. Law: the results do not depend on the number of threads, nor on which of them is faster. */
export interface Executor {
  /** Threads that compute, that of the simulation among them. */
  readonly workers: number;
  /** What computes. Asserts that `start` is over. */
  readonly backend: BackendReport;
  /**
   * Loads the backend and the modules, and hands the constants to all threads. Throws what `loadBackend` and
   * `importModules` throw.
   */
  start(constants: Constants): Promise<void>;
  /** Takes a group over; it may run from now on, and runs at last when it is finished. */
  begin(group: TaskGroup): Job;
  /** Notes results that have come since the last call. Costs next to nothing. */
  collect(): void;
  /**
   * Resolved, the job has its result; an error of a task is a result. The promise is rejected when a worker dies
   * (PluginError), and with an `AbortError` when the executor is closed meanwhile. One call at a time.
   */
  finish(job: Job): Promise<void>;
  /** Forgets a job; where it has not begun, it will not run. */
  drop(job: Job): void;
  /** Frees what it holds; may be called at any time and more than once. */
  close(): Promise<void>;
}

/** Runs groups, the expensive ones first; `results[i]` belongs to `groups[i]`. Throws as {@link Executor.finish}. */
export async function runGroups(executor: Executor, groups: readonly TaskGroup[]): Promise<GroupResult[]> {
  const order = groups.map((_, i) => i).sort((i, j) => groups[j]!.cost - groups[i]!.cost || i - j);
  const jobs: Job[] = [];
  for (const i of order) jobs[i] = executor.begin(groups[i]!);
  for (const i of order) await executor.finish(jobs[i]!);
  return jobs.map(({ result }) => result!);
}

/** How an executor is made. */
export interface ExecutorOptions {
  readonly backend: BackendName | 'auto';
  /**
   * Threads that compute, that of the simulation among them; 0 and 1: that one alone. On `tensorflow`: threads of its
   * own, at least 1.
   */
  readonly workers: number;
  /** Asked before tasks until it returns true: then worker threads are started, so that a short run has none. Default: at once. */
  readonly workersWhen?: () => boolean;
  /** Whether the thread of the simulation leaves every task to the workers, for checks of what they compute. Default: false. */
  readonly onlyWorkers?: boolean;
  /** URLs of the modules of the user's that tasks look into (`modules.ts`); imported before the first task. */
  readonly modules?: readonly string[];
  /** Called now and then while tasks run, so that the host can take its turn. */
  readonly breathe?: () => Promise<void> | undefined;
}

/** The error of a run that was closed before its end. */
export function closedError(): Error {
  return new DOMException('the computation was closed before its end', 'AbortError');
}

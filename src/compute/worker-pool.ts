/** Runs tasks in worker threads, each with a backend of its own. */
import { Worker } from 'node:worker_threads';
import { assert, PluginError } from '../errors.js';
import type { BackendReport } from './backend.js';
import {
  type Constants,
  closedError,
  type Executor,
  type ExecutorOptions,
  type GroupResult,
  type TaskGroup,
} from './executor.js';
import { copyForTransfer, visitArrays } from './plain-data.js';
import { errorFrom, type GroupMessage, type WorkerData, type WorkerMessage } from './worker-protocol.js';

/** One worker thread. */
interface Thread {
  readonly index: number;
  readonly worker: Worker;
  /** What it is running; null while it is idle. */
  group: number | null;
  /** Ends the wait for its backend, which is loaded or cannot be loaded. */
  ready: { resolve(backend: BackendReport): void; reject(error: Error): void };
}

/** One call of `run`. */
interface Batch {
  readonly groups: readonly TaskGroup[];
  /** Indices of groups, the most expensive first. */
  readonly order: readonly number[];
  next: number;
  left: number;
  readonly results: GroupResult[];
  resolve(results: GroupResult[]): void;
  reject(error: Error): void;
}

/**
 * N worker threads. An idle worker gets the most expensive group that is left. Results are placed by the index of their
 * group, so that timing decides only which worker runs which group. The threads keep the process alive only while they
 * run.
 */
export class WorkerPool implements Executor {
  readonly workers: number;
  readonly #backend: ExecutorOptions['backend'];
  readonly #modules: readonly string[];
  #report: BackendReport | undefined;
  #threads: Thread[] = [];
  #batch: Batch | undefined;
  /** Why nothing can run any more. */
  #end: Error | undefined;

  constructor(options: Pick<ExecutorOptions, 'backend' | 'workers' | 'modules'>) {
    assert(
      Number.isInteger(options.workers) && options.workers > 0,
      `a pool needs 1 or more workers, got ${options.workers}`,
    );
    this.workers = options.workers;
    this.#backend = options.backend;
    this.#modules = options.modules ?? [];
  }

  get backend(): BackendReport {
    assert(this.#report, 'a pool has a backend once it is started');
    return this.#report;
  }

  async start(constants: Constants): Promise<void> {
    assert(this.#threads.length === 0 && this.#end === undefined, 'a pool is started once');
    visitArrays(constants, () => {}, 'constants');
    const data: WorkerData = { backend: this.#backend, modules: this.#modules, constants };
    const ready = Array.from({ length: this.workers }, (_, index) => this.#spawn(index, data));
    const outcomes = await Promise.allSettled(ready);
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed) {
      await this.close();
      throw failed.reason;
    }
    this.#report = await ready[0]!;
    for (const { worker } of this.#threads) worker.unref();
  }

  run(groups: readonly TaskGroup[]): Promise<GroupResult[]> {
    if (this.#end) return Promise.reject(this.#end);
    assert(this.#report, 'a pool is started before it runs');
    assert(!this.#batch, 'a pool runs one list of groups at a time');
    if (groups.length === 0) return Promise.resolve([]);
    const order = groups.map((_, i) => i).sort((i, j) => groups[j]!.cost - groups[i]!.cost || i - j);
    return new Promise((resolve, reject) => {
      this.#batch = { groups, order, next: 0, left: groups.length, results: [], resolve, reject };
      for (const thread of this.#threads) this.#feed(thread);
    });
  }

  async close(): Promise<void> {
    this.#stop(closedError());
    await Promise.all(this.#threads.map(({ worker }) => worker.terminate()));
  }

  #spawn(index: number, data: WorkerData): Promise<BackendReport> {
    return new Promise((resolve, reject) => {
      const worker = new Worker(new URL('./worker.js', import.meta.url), { workerData: data });
      const thread: Thread = { index, worker, group: null, ready: { resolve, reject } };
      this.#threads.push(thread);
      worker.on('message', (message: WorkerMessage) => this.#receive(thread, message));
      worker.on('messageerror', (error) =>
        this.#died(thread, `sent a message that cannot be read: ${error.message}`),
      );
      worker.on('error', (error) => this.#died(thread, `died: ${error.name}: ${error.message}`));
      worker.on('exit', (code) => this.#died(thread, `ended with exit code ${code}`));
    });
  }

  #receive(thread: Thread, message: WorkerMessage): void {
    if (message.kind === 'ready') thread.ready.resolve(message.backend);
    else if (message.kind === 'unready') thread.ready.reject(errorFrom(message.error));
    else if (this.#batch) this.#finish(thread, message, this.#batch);
  }

  #finish(thread: Thread, message: Extract<WorkerMessage, { group: number }>, batch: Batch): void {
    batch.results[message.group] =
      message.kind === 'done'
        ? { worker: thread.index, outputs: message.outputs }
        : { worker: thread.index, error: errorFrom(message.error) };
    batch.left--;
    this.#feed(thread);
    if (batch.left > 0) return;
    this.#batch = undefined;
    batch.resolve(batch.results);
  }

  /** Gives an idle worker its next group, and lets it keep the process alive meanwhile. */
  #feed(thread: Thread): void {
    const batch = this.#batch!;
    const group = batch.order[batch.next];
    if (group === undefined) {
      thread.group = null;
      thread.worker.unref();
      return;
    }
    batch.next++;
    thread.group = group;
    thread.worker.ref();
    const { definition, inputs } = batch.groups[group]!;
    const copy = copyForTransfer(inputs);
    const message: GroupMessage = {
      group,
      module: definition.module,
      export: definition.export,
      inputs: copy.value as unknown[],
    };
    thread.worker.postMessage(message, copy.transfer);
  }

  #died(thread: Thread, how: string): void {
    const group = thread.group === null ? undefined : this.#batch?.groups[thread.group];
    const what = group ? ` while it ran task "${group.definition.id}" (${group.inputs.length} members)` : '';
    const error = new PluginError(`worker ${thread.index} ${how}${what}`);
    thread.ready.reject(error);
    if (this.#end) return;
    this.#stop(error);
    for (const { worker } of this.#threads) void worker.terminate();
  }

  #stop(reason: Error): void {
    this.#end ??= reason;
    this.#batch?.reject(this.#end);
    this.#batch = undefined;
    for (const { ready } of this.#threads) ready.reject(this.#end);
  }
}

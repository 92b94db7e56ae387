/** Runs tasks in several threads: worker threads, each with a backend of its own, and that of the simulation. */
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { assert, PluginError } from '../errors.js';
import type { Use } from '../numeric/resident.js';
import { sharedMemory } from '../numeric/thread.js';
import type { BackendReport } from './backend.js';
import { Claims } from './claims.js';
import {
  type Constants,
  closedError,
  type Executor,
  type ExecutorOptions,
  type Job,
  type TaskGroup,
} from './executor.js';
import { createInlineExecutor } from './inline.js';
import { checkPlain } from './plain-data.js';
import { adoptOutput, encodeInput, KnownRecords } from './shared-arrays.js';
import {
  DONE,
  errorFrom,
  type GroupMessage,
  type ReadyMessage,
  type ResultMessage,
  type WorkerData,
} from './worker-protocol.js';

/** Groups that a worker has at a time. It never waits for the next one, and whoever needs one that has not begun takes it back. */
const DEPTH = 8;
/** How long the simulation's thread waits before it lets the host take its turn, in ms. */
const PATIENCE = 20;

/** One worker thread. */
interface Thread {
  /** From 1. */
  readonly index: number;
  readonly worker: Worker;
  readonly port: MessagePort;
  /** Its number in the shared memory. */
  readonly number: number;
  /** What it has got once and for all. */
  readonly known: KnownRecords;
  /** What it has to run, in this order. */
  readonly jobs: Map<number, Sent>;
  /** Whether its backend is loaded. */
  isReady: boolean;
  /** Told when its backend is loaded, or will not be. */
  ready: { resolve(backend: BackendReport): void; reject(error: Error): void };
}

/** A job that a worker has. */
interface Sent {
  readonly number: number;
  readonly thread: Thread;
  readonly job: Job;
  /** Arrays that it reads. */
  readonly uses: readonly Use[];
  /** Whether its result is still wanted. */
  dropped: boolean;
}

/** Numbers of threads in the shared memory; that of the simulation has 1. */
let lastThread = 1;

/**
 * N − 1 worker threads, and the thread of the simulation, which helps while it waits for a result. Timing decides nothing
 * but which thread ran what. The workers do not keep the process alive.
 */
export class WorkerPool implements Executor {
  readonly workers: number;
  readonly #options: Pick<ExecutorOptions, 'backend' | 'modules' | 'breathe' | 'workersWhen' | 'onlyWorkers'>;
  readonly #own: Executor;
  /** Whether worker threads are wanted that are not there yet, and their constants. */
  #late: { readonly isWanted: () => boolean; readonly constants: unknown } | undefined;
  readonly #threads: Thread[] = [];
  readonly #signal: Int32Array;
  /** Results that have been noted. */
  #done = 0;
  /** Jobs that no thread has yet. */
  readonly #waiting = new Set<Job>();
  /** Jobs that workers have, the earliest first. */
  readonly #sent = new Map<Job, Sent>();
  readonly #claims = new Claims();
  #nextJob = 0;
  #uses: readonly Use[] = [];
  /** Why nothing can run any more. */
  #end: Error | undefined;
  #noteStop = () => {};
  readonly #stopped = new Promise<void>((resolve) => {
    this.#noteStop = resolve;
  });

  constructor(options: ExecutorOptions) {
    const { workers } = options;
    assert(Number.isInteger(workers) && workers > 1, `a pool needs 2 or more threads, got ${workers}`);
    this.workers = workers;
    this.#options = options;
    const { breathe: _, ...own } = options;
    this.#own = createInlineExecutor(own);
    this.#signal = new Int32Array(new SharedArrayBuffer(4 * workers));
  }

  get backend(): BackendReport {
    return this.#own.backend;
  }

  async start(constants: Constants): Promise<void> {
    assert(this.#threads.length === 0 && this.#end === undefined, 'a pool is started once');
    checkPlain(constants, 'constants');
    const { value, uses } = encodeInput(constants, sharedMemory().resident);
    this.#uses = uses;
    const { workersWhen } = this.#options;
    if (workersWhen) {
      await this.#own.start(constants);
      this.#late = { isWanted: workersWhen, constants: value };
      return;
    }
    const outcomes = await Promise.allSettled([this.#own.start(constants), ...this.#spawnAll(value)]);
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (!failed) return;
    await this.close();
    throw failed.reason;
  }

  begin(group: TaskGroup): Job {
    if (this.#late?.isWanted()) {
      for (const ready of this.#spawnAll(this.#late.constants))
        ready.catch((error: unknown) => this.#end ?? this.#fail(error as Error));
      this.#late = undefined;
    }
    const job: Job = { group, result: undefined };
    this.#waiting.add(job);
    this.collect();
    this.#feed();
    return job;
  }

  collect(): void {
    const done = Atomics.load(this.#signal, DONE);
    if (done === this.#done) return;
    this.#done = done;
    for (const thread of this.#threads) {
      for (;;) {
        const received = receiveMessageOnPort(thread.port) as { message: ResultMessage } | undefined;
        if (!received) break;
        this.#accept(thread, received.message);
      }
    }
    this.#feed();
  }

  async finish(job: Job): Promise<void> {
    for (;;) {
      if (this.#end) throw this.#end;
      this.collect();
      if (job.result) return;
      const next = this.#options.onlyWorkers ? undefined : this.#takeBack(job);
      if (next) {
        await this.#own.finish(next);
        // Nobody may ever have to wait here, and then nothing else lets the host take its turn.
        const rest = this.#options.breathe?.();
        if (rest) await rest;
      } else if (Atomics.wait(this.#signal, DONE, this.#done, PATIENCE) === 'timed-out')
        await this.#breathe();
    }
  }

  drop(job: Job): void {
    const sent = this.#sent.get(job);
    if (this.#waiting.delete(job) || !sent || this.#reclaim(sent)) return;
    sent.dropped = true;
  }

  async close(): Promise<void> {
    this.#stop(closedError());
    await this.#own.close();
    await Promise.all(this.#threads.map(({ worker }) => worker.terminate()));
    for (const thread of this.#threads) this.#bury(thread);
    for (const use of this.#uses) use.release();
    this.#uses = [];
  }

  /** A job that has not begun, for this thread to run: the wanted one if possible, else the earliest; undefined if none. */
  #takeBack(wanted: Job): Job | undefined {
    if (this.#waiting.delete(wanted)) return wanted;
    const sent = this.#sent.get(wanted);
    for (const one of sent ? [sent, ...this.#sent.values()] : this.#sent.values()) {
      if (!this.#reclaim(one)) continue;
      this.#feed();
      return one.job;
    }
    const [next] = this.#waiting;
    if (next) this.#waiting.delete(next);
    return next;
  }

  /** Takes a job from its worker, unless that has begun it. */
  #reclaim(sent: Sent): boolean {
    if (!this.#claims.claim(sent.number)) return false;
    this.#forget(sent);
    return true;
  }

  #forget({ number, thread, job, uses }: Sent): void {
    thread.jobs.delete(number);
    this.#sent.delete(job);
    for (const use of uses) use.release();
  }

  /** Lets the event loop turn: for the host, and so that it is noticed when a worker dies. */
  async #breathe(): Promise<void> {
    await this.#options.breathe?.();
    // Without this the process could end here, since nothing else keeps it alive.
    for (const { worker } of this.#threads) worker.ref();
    await Promise.race([Atomics.waitAsync(this.#signal, DONE, this.#done, 1).value, this.#stopped]);
    // Those that are being ended keep it alive until they have.
    if (!this.#end) for (const { worker } of this.#threads) worker.unref();
  }

  /** Gives waiting jobs to the workers that have the fewest. */
  #feed(): void {
    for (const job of this.#waiting) {
      let idlest: Thread | undefined;
      for (const thread of this.#threads) {
        if (thread.isReady && thread.jobs.size < (idlest?.jobs.size ?? DEPTH)) idlest = thread;
      }
      if (!idlest) return;
      this.#waiting.delete(job);
      this.#send(idlest, job);
    }
  }

  #send(thread: Thread, job: Job): void {
    const { index, port, known } = thread;
    const { module, export: name } = job.group.definition;
    const { value, uses } = encodeInput(job.group.inputs, sharedMemory().resident, known);
    const number = this.#nextJob++;
    const sent = { number, thread, job, uses, dropped: false };
    thread.jobs.set(number, sent);
    this.#sent.set(job, sent);
    this.#claims.offer(number);
    const records = known.takeUnsent();
    port.postMessage({ job: number, module, export: name, records, inputs: value } satisfies GroupMessage);
    Atomics.add(this.#signal, index, 1);
    Atomics.notify(this.#signal, index);
  }

  #accept(thread: Thread, message: ResultMessage): void {
    const sent = thread.jobs.get(message.job)!;
    const { job, dropped } = sent;
    this.#forget(sent);
    if (message.kind === 'failed') {
      job.result = { worker: thread.index, error: errorFrom(message.error) };
      return;
    }
    const { arena, resident } = sharedMemory();
    const outputs = adoptOutput(message.outputs, arena, resident) as unknown[];
    if (!dropped) job.result = { worker: thread.index, outputs };
  }

  #spawnAll(constants: unknown): Promise<BackendReport>[] {
    return Array.from({ length: this.workers - 1 }, (_, t) => this.#spawn(t + 1, constants));
  }

  #spawn(index: number, constants: unknown): Promise<BackendReport> {
    const { port1: port, port2 } = new MessageChannel();
    const number = ++lastThread;
    const data: WorkerData = {
      index,
      backend: this.#options.backend,
      modules: this.#options.modules ?? [],
      constants,
      memory: sharedMemory().arena.memory,
      thread: number,
      port: port2,
      signal: this.#signal,
      claims: this.#claims.memory,
    };
    return new Promise((resolve, reject) => {
      const url = new URL('./worker.js', import.meta.url);
      const worker = new Worker(url, { workerData: data, transferList: [port2] });
      const thread: Thread = {
        index,
        worker,
        port,
        number,
        known: new KnownRecords(),
        jobs: new Map(),
        isReady: false,
        ready: { resolve, reject },
      };
      this.#threads.push(thread);
      worker.on('message', (message: ReadyMessage) => {
        thread.isReady = message.kind === 'ready';
        if (message.kind === 'ready') resolve(message.backend);
        else this.#lost(thread, errorFrom(message.error));
        // One that is being ended keeps the process alive until it has, though it may have become ready since.
        if (!this.#end) worker.unref();
      });
      worker.on('messageerror', (error) => this.#died(thread, `sent what can't be read: ${error.message}`));
      worker.on('error', (error) => this.#died(thread, `died: ${error.name}: ${error.message}`));
      worker.on('exit', (code) => this.#died(thread, `ended with exit code ${code}`));
    });
  }

  /** The first error counts: a worker that says why it cannot start then ends. */
  #lost(thread: Thread, error: Error): void {
    thread.ready.reject(error);
    if (!this.#end) this.#fail(error);
  }

  #died(thread: Thread, how: string): void {
    const [first] = thread.jobs.values();
    const group = first?.job.group;
    const what = group ? ` while it ran task "${group.definition.id}" (${group.inputs.length} members)` : '';
    this.#lost(thread, new PluginError(`worker ${thread.index} ${how}${what}`));
  }

  #fail(error: Error): void {
    this.#stop(error);
    for (const { worker } of this.#threads) void worker.terminate();
  }

  /** Gives back what a thread had that has ended. */
  #bury(thread: Thread): void {
    for (const { uses } of thread.jobs.values()) for (const use of uses) use.release();
    thread.jobs.clear();
    thread.port.close();
    sharedMemory().arena.giveBackAllOf(thread.number);
  }

  #stop(reason: Error): void {
    this.#end ??= reason;
    this.#noteStop();
    this.#waiting.clear();
    this.#sent.clear();
    for (const { ready } of this.#threads) ready.reject(this.#end);
  }
}

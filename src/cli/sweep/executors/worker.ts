/** `mycel sweep worker`: takes runs from a BullMQ queue and carries them out, until it is interrupted. */
import { availableParallelism } from 'node:os';
import type { Job } from 'bullmq';
import { EXIT, UsageError } from '../../../errors.js';
import { parseDuration } from '../../../units.js';
import { listenForInterrupts } from '../../interrupt.js';
import { RunStore } from '../store.js';
import type { JobData, QueuePlace } from './bullmq.js';
import { WorkProcess } from './process.js';
import { connect, loadBullmq, queueOf, withoutPassword } from './redis.js';

/** Options of `mycel sweep worker` as commander gives them. */
export interface WorkerFlags extends QueuePlace {
  readonly store: string;
  /** Runs at a time. Default: as many as there are cores. */
  readonly jobs?: number;
  /** In milliseconds: a worker from which nobody hears for so long loses its runs to others. */
  readonly lease: number;
}

/** `30s` → 30,000 milliseconds, at least one second. Throws UsageError. */
export function parseLease(text: string): number {
  const lease = parseDuration(text) / 1e6;
  if (lease >= 1000) return lease;
  throw new UsageError('bad-lease', `expected a time of at least 1s, got "${text}"`);
}

/** Returns the exit code when it was interrupted: the runs that it had begun are in the queue again then. */
export async function workerCommand(flags: WorkerFlags): Promise<number> {
  const { Worker, WaitingError } = await loadBullmq();
  const jobs = flags.jobs ?? availableParallelism();
  const name = flags.queue ?? queueOf(flags.store);
  const store = new RunStore(flags.store);
  const redis = await connect(flags.redis, console.error);
  const { signal, stop } = listenForInterrupts();
  const idle = new Map<number, WorkProcess[]>();
  const work = async (key: string, workers: number) => {
    const processes = idle.get(workers) ?? [];
    idle.set(workers, processes);
    const one = processes.pop() ?? new WorkProcess({ store: flags.store, workers, signal });
    const how = await one.run(key);
    processes.push(one);
    return how;
  };
  const worker = new Worker<JobData>(
    name,
    async (job: Job<JobData>, token?: string) => {
      const key = job.id!;
      const how = await work(key, job.data.workers);
      const state = store.state(key);
      if (state === 'open' && signal.aborted) {
        await job.moveToWait(token);
        throw new WaitingError();
      }
      console.error(`${key}: ${state === 'open' ? `no result, its process ${how ?? 'ended'}` : state}`);
      // The sweep decides whether it is tried again.
      if (state === 'open') throw new Error(`no result: its process ${how ?? 'ended'}`);
    },
    {
      connection: redis,
      concurrency: jobs,
      lockDuration: flags.lease,
      stalledInterval: flags.lease / 2,
      maxStalledCount: 1,
    },
  );
  // The connection says it itself.
  worker.on('error', () => {});
  console.error(`${name} at ${withoutPassword(flags.redis)}: ${jobs} runs at a time`);
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  await worker.close();
  for (const one of [...idle.values()].flat()) one.end();
  redis.disconnect();
  stop();
  return EXIT.interrupted;
}

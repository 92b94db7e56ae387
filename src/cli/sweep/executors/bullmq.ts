/** Runs of a sweep as jobs of a BullMQ queue in Redis, which workers on any machine take (`mycel sweep worker`). */
import type { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { commandLine } from '../../shell.js';
import { type Engine, executorOn, type Jobs } from './engine.js';
import type { Executor, Say } from './executor.js';
import { connect, loadBullmq, queueOf, withoutPassword } from './redis.js';

/** Where runs are queued. */
export interface QueuePlace {
  /** Address of the server. */
  readonly redis: string;
  /** Default: that of the store. */
  readonly queue?: string | undefined;
}

/** What a job holds beside its key, which is its id: what the workers must know to compute the same bits. */
export interface JobData {
  /** Threads of the run. */
  readonly workers: number;
}

/** Throws UsageErrors where the packages or the server are missing. The signal takes back what no worker has begun. */
export function bullmqExecutor({
  redis: url,
  queue: name,
  say,
}: QueuePlace & { readonly say: Say }): Executor {
  return executorOn(async ({ store, workers }) => {
    const { Queue } = await loadBullmq();
    const redis = await connect(url, say);
    const queueName = name ?? queueOf(store);
    const queue = new Queue<JobData>(queueName, { connection: redis });
    // Said by the connection itself.
    queue.on('error', () => {});
    const given = ['--redis', withoutPassword(url), ...(name === undefined ? [] : ['--queue', name])];
    say(
      `${queueName}: runs wait for workers: ${commandLine(['sweep', 'worker', ...given, '--store', store])}`,
    );
    return new BullmqEngine(queue, redis, workers);
  });
}

/** Where jobs are that have not ended. */
const OPEN = ['waiting', 'active', 'delayed', 'prioritized'] as const;

/** Jobs are removed when they have ended, so that a run can be submitted again. */
class BullmqEngine implements Engine {
  readonly #queue: Queue<JobData>;
  readonly #redis: Redis;
  readonly #workers: number;

  constructor(queue: Queue<JobData>, redis: Redis, workers: number) {
    this.#queue = queue;
    this.#redis = redis;
    this.#workers = workers;
  }

  async jobs(): Promise<Jobs | undefined> {
    if (this.#redis.status !== 'ready') return undefined;
    return { held: new Set(await this.#queue.getRanges([...OPEN])), over: new Map() };
  }

  async submit(keys: readonly string[]): Promise<readonly string[]> {
    const data = { workers: this.#workers };
    const opts = { removeOnComplete: true, removeOnFail: true };
    // A key that another sweep has queued is not queued twice.
    await this.#queue.addBulk(keys.map((key) => ({ name: 'run', data, opts: { ...opts, jobId: key } })));
    return keys;
  }

  /** What a worker has begun goes on. */
  async cancel(keys: readonly string[]): Promise<void> {
    if (this.#redis.status !== 'ready') return;
    await Promise.all(keys.map((key) => this.#queue.remove(key)));
  }

  whereToLook(): string {
    return 'its worker was ended, or has printed why';
  }

  async close(): Promise<void> {
    await this.#queue.close();
    this.#redis.disconnect();
  }
}

/**
 * Who runs a job: whichever thread claims it first. Both know its number, and no two jobs that are under way have the same
 * place in the memory that threads share.
 */

/** More places than jobs that are under way at the same time. */
const PLACES = 4096;

/** A job is free or claimed; a place tells which job it is for, since messages about earlier ones may still be read. */
const FREE = 0;
const CLAIMED = 1;

export class Claims {
  readonly memory: Int32Array<SharedArrayBuffer>;

  /** @param memory of another thread; default: a new one */
  constructor(memory = new Int32Array(new SharedArrayBuffer(4 * PLACES))) {
    this.memory = memory;
  }

  /** From now on threads may claim a job. */
  offer(job: number): void {
    Atomics.store(this.memory, placeOf(job), wordOf(job, FREE));
  }

  /** Whether this thread is to run the job: true for one thread, and once. */
  claim(job: number): boolean {
    const free = wordOf(job, FREE);
    return Atomics.compareExchange(this.memory, placeOf(job), free, wordOf(job, CLAIMED)) === free;
  }
}

function placeOf(job: number): number {
  return job % PLACES;
}

function wordOf(job: number, state: number): number {
  return (2 * job + state) | 0;
}

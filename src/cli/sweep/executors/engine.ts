/** Sweeps on engines that keep a queue: what is common to all of them. */
import { readdirSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { RunStore } from '../store.js';
import { repeatCommand } from '../work.js';
import type { Assignment, Executor } from './executor.js';

/** What an engine says of its jobs. */
export interface Jobs {
  /** Keys of the runs that wait or run there. */
  readonly held: ReadonlySet<string>;
  /** Runs whose job was ended by somebody or by a limit, so that another try would be wrong: why, by key. */
  readonly over: ReadonlyMap<string, string>;
}

/** A queue of jobs, one for each run. */
export interface Engine {
  /** Gives jobs to the engine. Returns the keys that it has taken: it may have a limit. Throws UsageError if it refuses them. */
  submit(keys: readonly string[]): Promise<readonly string[]>;
  /** Asks for its jobs; undefined if it does not answer now. */
  jobs(): Promise<Jobs | undefined>;
  /** Takes the jobs back, as far as it can. */
  cancel(keys: readonly string[]): Promise<void>;
  /** Where to look for what happened to a run, as a part of a sentence. */
  whereToLook(key: string): string;
  close(): Promise<void>;
}

/** How often the job of a run is submitted if it ends without a result and without an error. */
const TRIES = 3;

/** Milliseconds between two looks into the store. */
const LOOK = 500;

/** Milliseconds between two questions to the engine: a quarter of the time since the last job was submitted, within limits. */
const ASK = { least: 1000, most: 30_000 } as const;

/**
 * Waits for what the jobs of an engine leave in the store. A job that has gone and left nothing is submitted again, at most
 * twice; then its run has failed.
 */
export function executorOn(open: (assignment: Assignment) => Promise<Engine>): Executor {
  return async (assignment) => {
    if (assignment.keys.length === 0) return;
    const engine = await open(assignment);
    try {
      await new Wait(engine, assignment).toEnd();
    } finally {
      await engine.close();
    }
  };
}

/** One waiting for runs. */
class Wait {
  readonly #engine: Engine;
  readonly #assignment: Assignment;
  readonly #store: RunStore;
  readonly #left: Set<string>;
  readonly #tries = new Map<string, number>();
  #submitted = performance.now();
  #asked = Number.NEGATIVE_INFINITY;

  constructor(engine: Engine, assignment: Assignment) {
    this.#engine = engine;
    this.#assignment = assignment;
    this.#store = new RunStore(assignment.store);
    this.#left = new Set(assignment.keys);
  }

  async toEnd(): Promise<void> {
    const { signal } = this.#assignment;
    try {
      while (this.#left.size > 0 && !signal.aborted) {
        const jobs = await this.#ask();
        // After the question, so that a job that is gone has left what it leaves.
        this.#settle();
        if (jobs !== undefined && !signal.aborted) await this.#submit(jobs);
        if (this.#left.size > 0) await pause(LOOK, undefined, { signal }).catch(() => {});
      }
    } finally {
      if (this.#left.size > 0) await this.#engine.cancel([...this.#left]);
    }
  }

  /** Undefined if it is too soon, or there is no answer. */
  async #ask(): Promise<Jobs | undefined> {
    const now = performance.now();
    const interval = Math.min(ASK.most, Math.max(ASK.least, (now - this.#submitted) / 4));
    if (now - this.#asked < interval) return undefined;
    this.#asked = now;
    return this.#engine.jobs();
  }

  /** Takes note of all runs that have ended. */
  #settle(): void {
    // One look at the folder is cheaper than one for each run, and network file systems remember longer that a file was missing.
    const names = new Set(readdirSync(this.#store.root));
    for (const key of this.#left)
      if ((names.has(key) || names.has(`${key}.failed.json`)) && this.#store.state(key) !== 'open')
        this.#end(key);
  }

  /** Gives the engine what it does not have. */
  async #submit({ held, over }: Jobs): Promise<void> {
    const lost = [...this.#left].filter((key) => !held.has(key));
    for (const key of lost) {
      const why = over.get(key);
      if (why !== undefined) this.#fail(key, why);
      else if (this.#tries.get(key) === TRIES)
        this.#fail(key, `its job ended ${TRIES} times without a result`);
    }
    const keys = lost.filter((key) => this.#left.has(key));
    if (keys.length === 0) return;
    for (const key of await this.#engine.submit(keys)) {
      this.#tries.set(key, (this.#tries.get(key) ?? 0) + 1);
      this.#submitted = performance.now();
    }
  }

  #fail(key: string, why: string): void {
    const message = `${why}: ${this.#engine.whereToLook(key)}`;
    this.#store.fail(key, { message, command: repeatCommand(key, this.#assignment) });
    this.#end(key);
  }

  #end(key: string): void {
    this.#left.delete(key);
    this.#assignment.ended(key);
  }
}

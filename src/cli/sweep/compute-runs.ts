/** Has runs carried out that have no result yet, and says how far they are. */
import { EXIT, UsageError } from '../../errors.js';
import type { PlannedRun } from '../../scenario/plan.js';
import { summaryIn } from '../collect.js';
import { formatSeconds } from '../progress.js';
import { runKey } from '../run-key.js';
import { tryOutAll } from '../try-out.js';
import { chooseExecutor, type ExecutorFlags } from './executors/index.js';
import { linkResult } from './links.js';
import { RunStore } from './store.js';

/** Options of the commands that have many runs carried out, as commander gives them. */
export interface ComputeFlags extends ExecutorFlags {
  readonly store: string;
  readonly retry?: true;
  readonly quiet?: true;
}

/** A run with its key. */
export interface KeyedRun {
  readonly key: string;
  readonly plan: PlannedRun;
  /** Where its result is to be found by people; undefined: in the store only. */
  readonly folder?: string | undefined;
}

/** The store, and how its runs are carried out. */
export class Computing {
  readonly store: RunStore;
  readonly signal: AbortSignal;
  readonly #flags: ComputeFlags;
  readonly #chosen: ReturnType<typeof chooseExecutor>;

  constructor(flags: ComputeFlags, signal: AbortSignal) {
    this.store = new RunStore(flags.store);
    this.signal = signal;
    this.#flags = flags;
    this.#chosen = chooseExecutor(flags, (text) => this.say(text));
  }

  /** Tries the plans, and gives them their keys. Throws UsageError with the mistakes of all. */
  async keyed<T extends { readonly plan: PlannedRun }>(runs: readonly T[]): Promise<(T & KeyedRun)[]> {
    const { workers } = this.#chosen;
    await tryOutAll(
      runs.map(({ plan }) => plan),
      { workers },
    );
    return Promise.all(runs.map(async (run) => ({ ...run, key: await runKey(run.plan, { workers }) })));
  }

  /** Carries out every run that has no result, and puts the results where people look for them. */
  async compute(runs: readonly KeyedRun[]): Promise<void> {
    const { store } = this;
    for (const { key, plan, folder } of runs) {
      store.add(key, plan);
      // Of `mycel run`.
      if (folder !== undefined && store.state(key) !== 'done' && summaryIn(folder)?.machine.key === key)
        linkResult(folder, store.folder(key));
    }
    const stateOf = new Map(runs.map(({ key }) => [key, store.state(key)]));
    const open = [...stateOf].flatMap(([key, state]) =>
      state === 'open' || (state === 'failed' && this.#flags.retry) ? [key] : [],
    );
    const done = [...stateOf.values()].filter((state) => state === 'done').length;
    const count = stateOf.size === 1 ? '1 run' : `${stateOf.size} runs`;
    this.say(`${count}, ${done} of them finished before, ${this.#chosen.how}`);
    await this.#carryOut(open, new Map(runs.map((run) => [run.key, run])));
    for (const { key, folder } of runs)
      if (folder !== undefined && store.state(key) === 'done') linkResult(store.folder(key), folder);
  }

  async #carryOut(open: readonly string[], runs: ReadonlyMap<string, KeyedRun>): Promise<void> {
    for (const key of open) this.store.forgive(key);
    const started = performance.now();
    let ended = 0;
    const { executor, workers } = this.#chosen;
    await executor({
      keys: open,
      store: this.#flags.store,
      workers,
      signal: this.signal,
      ended: (key) => {
        ended++;
        const elapsed = (performance.now() - started) / 1000;
        const left = formatSeconds((elapsed / ended) * (open.length - ended));
        const { plan } = runs.get(key)!;
        const name = [plan.variant.name, `seed ${plan.seed}`].filter(Boolean).join(' ');
        this.say(`[${ended}/${open.length}] ${name}: ${this.store.state(key)}, ${left} left`);
      },
    });
  }

  /** Prints a line about the progress. */
  say(text: string): void {
    if (!this.#flags.quiet) console.error(text);
  }

  /** Prints what failed, with the command that repeats it. Returns the exit code, or throws where something failed. */
  reportFailures(runs: readonly KeyedRun[]): number {
    const failed = runs.filter(({ key }) => this.store.state(key) !== 'done');
    if (failed.length === 0) return EXIT.ok;
    for (const { key, plan } of failed) {
      const why = this.store.failure(key);
      const name = [plan.file, plan.variant.name, `seed ${plan.seed}`].filter(Boolean).join(' ');
      const [first] = (why?.message ?? 'its process ended without a result').split('\n');
      console.error(`${name} failed: ${first}\n  ${why?.command ?? ''}`);
    }
    throw new UsageError(
      'failed-runs',
      `${failed.length} of ${runs.length} runs failed; the others are finished. --retry tries them again`,
    );
  }
}

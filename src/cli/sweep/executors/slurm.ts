/** Runs of a sweep as job arrays of Slurm: a task for each run. */
import { randomBytes } from 'node:crypto';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UsageError } from '../../../errors.js';
import { shellWord } from '../../shell.js';
import { type Engine, executorOn, type Jobs } from './engine.js';
import type { Assignment, Executor, Say } from './executor.js';
import { KeyLists } from './key-lists.js';
import { arraySize, cancel, submit, tasksOf } from './slurm-commands.js';

/** How runs are submitted. */
interface SlurmOptions {
  /** Runs at a time. Default: as many as Slurm allows. */
  readonly jobs?: number | undefined;
  /** Arguments of sbatch, after those of the sweep. */
  readonly args: readonly string[];
  readonly say: Say;
}

/** Throws UsageErrors where Slurm is missing or refuses the jobs. The signal cancels them. */
export function slurmExecutor(options: SlurmOptions): Executor {
  return executorOn(async (assignment) => new Slurm(assignment, options, await arraySize()));
}

/** A job array. The task with index i does the i-th key. */
interface JobArray {
  readonly name: string;
  readonly keys: readonly string[];
  /** Its number; undefined for that of an earlier sweep until Slurm has said it. */
  job?: string;
  /** Whether this sweep has submitted it. */
  readonly isOwn: boolean;
}

/** States of a task that will not run again by itself. */
const ENDED =
  /^(BOOT_FAIL|CANCELLED|COMPLETED|DEADLINE|FAILED|NODE_FAIL|OUT_OF_MEMORY|PREEMPTED|REVOKED|TIMEOUT)$/;

/** What another try would not mend, and what the user can do. */
const OVER: Readonly<Record<string, string>> = {
  CANCELLED: 'its job was cancelled (--retry submits it again)',
  DEADLINE: 'its job reached its deadline',
  OUT_OF_MEMORY: 'its job had not enough memory (--retry with --slurm --mem=8G gives it more)',
  TIMEOUT: 'its job reached its time limit (--retry with --slurm --time=4:00:00 gives it more)',
};

/** How sbatch says that there may be no more jobs now. */
const LIMIT = /limit|temporarily/i;

const PROGRAM = fileURLToPath(new URL('../../main.js', import.meta.url));

/** The job arrays of a store. */
class Slurm implements Engine {
  readonly #options: SlurmOptions;
  readonly #store: string;
  readonly #workers: number;
  readonly #files: KeyLists;
  readonly #arraySize: number;
  /** Greatest number of tasks that is submitted at once: less than the array size where sbatch has said that it is too many. */
  #most: number;
  readonly #arrays: Map<string, JobArray>;
  #held: ReadonlySet<string> = new Set();
  #isSilent = false;

  constructor({ store, workers }: Assignment, options: SlurmOptions, size: number) {
    this.#options = options;
    this.#store = resolve(store);
    this.#workers = workers;
    this.#arraySize = size;
    this.#most = size;
    this.#files = new KeyLists(join(this.#store, 'slurm'));
    this.#arrays = new Map(
      this.#files.all().map(({ name, keys }) => [name, { name, keys, isOwn: false }] as const),
    );
  }

  async jobs(): Promise<Jobs | undefined> {
    const tasks = await tasksOf([...this.#arrays.keys()]);
    if (tasks === undefined && !this.#isSilent)
      this.#options.say('the controller of Slurm does not answer; it is asked again');
    this.#isSilent = tasks === undefined;
    if (tasks === undefined) return undefined;
    const held = new Set<string>();
    const over = new Map<string, string>();
    for (const { name, job, index, state } of tasks) {
      const array = this.#arrays.get(name);
      const key = array?.keys[index];
      if (array === undefined || key === undefined) continue;
      array.job = job;
      if (!ENDED.test(state)) held.add(key);
      else if (array.isOwn && OVER[state]) over.set(key, OVER[state]);
    }
    this.#held = held;
    return { held, over };
  }

  async submit(keys: readonly string[]): Promise<readonly string[]> {
    const taken: string[] = [];
    while (taken.length < keys.length) {
      const piece = keys.slice(taken.length, taken.length + this.#most);
      const refused = await this.#submitArray(piece);
      if (refused === undefined) taken.push(...piece);
      else if (LIMIT.test(refused) && piece.length > 1) this.#most = Math.ceil(piece.length / 2);
      // What is refused now is submitted when some have ended.
      else if (taken.length > 0 || this.#held.size > 0) break;
      else throw this.#refusal(piece.length, refused);
    }
    this.#most = Math.min(this.#arraySize, this.#most * 2);
    return taken;
  }

  async cancel(keys: readonly string[]): Promise<void> {
    const wanted = new Set(keys);
    for (const { keys: all, job } of this.#arrays.values()) {
      const indices = all.flatMap((key, i) => (wanted.has(key) ? [i] : []));
      if (job !== undefined && indices.length > 0) await cancel(job, indices);
    }
  }

  whereToLook(key: string): string {
    const array = [...this.#arrays.values()].findLast(({ keys }) => keys.includes(key));
    const place = array?.job ? this.#files.output(array.job, array.keys.indexOf(key)) : this.#files.folder;
    return `what it printed is in ${place}`;
  }

  async close(): Promise<void> {
    for (const { name, keys, job, isOwn } of this.#arrays.values())
      if (isOwn && job !== undefined) this.#files.remove({ name, keys, job });
  }

  /** Returns why it was refused, if it was. */
  async #submitArray(keys: readonly string[]): Promise<string | undefined> {
    const { args, say } = this.#options;
    const name = `mycel-${randomBytes(4).toString('hex')}`;
    const list = this.#files.write(name, keys);
    const submitted = await submit([...this.#arguments(name, keys.length), ...args], this.#script(list));
    if ('refused' in submitted) {
      this.#files.remove({ name, keys });
      return submitted.refused;
    }
    this.#arrays.set(name, { name, keys, job: submitted.job, isOwn: true });
    say(`submitted ${keys.length} runs as job ${submitted.job} (squeue --job=${submitted.job})`);
    return undefined;
  }

  #arguments(name: string, tasks: number): string[] {
    const { jobs } = this.#options;
    // Arrays of one sweep run one after the other where it may have only so many runs at a time.
    const before = [...this.#arrays.values()].findLast(({ isOwn }) => isOwn)?.job;
    return [
      `--array=0-${tasks - 1}${jobs === undefined ? '' : `%${jobs}`}`,
      ...(jobs === undefined || before === undefined ? [] : [`--dependency=afterany:${before}`]),
      ...['--requeue', `--cpus-per-task=${this.#workers + 1}`],
      ...[`--job-name=${name}`, `--output=${this.#files.output('%A', '%a')}`, '--open-mode=append'],
    ];
  }

  #script(list: string): string {
    const work = [process.execPath, PROGRAM, 'sweep', 'work'].map(shellWord).join(' ');
    const options = ['--store', this.#store, '--workers', String(this.#workers)].map(shellWord).join(' ');
    return [
      '#!/bin/sh',
      `key=$(sed -n "$((SLURM_ARRAY_TASK_ID + 1))p" ${shellWord(list)})`,
      // What another job has done in the meantime needs no key.
      '[ -n "$key" ] || exit 0',
      `exec ${work} "$key" ${options}`,
      '',
    ].join('\n');
  }

  #refusal(runs: number, why: string): UsageError {
    return new UsageError(
      'slurm-refused',
      `expected sbatch to take ${runs} runs, got: ${why}. Give what this cluster wants by --slurm, such as --slurm --partition=NAME --slurm --account=NAME --slurm --time=1:00:00`,
    );
  }
}

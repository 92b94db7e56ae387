/**
 * The store of runs: `<root>/<key>` is the result of the run with that key, as a whole or not at all; `<key>.json` beside it says
 * what the run is, and `<key>.failed.json` why it failed. Whoever has the key and the store can carry the run out.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { UsageError } from '../../errors.js';
import { formatSummary } from '../../report/json.js';
import { orUnwritable } from '../../report/output-file.js';
import type { PlannedRun } from '../../scenario/plan.js';
import type { Execution } from '../../simulation/plan.js';
import { type KnownRun, planAgain } from '../again.js';
import { summaryIn } from '../collect.js';

/** What a run is. */
interface RunSpec extends KnownRun {
  readonly key: string;
  readonly backend: Execution['backend'];
}

/** Why a run failed. */
interface RunFailed {
  readonly message: string;
  /** The command that repeats it. */
  readonly command: string;
}

/** `done`: it has a result. `failed`: it was tried, and an error ended it. `open`: everything else. */
type RunState = 'open' | 'done' | 'failed';

/** A folder of runs. */
export class RunStore {
  readonly root: string;

  constructor(root: string) {
    this.root = root;
  }

  /** Where the result of a run is, or will be. */
  folder(key: string): string {
    return join(this.root, key);
  }

  state(key: string): RunState {
    if (summaryIn(this.folder(key)) !== undefined) return 'done';
    return existsSync(this.#failed(key)) ? 'failed' : 'open';
  }

  /** Writes down what a run is. */
  add(key: string, { file, variant, resolved, seed, backend }: PlannedRun): void {
    const scenario = { ...(resolved as Record<string, unknown>), seed };
    const spec: RunSpec = { key, file: resolve(file), variant: variant.name, scenario, backend };
    this.#write(this.#spec(key), spec);
  }

  /** The run with that key. Throws UsageError `unknown-run` where nobody has added it, and those of its scenario. */
  async plan(key: string): Promise<PlannedRun> {
    const path = this.#spec(key);
    if (!existsSync(path))
      throw new UsageError(
        'unknown-run',
        `expected the key of a run in ${this.root}, got ${key}: there is no ${path}`,
        key,
      );
    const spec = JSON.parse(readFileSync(path, 'utf8')) as RunSpec;
    return { ...(await planAgain(spec)), backend: spec.backend };
  }

  /** Why a run failed; undefined if it has not. */
  failure(key: string): RunFailed | undefined {
    const path = this.#failed(key);
    return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as RunFailed) : undefined;
  }

  fail(key: string, failed: RunFailed): void {
    this.#write(this.#failed(key), failed);
  }

  /** Forgets that a run has failed. */
  forgive(key: string): void {
    rmSync(this.#failed(key), { force: true });
  }

  #spec(key: string): string {
    return `${this.folder(key)}.json`;
  }

  #failed(key: string): string {
    return `${this.folder(key)}.failed.json`;
  }

  /** Aside, then renamed: several processes may write the same. */
  #write(path: string, value: unknown): void {
    orUnwritable(path, () => {
      mkdirSync(dirname(path), { recursive: true });
      const aside = `${path}.${process.pid}-${randomBytes(4).toString('hex')}`;
      writeFileSync(aside, formatSummary(value));
      renameSync(aside, path);
    });
  }
}

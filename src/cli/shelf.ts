/** Runs that were finished before, so that `mycel run` need not compute them again. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Round } from '../units.js';
import type { RunOutcome } from './carry-out.js';
import { summaryIn } from './collect.js';
import type { FinishedRun } from './report.js';
import type { RunRequest } from './run.js';
import { runKey } from './run-key.js';
import type { Summary } from './summary.js';
import { linkResult } from './sweep/links.js';
import { RunStore } from './sweep/store.js';

/** What results are to have, and where else they may be. */
interface ShelfOptions {
  readonly workers: number;
  readonly trace?: true;
  readonly spans?: Round | true;
  /** A folder of runs as sweeps make it; it is used if it exists. */
  readonly store: string;
}

/** Results where they were asked for, and those of the store of runs. */
export class Shelf {
  readonly #options: ShelfOptions;
  readonly #store: RunStore | undefined;

  constructor(options: ShelfOptions) {
    this.#options = options;
    this.#store = existsSync(options.store) ? new RunStore(options.store) : undefined;
  }

  /** The finished run, whose result is then in the folder of the request; undefined if it is to be computed. */
  async find({ plan, folder }: RunRequest): Promise<FinishedRun | undefined> {
    const key = await runKey(plan, this.#options);
    const own = summaryIn(folder);
    if (own?.machine.key === key && this.#suffices(folder, own)) return { plan, folder, summary: own };
    const kept = this.#store?.folder(key);
    const summary = kept === undefined ? undefined : summaryIn(kept);
    if (kept === undefined || summary === undefined || !this.#suffices(kept, summary)) return undefined;
    linkResult(kept, folder);
    return { plan, folder, summary };
  }

  /** Puts a result into the store, if there is one. */
  keep({ plan, folder, summary: { machine } }: RunOutcome): void {
    if (this.#store === undefined || machine.key === undefined) return;
    this.#store.add(machine.key, plan);
    linkResult(folder, this.#store.folder(machine.key));
  }

  /** Whether a result has the files that are asked for. */
  #suffices(folder: string, { spans }: Summary): boolean {
    const wanted = this.#options.spans === true ? 1 : this.#options.spans;
    return (
      (wanted === undefined || wanted === spans) &&
      (!this.#options.trace || existsSync(join(folder, 'trace.ndjson')))
    );
  }
}

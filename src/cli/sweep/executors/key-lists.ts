/** The folder `slurm` of a store: which keys a job array does, in the order of its tasks, and what tasks print. */
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { orUnwritable } from '../../../report/output-file.js';

/** The keys of a job array. */
interface KeyList {
  /** Name of the job. */
  readonly name: string;
  readonly keys: readonly string[];
}

const ENDING = '.keys';

/** How long the lists of sweeps that were killed are kept, in milliseconds. */
const KEPT = 30 * 24 * 3_600_000;

/** Lists of keys. Those of sweeps that were killed stay, so that the next sweep knows what their jobs do. */
export class KeyLists {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
    orUnwritable(folder, () => mkdirSync(folder, { recursive: true }));
  }

  all(): KeyList[] {
    return readdirSync(this.folder)
      .filter((file) => file.endsWith(ENDING))
      .map((file) => file.slice(0, -ENDING.length))
      .flatMap((name) => {
        const path = this.#path(name);
        // Another sweep may have removed it.
        const made = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
        if (Date.now() - made < KEPT) return [{ name, keys: readFileSync(path, 'utf8').trim().split('\n') }];
        rmSync(path, { force: true });
        return [];
      });
  }

  /** Returns its path: a line for each key. */
  write(name: string, keys: readonly string[]): string {
    const path = this.#path(name);
    orUnwritable(path, () => writeFileSync(path, `${keys.join('\n')}\n`));
    return path;
  }

  /** Removes a list, and the outputs of its tasks that are empty. */
  remove({ name, keys, job }: KeyList & { readonly job?: string }): void {
    rmSync(this.#path(name), { force: true });
    if (job === undefined) return;
    for (const index of keys.keys()) {
      const output = this.output(job, index);
      if (statSync(output, { throwIfNoEntry: false })?.size === 0) rmSync(output, { force: true });
    }
  }

  /** Where a task prints. */
  output(job: string, index: number | string): string {
    return join(this.folder, `${job}_${index}.out`);
  }

  #path(name: string): string {
    return join(this.folder, name + ENDING);
  }
}

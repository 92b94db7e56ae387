/** `mycel sweep work`: carries out runs of a store by their keys. Any number of processes may do the same runs at once. */
import { EXIT, UsageError } from '../../errors.js';
import { dropLock, foreignLock } from '../../report/folder-lock.js';
import type { Execution } from '../../simulation/plan.js';
import { breather } from '../../simulation/run.js';
import { carryOut } from '../carry-out.js';
import { modulesIn } from '../checkpoints.js';
import { failure } from '../failure.js';
import { listenForInterrupts } from '../interrupt.js';
import { silent } from '../progress.js';
import { runKey } from '../run-key.js';
import { commandLine } from '../shell.js';
import { feedOn } from './feed.js';
import { LockWatch } from './lock-watch.js';
import { RunStore } from './store.js';

/** Options of `mycel sweep work` as commander gives them. */
export interface WorkFlags {
  readonly store: string;
  readonly workers: number;
  /** Whether keys come from the parent process. */
  readonly feed?: true;
}

/** Milliseconds between two looks whether another process has finished a run. */
const PATIENCE = 500;

/** Carries out every run that has no result yet. A run that fails is recorded, and the next one goes on. Returns the exit code. */
export async function workCommand(keys: readonly string[], flags: WorkFlags): Promise<number> {
  const store = new RunStore(flags.store);
  const interruption = listenForInterrupts();
  const { signal } = interruption;
  try {
    if (flags.feed)
      return await feedOn(async (key) => {
        await work(store, key, flags, signal);
        return !(await namesModules(store, key));
      }, signal);
    if (keys.length === 0) throw new UsageError('no-keys', 'expected keys of runs, got none');
    let code: number = EXIT.ok;
    for (const key of keys) {
      const done = await work(store, key, flags, signal);
      if (signal.aborted) return EXIT.interrupted;
      if (done !== EXIT.ok) code = done;
    }
    return code;
  } finally {
    interruption.stop();
  }
}

async function work(store: RunStore, key: string, flags: WorkFlags, signal: AbortSignal): Promise<number> {
  const { workers } = flags;
  const folder = store.folder(key);
  const watch = new LockWatch({ stamp: () => foreignLock(folder), now: () => performance.now() });
  while (store.state(key) !== 'done' && !signal.aborted) {
    try {
      const plan = await store.plan(key);
      await checkKey(key, await runKey(plan, { workers }));
      const execution: Execution = { backend: plan.backend, workers, signal, breathe: breather() };
      const { result } = await carryOut({ plan, folder }, { execution, progress: silent, trace: false });
      if (result.stopped !== 'interrupted') store.forgive(key);
    } catch (error) {
      // Another process is at it: if it is killed, this one takes over.
      if (!(error instanceof UsageError && error.code === 'results-in-use'))
        return recorded(store, key, error, flags);
      const abandoned = watch.abandoned();
      if (abandoned !== undefined) dropLock(folder, abandoned);
      else await pause();
    }
  }
  return EXIT.ok;
}

/** Whether a run uses modules of the user's, in which something may be left for the next run. */
async function namesModules(store: RunStore, key: string): Promise<boolean> {
  try {
    const { resolved, data } = await store.plan(key);
    return modulesIn(resolved, data.directory).length > 0;
  } catch {
    // It is recorded why the run cannot be planned.
    return true;
  }
}

/** A run whose code, module or data has changed since would be filed under a wrong key. */
async function checkKey(expected: string, got: string): Promise<void> {
  if (expected === got) return;
  throw new UsageError(
    'changed-run',
    'expected the code, the modules and the data with which the sweep was begun, but something has changed since: begin the sweep again',
  );
}

/** The command that carries out a run. */
export function repeatCommand(
  key: string,
  { store, workers }: { readonly store: string; readonly workers: number },
): string {
  return commandLine(['sweep', 'work', key, '--store', store, '--workers', String(workers)]);
}

function recorded(store: RunStore, key: string, error: unknown, { workers }: WorkFlags): number {
  const command = repeatCommand(key, { store: store.root, workers });
  const { text, code } = failure(error, command);
  store.fail(key, { message: text, command });
  console.error(text);
  return code;
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, PATIENCE));
}

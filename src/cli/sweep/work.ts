/** `mycel sweep work`: carries out runs of a store by their keys. Any number of processes may do the same runs at once. */
import { EXIT, UsageError } from '../../errors.js';
import type { Execution } from '../../simulation/plan.js';
import { breather } from '../../simulation/run.js';
import { carryOut } from '../carry-out.js';
import { failure } from '../failure.js';
import { listenForInterrupts } from '../interrupt.js';
import { silent } from '../progress.js';
import { runKey } from '../run-key.js';
import { commandLine } from '../shell.js';
import { RunStore } from './store.js';

/** Options of `mycel sweep work` as commander gives them. */
export interface WorkFlags {
  readonly store: string;
  readonly workers: number;
}

/** Milliseconds between two looks whether another process has finished a run. */
const PATIENCE = 500;

/** Carries out every run that has no result yet. A run that fails is recorded, and the next one goes on. Returns the exit code. */
export async function workCommand(keys: readonly string[], flags: WorkFlags): Promise<number> {
  const store = new RunStore(flags.store);
  const interruption = listenForInterrupts();
  let code: number = EXIT.ok;
  try {
    for (const key of keys) {
      const done = await work(store, key, flags, interruption.signal);
      if (interruption.signal.aborted) return EXIT.interrupted;
      if (done !== EXIT.ok) code = done;
    }
    return code;
  } finally {
    interruption.stop();
  }
}

async function work(store: RunStore, key: string, flags: WorkFlags, signal: AbortSignal): Promise<number> {
  const { workers } = flags;
  while (store.state(key) !== 'done' && !signal.aborted) {
    try {
      const plan = await store.plan(key);
      await checkKey(key, await runKey(plan, { workers }));
      const execution: Execution = { backend: plan.backend, workers, signal, breathe: breather() };
      const request = { plan, folder: store.folder(key) };
      const { result } = await carryOut(request, { execution, progress: silent, trace: false });
      if (result.stopped !== 'interrupted') store.forgive(key);
    } catch (error) {
      // Another process is at it: if it is killed, this one takes over.
      if (error instanceof UsageError && error.code === 'results-in-use') await pause();
      else return recorded(store, key, error, flags);
    }
  }
  return EXIT.ok;
}

/** A run whose code, module or data has changed since would be filed under a wrong key. */
async function checkKey(expected: string, got: string): Promise<void> {
  if (expected === got) return;
  throw new UsageError(
    'changed-run',
    'expected the code, the modules and the data with which the sweep was begun, but something has changed since: begin the sweep again',
  );
}

function recorded(store: RunStore, key: string, error: unknown, { workers }: WorkFlags): number {
  const command = commandLine([
    ...['sweep', 'work', key],
    ...['--store', store.root, '--workers', String(workers)],
  ]);
  const { text, code } = failure(error, command);
  store.fail(key, { message: text, command });
  console.error(text);
  return code;
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, PATIENCE));
}

/** Who carries out the runs of a sweep. An executor gets keys only, and starts `mycel sweep work` for each. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { EXIT } from '../../errors.js';

/** What an executor is told. */
interface Assignment {
  readonly keys: readonly string[];
  readonly store: string;
  /** Threads of each run. */
  readonly workers: number;
  /** Called when the work on a run has ended, in whatever way. */
  readonly ended: (key: string) => void;
  readonly signal: AbortSignal;
}

/** Carries out runs, in any order. Ends when all have been tried. */
type Executor = (assignment: Assignment) => Promise<void>;

/** On this machine: `jobs` processes at a time. */
export function localExecutor(jobs: number): Executor {
  return async ({ keys, store, workers, ended, signal }) => {
    const waiting = [...keys];
    const next = async (): Promise<void> => {
      for (let key = waiting.shift(); key !== undefined && !signal.aborted; key = waiting.shift()) {
        await runProcess(workArguments(key, { store, workers }), signal);
        ended(key);
      }
    };
    await Promise.all(Array.from({ length: jobs }, next));
  };
}

/** The arguments of the command that carries out a run. */
function workArguments(
  key: string,
  { store, workers }: { readonly store: string; readonly workers: number },
): string[] {
  return ['sweep', 'work', key, '--store', store, '--workers', String(workers)];
}

const PROGRAM = fileURLToPath(new URL('../supervised.js', import.meta.url));

/** Runs mycel in a process of its own. Returns its exit code; the signal ends it as Ctrl-C does. */
async function runProcess(args: readonly string[], signal: AbortSignal): Promise<number> {
  // Its errors are recorded in the store.
  const child = spawn(process.execPath, [PROGRAM, ...args], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
  const stop = () => void child.kill('SIGTERM');
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await new Promise((resolve) => {
      child.on('error', () => resolve(EXIT.bug));
      child.on('exit', (code) => resolve(code ?? EXIT.interrupted));
    });
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

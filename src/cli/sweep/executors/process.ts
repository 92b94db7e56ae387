/** Processes that carry out runs one after the other, since starting one takes longer than a small run. */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { INTERRUPT } from '../../interrupt.js';
import type { Fed } from '../feed.js';
import type { Assignment } from './executor.js';

const PROGRAM = fileURLToPath(new URL('../../supervised.js', import.meta.url));

/** Does one run at a time, in a process that is started when there is none: at first, and where a run has ended it. */
export class WorkProcess {
  readonly #args: readonly string[];
  readonly #signal: AbortSignal;
  #child: ChildProcess | undefined;

  /** The signal ends a run as Ctrl-C does. */
  constructor({ store, workers, signal }: Pick<Assignment, 'store' | 'workers' | 'signal'>) {
    this.#args = ['sweep', 'work', '--feed', '--store', store, '--workers', String(workers)];
    this.#signal = signal;
  }

  /**
   * Carries out a run: its result or its error is in the store then. Returns how the process was ended if there may be
   * neither.
   */
  async run(key: string): Promise<string | undefined> {
    const stop = () => void this.#child?.send(INTERRUPT, () => {});
    this.#signal.addEventListener('abort', stop, { once: true });
    try {
      const ended = this.#child ? undefined : await this.#start();
      if (ended !== undefined) return ended;
      const answer = this.#answer();
      this.#child!.send(key, () => {});
      return await answer;
    } finally {
      this.#signal.removeEventListener('abort', stop);
    }
  }

  /** Lets the process end. */
  end(): void {
    if (this.#child?.connected) this.#child.disconnect();
    this.#child = undefined;
  }

  /** Until the process asks for a key. */
  #start(): Promise<string | undefined> {
    // Errors of runs are recorded in the store.
    this.#child = spawn(process.execPath, [PROGRAM, ...this.#args], {
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    return this.#answer();
  }

  /** Until the process says something, or has ended: then, how. */
  #answer(): Promise<string | undefined> {
    const child = this.#child!;
    return new Promise<string | undefined>((resolve) => {
      const gone = (how: string) => {
        this.#child = undefined;
        resolve(how);
      };
      child.once('error', ({ message }) => gone(`failed: ${message}`));
      child.once('exit', (code, signal) =>
        gone(signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`),
      );
      child.once('message', (said: Fed) => {
        if (said === 'last') this.end();
        resolve(undefined);
      });
    }).finally(() => child.removeAllListeners());
  }
}

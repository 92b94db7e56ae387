/**
 * The command line works in a process of its own, so that Ctrl-C and SIGTERM end it in time whatever it is doing: in the
 * middle of one long computation a process does not hear signals.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';
import { EXIT } from '../errors.js';
import { INTERRUPT } from './interrupt.js';

/** How long a command may take to keep what it has after the first signal, in milliseconds. */
const GRACE = 1800;

/** Programs such as `timeout` send one signal twice: to the process, and to its group. In milliseconds. */
const ECHO = 100;

/** Runs the command line in a process of its own. Returns its exit code. */
export async function supervise(argv: readonly string[]): Promise<number> {
  const child = fork(fileURLToPath(new URL('./supervised.js', import.meta.url)), argv, { stdio: 'inherit' });
  let first: { readonly signal: NodeJS.Signals; readonly at: number } | undefined;
  let why: string | undefined;
  const end = (reason: string) => {
    why ??= reason;
    child.kill('SIGKILL');
  };
  const stop = (signal: NodeJS.Signals) => {
    if (first !== undefined) {
      const isEcho = signal === first.signal && performance.now() - first.at < ECHO;
      return isEcho ? undefined : end('ended at once');
    }
    first = { signal, at: performance.now() };
    child.send(INTERRUPT, () => {});
    setTimeout(() => end('ended: there was no answer within two seconds'), GRACE).unref();
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop(signal));
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  if (why !== undefined)
    console.error(
      `${why}, so what the unfinished run had measured since its last checkpoint, if it has any, is dropped`,
    );
  if (first !== undefined) return code ?? EXIT.interrupted;
  if (code !== null) return code;
  console.error(explained(signal!));
  return 128 + constants.signals[signal!];
}

function explained(signal: NodeJS.Signals): string {
  if (signal === 'SIGABRT' || signal === 'SIGKILL')
    return `the process was ended by ${signal}: probably there was not enough memory. Expected a smaller scenario, fewer --workers, or more memory (NODE_OPTIONS=--max-old-space-size=8192)`;
  return `the process was ended by ${signal}`;
}

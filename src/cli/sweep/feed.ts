/** `mycel sweep work --feed`: carries out the runs whose keys the parent process sends, one after the other, in this process. */
import { EXIT, UsageError } from '../../errors.js';
import { INTERRUPT } from '../interrupt.js';

/** What the parent hears: `ready` for a key, or `last` where the next run needs another process. */
export type Fed = 'ready' | 'last';

/** Carries out a run. Returns whether this process may do another one. */
type Work = (key: string) => Promise<boolean>;

/** Memory from which on a process is replaced, in bytes, so that the next run has the room that it would have alone. */
const GROWN = 512 * 2 ** 20;

/** Until the parent goes, the signal is aborted, or a run asks for another process. Returns the exit code. */
export async function feedOn(work: Work, signal: AbortSignal): Promise<number> {
  if (process.send === undefined)
    throw new UsageError(
      'no-parent',
      'expected keys of runs, got --feed, by which an executor sends them to a process that it has started: give the keys instead',
    );
  for (let isReady = true; isReady && !signal.aborted; ) {
    const key = await nextKey(signal);
    if (key === undefined) break;
    isReady = (await work(key)) && !signal.aborted && process.memoryUsage.rss() < GROWN;
  }
  if (process.connected) await tell('last');
  return signal.aborted ? EXIT.interrupted : EXIT.ok;
}

/** Asks for a key; undefined where there is none any more. */
function nextKey(signal: AbortSignal): Promise<string | undefined> {
  return new Promise((resolve) => {
    const done = (key?: string) => {
      process.off('message', hear);
      process.off('disconnect', leave);
      signal.removeEventListener('abort', leave);
      // Only while this process waits for a key does the channel keep it alive.
      process.channel?.unref();
      resolve(key);
    };
    const hear = (message: unknown) => {
      if (typeof message === 'string' && message !== INTERRUPT) done(message);
    };
    const leave = () => done();
    process.on('message', hear);
    process.on('disconnect', leave);
    signal.addEventListener('abort', leave, { once: true });
    process.channel?.ref();
    if (process.connected) void tell('ready');
    else done();
  });
}

function tell(fed: Fed): Promise<void> {
  return new Promise((resolve) => process.send!(fed, undefined, undefined, () => resolve()));
}

/** Ctrl-C and SIGTERM in the process that works: `supervise` passes them on, as a request to keep what there is and to end. */
import { EXIT } from '../errors.js';

/** The message of `supervise`. */
export const INTERRUPT = 'interrupt';

/** A listener for interrupts. */
interface Interruption {
  /** Aborted by the first interrupt. */
  readonly signal: AbortSignal;
  /** Stops listening. */
  stop(): void;
}

/** What an interrupt does now; outside runs nothing is to be kept, and the process ends. */
let interrupt = leave;

function leave(): void {
  process.exit(EXIT.interrupted);
}

/** Hears interrupts from now on, and the end of the supervising process. To be called once, at the start. */
export function hearInterrupts(): void {
  // A terminal sends Ctrl-C to all processes; the supervising one decides. Without it, as in a profiler, signals count.
  const heard = process.connected ? () => {} : () => interrupt();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, heard);
  process.on('message', (message) => {
    if (message === INTERRUPT) interrupt();
  });
  process.on('disconnect', () => interrupt());
  // Listening alone does not keep the process alive.
  process.channel?.unref();
}

/** Until `stop`, the first interrupt aborts the signal, and the second one ends the process. */
export function listenForInterrupts(): Interruption {
  const controller = new AbortController();
  interrupt = () => {
    if (controller.signal.aborted) leave();
    console.error('stopping: what was measured is kept (press Ctrl-C again to end at once)');
    controller.abort();
  };
  return {
    signal: controller.signal,
    stop() {
      interrupt = leave;
    },
  };
}

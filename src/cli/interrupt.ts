/** Ctrl-C: the first requests a clean end, the second exits at once. */
import { EXIT } from '../errors.js';

/** A listener for Ctrl-C. */
interface Interruption {
  /** Aborted by the first Ctrl-C (or SIGTERM). */
  readonly signal: AbortSignal;
  /** Stops listening. */
  stop(): void;
}

/** Listens for Ctrl-C and SIGTERM. */
export function listenForInterrupts(): Interruption {
  const controller = new AbortController();
  const handler = () => {
    if (controller.signal.aborted) process.exit(EXIT.interrupted);
    controller.abort();
    console.error('stopping: the results of finished runs are kept (press Ctrl-C again to exit at once)');
  };
  const signals = ['SIGINT', 'SIGTERM'] as const;
  for (const signal of signals) process.on(signal, handler);
  return {
    signal: controller.signal,
    stop() {
      for (const signal of signals) process.off(signal, handler);
    },
  };
}

/** Ctrl-C: the first asks for a clean end, the second ends at once. */
import { EXIT } from '../errors.js';

/** While it listens. */
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
    console.error('stopping; what is finished is kept (again to exit at once)');
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

/** Failed attempts at reliable messages: their senders find out when a timeout is over. */
import type { EventKind, Kernel } from '../kernel/kernel.js';
import type { Nanoseconds } from '../units.js';
import { messageOf } from './attempts.js';
import type { NetworkMessage } from './message.js';
import type { Attempt } from './sharing/sharing.js';

/** A failed attempt that waits for its timeout. */
interface Retry {
  readonly message: NetworkMessage;
  readonly tries: number;
}

/** The failed attempts as plain data, by their ids. */
export type RetriesState = readonly (readonly [number, Retry])[];

/** Waits for the timeouts of failed attempts. */
export class Retries {
  readonly #kernel: Kernel;
  readonly #timeout: Nanoseconds;
  readonly #kind: EventKind;
  /** By the id of the attempt. */
  readonly #waiting = new Map<number, Retry>();

  /** `over` is told of each message when its timeout is over, after that many tries. Registers an event kind. */
  constructor(kernel: Kernel, timeout: Nanoseconds, over: (message: NetworkMessage, tries: number) => void) {
    this.#kernel = kernel;
    this.#timeout = timeout;
    this.#kind = kernel.kind('message-retry', ({ payload: id }) => {
      const { message, tries } = this.#waiting.get(id)!;
      this.#waiting.delete(id);
      over(message, tries);
    });
  }

  /** An attempt has failed now. */
  add(attempt: Attempt): void {
    this.#waiting.set(attempt.id, { message: messageOf(attempt), tries: attempt.tries });
    this.#kernel.schedule({
      time: this.#kernel.now + this.#timeout,
      kind: this.#kind,
      target: attempt.message.from,
      payload: attempt.id,
    });
  }

  save(): RetriesState {
    return [...this.#waiting];
  }

  load(state: RetriesState): void {
    this.#waiting.clear();
    for (const [id, retry] of state) this.#waiting.set(id, retry);
  }
}

/** Says when the lock of a run is that of a process that has ended together with its machine. */
import type { ForeignLock } from '../../report/folder-lock.js';

/**
 * How long a lock of a process on another machine may stand still, in milliseconds. A running process renews it every ten seconds,
 * and network file systems may show that a minute later.
 */
const PATIENCE = 180_000;

/** One process's view of a lock, by its own clock, so that clocks of machines need not agree. */
export class LockWatch {
  readonly #stamp: () => ForeignLock | undefined;
  readonly #now: () => number;
  #seen: ForeignLock | undefined;
  #since = 0;

  /** `stamp` looks at the lock; `now` is in milliseconds. */
  constructor({ stamp, now }: { readonly stamp: () => ForeignLock | undefined; readonly now: () => number }) {
    this.#stamp = stamp;
    this.#now = now;
  }

  /** The lock, if it is that of another machine and has not been renewed since this was first asked, for three minutes. */
  abandoned(): ForeignLock | undefined {
    const lock = this.#stamp();
    const isSame = lock?.text === this.#seen?.text && lock?.renewed === this.#seen?.renewed;
    if (!isSame) {
      this.#seen = lock;
      this.#since = this.#now();
    }
    return lock !== undefined && this.#now() - this.#since > PATIENCE ? lock : undefined;
  }
}

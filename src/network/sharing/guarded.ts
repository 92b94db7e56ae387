/** A sharing discipline as the network uses it: errors that it throws or causes are PluginErrors that name it. */
import { asPluginError, callPlugin, PluginError, UsageError } from '../../errors.js';
import type { EventKind, KernelEvent } from '../../kernel/kernel.js';
import type { Chosen } from '../../options/index.js';
import type { BitsPerSecond, Bytes, Nanoseconds } from '../../units.js';
import {
  type AnySharing,
  type Attempt,
  type AttemptsById,
  type CapacityChange,
  NONE,
  type Sharing,
  type SharingKernel,
  type SharingParts,
} from './sharing.js';

/** Makes a sharing discipline ready for a run. Its errors, now and later, become PluginErrors that name it. */
export function createSharing({ entry, options }: Chosen<AnySharing>, parts: SharingParts): Sharing {
  const what = `sharing discipline "${entry.id}"`;
  const arrive = (attempt: Attempt, time: Nanoseconds): void => {
    if (!(Number.isSafeInteger(time) && time >= parts.kernel.now)) {
      throw new PluginError(
        `${what}: expected whole nanoseconds of at least ${parts.kernel.now}, which is now, as the time of an arrival, got ${time}`,
      );
    }
    if (attempt.event !== NONE)
      throw new PluginError(`${what}: expected one arrival for each attempt, got a second one`);
    parts.arrive(attempt, time);
  };
  const own = { ...parts, arrive, kernel: guardedKernel(parts.kernel, what) };
  return new GuardedSharing(
    callPlugin(what, () => entry.create(options, own)),
    what,
  );
}

/** The kernel; errors of the handlers that are registered through it become PluginErrors that name the discipline. */
function guardedKernel(kernel: SharingKernel, what: string): SharingKernel {
  return {
    get now() {
      return kernel.now;
    },
    schedule: (event) => kernel.schedule(event),
    cancel: (id) => kernel.cancel(id),
    kind<Payload = number>(name: string, handler: (event: KernelEvent<Payload>) => void): EventKind {
      return kernel.kind<Payload>(name, (event) => {
        try {
          handler(event);
        } catch (error) {
          throw asPluginError(what, error);
        }
      });
    },
  };
}

/** The methods are written out, since every attempt passes through here and a closure per call would cost time. */
class GuardedSharing implements Sharing {
  readonly #sharing: Sharing;
  readonly #what: string;

  constructor(sharing: Sharing, what: string) {
    this.#sharing = sharing;
    this.#what = what;
  }

  start(attempt: Attempt): void {
    try {
      this.#sharing.start(attempt);
    } catch (error) {
      throw asPluginError(this.#what, error);
    }
  }

  arrived(attempt: Attempt): void {
    try {
      this.#sharing.arrived(attempt);
    } catch (error) {
      throw asPluginError(this.#what, error);
    }
  }

  cut(attempts: readonly Attempt[], gone: (attempt: Attempt, sent: Bytes) => void): void {
    callPlugin(this.#what, () => this.#sharing.cut(attempts, gone));
  }

  setCapacity(change: CapacityChange): void {
    callPlugin(this.#what, () => {
      if (this.#sharing.setCapacity === undefined) throw constantLinks();
      this.#sharing.setCapacity(change);
    });
  }

  setSharedCapacity(link: number, bandwidth: BitsPerSecond): void {
    callPlugin(this.#what, () => {
      if (this.#sharing.setSharedCapacity === undefined) throw constantLinks();
      this.#sharing.setSharedCapacity(link, bandwidth);
    });
  }

  busy(node: number): { readonly uplink: Nanoseconds; readonly downlink: Nanoseconds } {
    return callPlugin(this.#what, () => this.#sharing.busy(node));
  }

  save(): unknown {
    return callPlugin(this.#what, () => this.#sharing.save());
  }

  load(state: unknown, attempts: AttemptsById): void {
    callPlugin(this.#what, () => this.#sharing.load(state, attempts));
  }
}

function constantLinks(): UsageError {
  return new UsageError(
    'constant-links',
    'expected a sharing discipline with bandwidths that may change, such as "fair"',
    'network.sharing',
  );
}

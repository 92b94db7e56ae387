/** What an invariant is, and what looks at a run for it. */
import type { JournalledEvent } from '../simulation/plan.js';
import type { Result } from '../simulation/result.js';
import type { World } from '../simulation/world.js';
import type { AnyCodec, Broadcast } from './spy.js';

/** An invariant. @public */
export interface Invariant {
  /** Kebab-case. */
  readonly id: string;
  /** What holds, in one sentence. */
  readonly says: string;
}

/** An invariant that is seen between the events of a run. */
export interface WatchedInvariant extends Invariant {
  /** Begins to look at a run that is ready, and has not started. */
  watch(world: World): InvariantWatch;
}

/** Looks at one run. Each function throws an Error where the invariant does not hold, or calls for nothing. */
export interface InvariantWatch {
  /** An event comes: all before it are over. */
  event?(event: JournalledEvent): void;
  /** A node hands a message to the network. */
  sent?(message: Broadcast): void;
  /** A body was encoded. */
  encoded?(type: string, body: unknown, bytes: Uint8Array, codec: AnyCodec, indexBytes: number): void;
  /** The run is over. */
  end?(result: Result): void;
}

/** Throws an Error unless something holds. */
export function expect(holds: boolean, says: () => string): void {
  if (!holds) throw new Error(says());
}

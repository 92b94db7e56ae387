/** Events, as the code that schedules and handles them sees them. */
import type { Nanoseconds, Tagged } from '../units.js';

/** The number of a registered kind of event, valid in the kernel that gave it out. */
export type EventKind = Tagged<'event kind'>;

/** The number of a task for whose output an event can wait, 0 … 2^31 − 1. */
export type TaskId = Tagged<'task'>;

/** The priority of an event that names none; lower priorities run first at the same time. */
export const DEFAULT_PRIORITY = 128;

/** The gate of an event that waits for no task. */
export const NO_GATE: TaskId = -1;

/** What a handler gets. */
export interface KernelEvent<Payload = number> {
  readonly time: Nanoseconds;
  readonly priority: number;
  readonly kind: EventKind;
  readonly target: number;
  readonly payload: Payload;
}

/** What to schedule. */
export interface EventOptions {
  /** Not before now. */
  readonly time: Nanoseconds;
  readonly kind: EventKind;
  /** What it concerns, mostly a node; a 32-bit integer. */
  readonly target: number;
  /** 0 … 255, the least first at the same time. @defaultValue {@link DEFAULT_PRIORITY} */
  readonly priority?: number;
  /** Plain data, a number if possible. @defaultValue 0 */
  readonly payload?: unknown;
  /** The task whose output the handler needs; the kernel has it settled before the handler runs. */
  readonly gate?: TaskId;
}

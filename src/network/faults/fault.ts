/**
 * What a fault is: an entry that disturbs a run by events of its own, beside the load.
 *
 * A fault keeps no state. Its pending events stand in the kernel's queue, with the data that the fault gave them, and the
 * network counts which nodes are held down. So a run with faults is saved and restored like any other.
 */
import { z } from 'zod';
import type { Entry } from '../../options/index.js';
import type { Random } from '../../random.js';
import type { Nanoseconds } from '../../units.js';

/** What becomes of the tasks of a node that goes down: they go on when it comes up again, or they are lost. @public */
export type TaskFate = 'pause' | 'lose';

/** The size of a run, against which a fault checks its options. @public */
export interface FaultScope {
  /** All nodes, those of roles included; they have the numbers from 0 to `nodes` − 1. */
  readonly nodes: number;
  /** Nodes that learn; they have the numbers from 0 to `learners` − 1. */
  readonly learners: number;
}

/** An event that a fault schedules. @public */
export interface FaultSchedule {
  /** A key of the fault's `on`. The trace shows the event under this name. */
  readonly event: string;
  /** Not before now. */
  readonly time: Nanoseconds;
  /** Whom the event concerns, mostly a node. The trace shows this number too: a 32-bit integer. */
  readonly target: number;
  /** Data that the fault needs when the event happens. Plain data. */
  readonly payload?: unknown;
}

/** An event of a fault that happens now. @public */
export interface FaultEvent {
  readonly time: Nanoseconds;
  readonly target: number;
  /** As it was given to `schedule`; undefined where none was given. */
  readonly payload: unknown;
}

/** What a fault may do at the start of a run, before any node has started. @public */
export interface FaultPlanning extends FaultScope {
  readonly now: Nanoseconds;
  /** Plans an event of this fault. */
  schedule(event: FaultSchedule): void;
  /**
   * The random stream of an owner, such as `node 3`: the same stream at each call. Where faults draw for one owner for
   * different purposes, a name tells their streams apart.
   */
  random(owner: string, name?: string): Random;
}

/** What a fault may do when one of its events happens. @public */
export interface FaultActions extends FaultPlanning {
  /**
   * Takes hold of a node, which goes down if no fault holds it yet; `task` then decides what becomes of its tasks. Every
   * `hold` needs its own `release`.
   */
  hold(node: number, task: TaskFate): void;
  /** Lets go of a node, which comes up again if no other fault holds it. */
  release(node: number): void;
  /** Takes hold of a node, whose tasks are lost, and takes it out of all lists of neighbours. */
  exclude(node: number, until: 'until it joins' | 'for good'): void;
  /** Puts an excluded node into the lists of neighbours of rounds that nobody has begun, and lets go of it. */
  admit(node: number): void;
}

/** A kind of fault. @public */
export interface FaultEntry<Options> extends Entry<Options> {
  /**
   * Throws a UsageError where the options do not fit the run; its path is relative to the fault (`nodes`). `earlier` are
   * the options of the faults of this kind that stand before it in the scenario.
   */
  check?(options: Options, scope: FaultScope, earlier: readonly Options[]): void;
  /** Schedules the first events. Called once, at the beginning of a run, and not when a saved run is restored. */
  start(options: Options, planning: FaultPlanning): void;
  /**
   * Whether all that it does to nodes is to exclude and to admit them, so that nobody waits for a node without knowing.
   * @defaultValue false
   */
  readonly announced?: boolean;
  /** What happens at each of its events, by name. Several kinds of fault may have events of one name. */
  readonly on: Readonly<Record<string, (event: FaultEvent, options: Options, actions: FaultActions) => void>>;
}

/** Any kind of fault, for lists. @public */
// biome-ignore lint/suspicious/noExplicitAny: entries of one list differ in their options.
export type AnyFault = FaultEntry<any>;

/** Schema of the option that says what becomes of a node's tasks. */
export const taskFate = () =>
  z.enum(['pause', 'lose']).prefault('pause').describe('what happens to the task that the node is running');

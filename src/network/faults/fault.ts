/**
 * What a fault is: an entry that disturbs a run by events of its own, beside the load.
 *
 * A fault keeps no state of its own. Its pending events stand in the kernel's queue, with the data that the fault gave them; the
 * network counts which nodes are held down; and what else is to be known later (barriers that are closed, nodes that are slow,
 * what was drawn for a link) is kept for the faults. So a run with faults is saved and restored like any other.
 */
import { z } from 'zod';
import type { Entry } from '../../options/index.js';
import type { Random } from '../../random.js';
import type { BitsPerSecond, Bytes, Nanoseconds } from '../../units.js';
import type { SharedLink } from '../zones.js';

/** What becomes of the tasks of a node that goes down: they go on when it comes up again, or they are lost. @public */
export type TaskFate = 'pause' | 'lose';

/** The size of a run, against which a fault checks its options. @public */
export interface FaultScope {
  /** All nodes, those of roles included; they have the numbers from 0 to `nodes` − 1. */
  readonly nodes: number;
  /** Nodes that learn; they have the numbers from 0 to `learners` − 1. */
  readonly learners: number;
}

/** What a fault gets ready with. @public */
export interface FaultContext extends FaultScope {
  /** Directory of the scenario, from which relative paths in options start. */
  readonly directory: string;
  /** Links of zones, and the core: the place in the list is the number of the link. */
  readonly sharedLinks: readonly SharedLink[];
  /** What the faults that stand before this one in the scenario have prepared, with their places. */
  readonly earlier: readonly EarlierFault[];
}

/** A fault that stands before another one, ready for the run. @public */
export interface EarlierFault {
  /** `faults.0`. */
  readonly path: string;
  readonly prepared: unknown;
}

/** A directed link. @public */
export interface FaultLink {
  readonly from: number;
  readonly to: number;
}

/** An attempt at a message that is being made. @public */
export interface FaultAttempt extends FaultLink {
  /** Header and body, without what packets have besides. */
  readonly bytes: Bytes;
  readonly now: Nanoseconds;
}

/** What a fault that loses attempts knows of a link. @public */
export interface FaultMemory {
  /** The random stream of the link for this fault: no other fault draws from it. A name tells several of them apart. */
  random(name?: string): Random;
  /** Whatever the fault wants to know at the next attempt on this link: plain data; undefined at first. Saved with the run. */
  state: unknown;
}

/** How much slower a node is: 1 is its own speed, 2 takes twice as long. @public */
export interface Slowness {
  readonly compute: number;
  readonly bandwidth: number;
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
  /**
   * Closes a barrier of this fault, which a number of its own tells from others: what is under way on the links that it
   * `blocks` is cut, and what arrives there until `open` is cut too. Every `close` needs its own `open`.
   */
  close(barrier: number): void;
  open(barrier: number): void;
  /**
   * From now on a link of a node has that bandwidth, 0 to 9 · 10¹² bits per second; what makes the node slow divides it. Throws a
   * UsageError where the scenario has the link unlimited.
   */
  setBandwidth(node: number, link: 'uplink' | 'downlink', bandwidth: BitsPerSecond): void;
  /** The same for a link that nodes share, by its place in the `sharedLinks` of the context. */
  setSharedBandwidth(link: number, bandwidth: BitsPerSecond): void;
  /** Makes a node slower, besides all that makes it slow already: factors multiply. Every `slow` needs its own `restore`. */
  slow(node: number, by: Slowness): void;
  /** Takes back a `slow` with these factors. */
  restore(node: number, by: Slowness): void;
  /** Takes hold of a node, whose tasks are lost, and takes it out of all lists of neighbours. */
  exclude(node: number, until: 'until it joins' | 'for good'): void;
  /** Puts an excluded node into the lists of neighbours of rounds that nobody has begun, and lets go of it. */
  admit(node: number): void;
}

/** A kind of fault. @public */
export interface FaultEntry<Options, Prepared = Options> extends Entry<Options> {
  /**
   * Whether every message arrives in spite of it, if only later, so that nodes that wait for messages need no deadline.
   * @defaultValue false
   */
  readonly losesNothing?: boolean;
  /**
   * Throws a UsageError where the options do not fit the run; its path is relative to the fault (`nodes`). `earlier` are
   * the options of the faults of this kind that stand before it in the scenario.
   */
  check?(options: Options, scope: FaultScope, earlier: readonly Options[]): void;
  /**
   * Gets ready for one run: loads files. What it returns stands in place of the options from then on. It is called again when a
   * run is resumed, so it depends on nothing else than its arguments and files. Throws a UsageError with the path of an option
   * (`file`), and with file and line where a file is wrong.
   * @defaultValue the options themselves
   */
  prepare?(options: Options, context: FaultContext): Prepared | Promise<Prepared>;
  /** Schedules the first events. Called once, at the beginning of a run, and not when a saved run is restored. */
  start(prepared: Prepared, planning: FaultPlanning): void;
  /**
   * Whether all that it does to nodes is to exclude and to admit them, so that nobody waits for a node without knowing.
   * @defaultValue false
   */
  readonly announced?: boolean;
  /** What happens at each of its events, by name. Several kinds of fault may have events of one name. */
  readonly on: Readonly<
    Record<string, (event: FaultEvent, prepared: Prepared, actions: FaultActions) => void>
  >;
  /** Whether a link leads through a barrier: nothing gets through while that is closed. */
  blocks?(prepared: Prepared, link: FaultLink, barrier: number): boolean;
  /**
   * Whether an attempt is lost on its way, which is booked when it would have arrived. Called once for each attempt when it is
   * made, whatever other faults say of it.
   */
  loses?(prepared: Prepared, attempt: FaultAttempt, memory: FaultMemory): boolean;
}

/** Any kind of fault, for lists. @public */
// biome-ignore lint/suspicious/noExplicitAny: entries of one list differ in their options.
export type AnyFault = FaultEntry<any, any>;

/** Schema of the option that says what becomes of a node's tasks. */
export const taskFate = () =>
  z.enum(['pause', 'lose']).prefault('pause').describe('what happens to the task that the node is running');

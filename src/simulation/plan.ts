/**
 * A Plan: everything that a run needs to know, validated and resolved. Made by `scenario/`, carried out by
 * `simulation`.
 */

import type { ProfileEntry } from '../compute/profiles.js';
import type { BackendName } from '../compute/task.js';
import type { DataSource, Split } from '../data/index.js';
import type { AnyAlgorithm } from '../learning/algorithm.js';
import type { AnyProbe } from '../metrics/index.js';
import type { MeasuringPoint } from '../metrics/points.js';
import type { ModelEntry } from '../models/model.js';
import type { AnyFault } from '../network/faults/index.js';
import type { LedgerArchive } from '../network/ledger.js';
import type { NetworkOptions } from '../network/options.js';
import type { Chosen } from '../options/index.js';
import type { TopologyEntry } from '../topology/index.js';
import type { Bytes, Nanoseconds, Round } from '../units.js';
import type { SpanSink } from './spans.js';
import type { World } from './world.js';

/** When to measure. @public */
export type Interval = { readonly rounds: Round } | { readonly time: Nanoseconds };

/** One run. Pure data and functions: nothing is loaded yet. @public */
export interface Plan {
  readonly title: string;
  readonly seed: number;
  /** Number of learners; the nodes of roles come on top. */
  readonly nodes: number;
  readonly data: {
    readonly source: Chosen<DataSource>;
    readonly split: Chosen<Split>;
    /** Share of each node's training rows that is held out for validation, 0 … 1. */
    readonly validation: number;
    /** Share of each node's training rows on which models are measured in place of test rows, to choose options by. */
    readonly tuning?: number | undefined;
    /** Directory against which paths in the options are resolved. */
    readonly directory: string;
  };
  readonly model: Chosen<ModelEntry> & { readonly init: 'common' | 'per-node' };
  /** Undefined where the algorithm's role implies the star. */
  readonly topology: (Chosen<TopologyEntry> & { readonly allowDisconnected: boolean }) | undefined;
  readonly network: NetworkOptions;
  readonly compute: Chosen<ProfileEntry>;
  readonly algorithm: Chosen<AnyAlgorithm>;
  readonly faults: readonly Chosen<AnyFault>[];
  readonly measure: {
    readonly every: Interval;
    /** Points of a round at which models are measured; the first one gives metrics their plain names. */
    readonly at: readonly MeasuringPoint[];
    readonly probes: readonly Chosen<AnyProbe>[];
    /** Most test rows on which a model is measured; default: all. */
    readonly rows?: number | undefined;
    /** Mean accuracy whose price in bytes is reported, 0 … 1. */
    readonly target: number | undefined;
  };
  /** Whether nothing is learned: only times and bytes are simulated. */
  readonly timingOnly?: boolean | undefined;
  readonly stop: {
    /** The run ends when the least round among live nodes reaches this number. */
    readonly after: Round | undefined;
    /** Virtual-time limit. */
    readonly at: Nanoseconds;
    /** What to do when a node's params are no longer finite. */
    readonly diverged: 'stop' | 'continue';
  };
  /** The resolved scenario as text and numbers (every default filled in), for summary.json. */
  readonly resolved: unknown;
  /** Where the scenario came from, for messages: a file's name. */
  readonly file: string;
}

/**
 * How a run is carried out. Nothing here changes a result, except the backend (and on `tensorflow` its threads).
 * @public
 */
export interface Execution {
  readonly backend: BackendName | 'auto';
  /**
   * Worker threads; 0 computes in this thread. On `tensorflow`: its own threads, at least 1, and last bits depend on
   * them.
   */
  readonly workers: number;
  /** A run that needs more memory is refused. Default: no limit. */
  readonly memory?: Bytes;
  /** Whether to hash frozen arrays and to check that nobody changes them: slow, meant for tests. Default: false. */
  readonly checkFrozen?: boolean;
  readonly signal?: AbortSignal;
  /**
   * Called now and then, and what it returns is awaited, so that the rest of the process gets its turn (to print, or to
   * notice Ctrl-C). It may be called very often.
   */
  readonly breathe?: () => Promise<void> | undefined;
  /**
   * Called before every event, with the number of events that have run and the least round. While it returns true the run
   * pauses before the event: it yields its progress, and can be saved then.
   */
  readonly pause?: (events: number, round: Round) => boolean;
  /** Gets every event of the trace. */
  readonly onEvent?: (event: TraceEvent) => void;
}

/** What only the program itself asks of a run. */
export interface InnerExecution extends Execution {
  /** Asked before tasks until it returns true: then worker threads are started. Default: at once. */
  readonly workersWhen?: () => boolean;
  /** Whether the thread of the simulation leaves every task to the workers, for checks of what they compute. Default: false. */
  readonly onlyWorkers?: boolean;
  /** Gets the parts of the run once they are ready, before its first event. */
  readonly onWorld?: (world: World) => void;
  /** Takes the log of spans. Default: there is none. */
  readonly spans?: SpanSink;
  /** Where the ledger lays cells aside, so that a long run does not keep them. Default: they stay in memory. */
  readonly archive?: LedgerArchive;
  /** Gets what happens within the events: numbers and draws. Much slower; for finding where two runs part. */
  readonly journal?: Journal;
}

/** Follows a run in all details; must not change it. What comes before the first event belongs to the set-up. */
export interface Journal {
  /** An event begins; the rest belongs to it until the next one. */
  event(event: JournalledEvent): void;
  /** A number of the trace, and what it is: a size, a sum, a delay. */
  mixed(what: string, value: number): void;
  /** A draw of a random stream. */
  drawn(stream: string, value: number): void;
}

/**
 * An event of the trace. The arrival of a message has its sender, type and bytes; messages that are lost arrive too.
 * @public
 */
export interface TraceEvent {
  readonly time: Nanoseconds;
  readonly kind: string;
  readonly target: number;
  readonly from?: number;
  readonly type?: string;
  readonly bytes?: Bytes;
}

/** An event with what only a journal shows. */
export interface JournalledEvent extends TraceEvent {
  readonly priority: number;
  /** Of the arrival of a message: the id of the attempt. */
  readonly attempt?: number;
}

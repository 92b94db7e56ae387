/** A Plan: everything that a run needs to know, validated and resolved. Made by `scenario/`, carried out by `simulation`. */

import type { ProfileEntry } from '../compute/profiles.js';
import type { BackendName } from '../compute/task.js';
import type { DataSource, Split } from '../data/index.js';
import type { AnyAlgorithm } from '../learning/algorithm.js';
import type { AnyProbe } from '../metrics/index.js';
import type { ModelEntry } from '../models/model.js';
import type { AnyFault } from '../network/faults/index.js';
import type { NetworkOptions } from '../network/options.js';
import type { Chosen } from '../options/index.js';
import type { TopologyEntry } from '../topology/index.js';
import type { Bytes, Nanoseconds, Round } from '../units.js';

/** When to measure. */
export type Interval = { readonly rounds: Round } | { readonly time: Nanoseconds };

/** One run. Pure data and functions: nothing is loaded yet. */
export interface Plan {
  readonly title: string;
  readonly seed: number;
  /** Learners; a role of the algorithm adds its own. */
  readonly nodes: number;
  readonly data: {
    readonly source: Chosen<DataSource>;
    readonly split: Chosen<Split>;
    /** Share of each node's training rows that is held out, 0 … 1. */
    readonly validation: number;
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
    readonly probes: readonly Chosen<AnyProbe>[];
    /** Mean accuracy whose price in bytes is reported, 0 … 1. */
    readonly target: number | undefined;
  };
  readonly stop: {
    /** Least round among live nodes. */
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

/** How a run is carried out; none of this changes a result, save the backend (and on `tensorflow` its threads). */
export interface Execution {
  readonly backend: BackendName | 'auto';
  /** Worker threads; 0 computes in this thread. On `tensorflow`: its own threads, at least 1, and last bits depend on them. */
  readonly workers: number;
  /** Refuse a run that needs more. Default: no limit. */
  readonly memory?: Bytes;
  /** Hash frozen arrays and check that nobody changed them. Slow; on in tests. */
  readonly checkFrozen?: boolean;
  readonly signal?: AbortSignal;
  /** Called now and then, so that the host can take its turn (print, notice Ctrl-C). */
  readonly breathe?: () => Promise<void>;
  /** Gets every event of the trace. */
  readonly onEvent?: (event: TraceEvent) => void;
}

/** An event as the trace tells it. A message's arrival says from whom, which type and how many bytes; lost ones arrive too. */
export interface TraceEvent {
  readonly time: Nanoseconds;
  readonly kind: string;
  readonly target: number;
  readonly from?: number;
  readonly type?: string;
  readonly bytes?: Bytes;
}

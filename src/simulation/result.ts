/** What a run yields while it runs, and its result at the end. */
import type { BackendReport } from '../compute/backend.js';
import type { Work } from '../compute/processor.js';
import type { ComputeStatistics } from '../compute/queue.js';
import type { NotFinite } from '../metrics/scrutiny.js';
import type { LedgerTotals, TrafficRow } from '../network/ledger.js';
import type { Bytes, Nanoseconds, Round } from '../units.js';

/** One row of metrics.csv. `node` is undefined for a figure of the whole run. @public */
export interface Sample {
  readonly time: Nanoseconds;
  readonly round: Round;
  readonly node: number | undefined;
  readonly metric: string;
  readonly value: number;
}

/**
 * One row of topology.csv: a link that is added (or whose weight changes), or that is removed (`weight` undefined).
 * @public
 */
export interface TopologyChange {
  readonly time: Nanoseconds;
  readonly change: 'add' | 'remove';
  readonly from: number;
  readonly to: number;
  /** Weight with which `to` mixes what `from` sends; undefined where the algorithm states none. */
  readonly weight: number | undefined;
}

/** Where a run is: for progress bars. @public */
export interface Progress {
  readonly time: Nanoseconds;
  readonly round: Round;
  readonly events: number;
}

/** What `Simulation.run()` yields. @public */
export type RunUpdate =
  | { readonly kind: 'samples'; readonly samples: readonly Sample[] }
  | { readonly kind: 'topology'; readonly changes: readonly TopologyChange[] }
  | { readonly kind: 'progress'; readonly progress: Progress };

/** Why a run ended. `stalled`: no event is pending, but the rounds are not finished. @public */
export type StopReason = 'rounds' | 'time' | 'idle' | 'stalled' | 'diverged' | 'interrupted';

/** A node whose params stopped being finite. @public */
export interface Divergence {
  readonly node: number;
  readonly round: Round;
  readonly time: Nanoseconds;
}

/** The end of a run. @public */
export interface Result {
  readonly stopped: StopReason;
  /** For `stalled`: which nodes are behind, and how many messages were lost. */
  readonly explanation: string | undefined;
  readonly time: Nanoseconds;
  /** Least round among live nodes. */
  readonly rounds: Round;
  readonly events: number;
  readonly fingerprints: { readonly trace: string; readonly params: string };
  /** Fingerprints at regular counts of events, so that two runs can be compared. */
  readonly blocks: ReadonlyArray<{
    readonly events: number;
    readonly time: Nanoseconds;
    readonly trace: string;
  }>;
  readonly traffic: LedgerTotals;
  /** What all learners have computed: tasks that they have finished. */
  readonly work: Work & {
    /** Samples that gradients were taken on, per training row of the learners. */
    readonly passes: number;
  };
  /** Rows of traffic.csv, made when this function is called. */
  trafficRows(): Iterable<TrafficRow>;
  /** The label of the models that metrics with a plain name are about: mostly a point of a round. */
  readonly measuredAt: string;
  /** Last value of every metric of the whole run, by name. */
  readonly final: Readonly<Record<string, number>>;
  /** What the algorithm leaves for other runs: JSON values by name; most algorithms leave nothing. */
  readonly artifacts: Readonly<Record<string, unknown>>;
  /** Artifacts that are not left, since they have a number that is not finite: by name, which. */
  readonly leftOut: Readonly<Record<string, string>>;
  /** Bytes sent and time when the mean accuracy first reached the target; undefined where it never did. */
  readonly target:
    | { readonly accuracy: number; readonly bytes: Bytes; readonly time: Nanoseconds }
    | undefined;
  readonly diverged: readonly Divergence[];
  /** Probes that gave numbers that are not finite. */
  readonly notFinite: readonly NotFinite[];
  /** The backend that computed: its versions, TensorFlow's threads, and for `auto` the reason of the choice. */
  readonly backend: BackendReport;
  /**
   * What computed the models: with step programs, results do not depend on the backend; nothing with `timingOnly`, where there
   * is no fingerprint of params either.
   */
  readonly path: 'step programs' | 'TensorFlow.js' | 'nothing';
  /** How the tasks were grouped: depends on the number of workers, and changes no other figure. */
  readonly compute: ComputeStatistics;
}

/** What a probe is: it measures a run and cannot change it. */
import type { Work } from '../compute/processor.js';
import type { Dataset, Shard, View } from '../data/dataset.js';
import type { Evaluated } from '../learning/algorithm.js';
import type { ModelSpec } from '../models/model.js';
import type { LedgerTotals, PartBytes } from '../network/traffic.js';
import type { Entry } from '../options/index.js';
import type { Nanoseconds, Round } from '../units.js';

/**
 * One measured number. `node` is absent for a figure of the whole run. No two of one measurement have the same metric
 * and node. NaN and infinities are written as they are (the accuracy of a regression is NaN), and the run says once
 * which probe gave them.
 * @public
 */
export interface Measured {
  readonly metric: string;
  readonly value: number;
  readonly node?: number;
}

/**
 * What a probe sees: copies and counters. It gives no way to draw random numbers, to send messages or to change the
 * run.
 * @public
 */
export interface ProbeView {
  readonly time: Nanoseconds;
  readonly round: Round;
  readonly nodes: readonly ProbeNode[];
  /** Sizes of the dataset, and what generated data were made from; its samples stay out of reach. */
  readonly dataset: Pick<Dataset, 'id' | 'classes' | 'train' | 'test' | 'truth'>;
  /** In a run that tunes options: training rows held out on all nodes, on which to measure in place of all test rows. */
  readonly tuningRows?: Uint32Array;
  /** Bytes so far: those sent, in all and by part, and those delivered. */
  readonly traffic: PartBytes & Pick<LedgerTotals['bytes'], 'sent' | 'delivered'>;
  readonly model: ModelSpec;
}

/** A learner as a probe sees it. @public */
export interface ProbeNode {
  readonly id: number;
  readonly round: Round;
  readonly up: boolean;
  readonly shard: Shard;
  /** The params that this node evaluates, by label, as the algorithm's `evaluate` returns them. */
  readonly evaluated: Readonly<Record<string, Evaluated<Float32Array>>>;
  readonly measures: Readonly<Record<string, number>>;
  /** For how much virtual time its processor and its links were busy so far; an unlimited link is never busy. */
  readonly busy: {
    readonly compute: Nanoseconds;
    readonly uplink: Nanoseconds;
    readonly downlink: Nanoseconds;
  };
  /** What it has computed so far. */
  readonly work: Work;
}

/** An evaluation that a probe asks for: accuracy and mean loss of params on rows of the dataset. @public */
export interface EvaluationRequest {
  readonly node: number;
  readonly label: string;
  /** Names the rows: requests of one node, label and set are evaluated once. */
  readonly set: string;
  readonly evaluated: Evaluated<Float32Array>;
  readonly rows: Uint32Array;
  /** How the node sees the rows. */
  readonly view?: View | undefined;
}

/** The answer to an {@link EvaluationRequest}. `accuracy` is NaN for regression. @public */
export interface EvaluationResult extends EvaluationRequest {
  readonly loss: number;
  readonly accuracy: number;
}

/**
 * A probe. `requests` says what is to be evaluated, if anything; `measure` turns the view and the results of those
 * evaluations into numbers. Both are pure functions.
 * @public
 */
export interface Probe<Options = unknown> extends Entry<Options> {
  /**
   * Whether its numbers depend on no model: then it also measures runs with `timingOnly`.
   * @defaultValue false
   */
  readonly contentFree?: boolean;
  requests?(view: ProbeView, options: Options): EvaluationRequest[];
  measure(view: ProbeView, evaluations: readonly EvaluationResult[], options: Options): Measured[];
}

/** Any probe, for lists. @public */
// biome-ignore lint/suspicious/noExplicitAny: the only type that every Probe<Options> is assignable to.
export type AnyProbe = Probe<any>;

/** The type of the entries of the list of topologies. */
import type { AbstractGraph as Graph } from 'graphology-types';
import type { Entry } from '../options/index.js';
import type { Random } from '../random.js';
import type { Round } from '../units.js';

/** What a generator receives besides its options. @public */
export interface TopologyContext {
  /** Learners, at least 1. */
  readonly nodes: number;
  /** The stream of this topology; a generator draws from nothing else. */
  readonly random: Random;
  /**
   * The folder against which relative paths in the options are resolved.
   * @defaultValue the working directory
   */
  readonly directory?: string;
}

/** A topology that differs from round to round. @public */
export interface TopologyRounds {
  /**
   * The graph of a round, from 0. Law: it depends on the round and on `random`, a stream of that round alone, in whatever order
   * the rounds are asked for; otherwise as what `build` returns.
   */
  graph(round: Round, random: Random): Graph;
  /**
   * Number of rounds in which every link occurs that is not drawn: the topology is connected if their links together are.
   * @defaultValue 100 rounds are looked at, or fewer if they are connected
   */
  readonly period?: number;
}

/**
 * A topology generator. Law: the same options, nodes and stream give the same graph, edge keys included; its node
 * keys are '0' … 'nodes − 1'; it has neither self loops nor two edges that make the same link.
 * @public
 */
// biome-ignore lint/suspicious/noExplicitAny: entries of one list differ in their options.
export interface TopologyEntry<Options = any> extends Entry<Options> {
  /** The graph. Throws UsageError if the options are impossible with that many nodes. */
  build(options: Options, context: TopologyContext): Graph;
  /**
   * For a topology that differs from round to round: what its graphs are; `build` is not called then. Throws UsageError if the
   * options are impossible with that many nodes. {@link changingTopology} makes such an entry.
   */
  rounds?(options: Options, context: TopologyContext): TopologyRounds;
}

/** An entry whose topology differs from round to round, from all of it but `build`, which gives its first graph. @public */
export function changingTopology<Options>(
  entry: Omit<TopologyEntry<Options>, 'build'> & Required<Pick<TopologyEntry<Options>, 'rounds'>>,
): TopologyEntry<Options> {
  return {
    ...entry,
    build: (options, context) => entry.rounds(options, context).graph(0, context.random),
  };
}

/** The type of the entries of the list of topologies. */
import type { AbstractGraph as Graph } from 'graphology-types';
import type { Entry } from '../options/index.js';
import type { Random } from '../random.js';

/** What a generator receives besides its options. @public */
export interface TopologyContext {
  /** Learners, at least 1. */
  readonly nodes: number;
  /** The stream of this topology; a generator draws from nothing else. */
  readonly random: Random;
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
}

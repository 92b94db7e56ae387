/**
 * MATCHA: the edges of a topology in matchings, of which each round has some. Which ones matter for connectivity is
 * optimised beforehand, so that they are there more often.
 *
 * Reference: J. Wang, A. Sahu, G. Joshi, S. Kar, "MATCHA: A Matching-Based Link Scheduling Strategy to Speed up Distributed
 * Optimization", IEEE Transactions on Signal Processing 2022.
 *
 * The graphs have the weight α of the paper on all edges, which `mixing: edge-weights` takes: W = I − α Σ_{j active} L_j. Other
 * rules take the graph of the round as it is.
 */
import { z } from 'zod';
import { UsageError } from '../../errors.js';
import { type Chosen, choice, type List, share } from '../../options/index.js';
import { type Edge, undirectedGraph } from '../edges.js';
import { changingTopology, type TopologyEntry } from '../entry.js';
import { isSymmetric, neighborsOf } from '../neighbor-lists.js';
import { activationOf, weightOf } from './activation.js';
import { matchingsOf } from './edge-coloring.js';

/** Every step of the optimisations takes time of the order of nodes³. */
const NODES_MAX = 200;

/** Options of `matcha`. */
interface MatchaOptions {
  readonly base: Chosen<TopologyEntry>;
  readonly budget: number;
}

/** `topologies`: those that may be its base. */
export function matchaOver(topologies: List<TopologyEntry>): TopologyEntry<MatchaOptions> {
  return changingTopology<MatchaOptions>({
    id: 'matcha',
    description:
      'another topology, some of whose matchings are active in each round: those most often that connectivity needs most',
    reference:
      'Wang, Sahu, Joshi, Kar: MATCHA: A Matching-Based Link Scheduling Strategy to Speed up Distributed Optimization, IEEE Transactions on Signal Processing 2022',
    options: z.strictObject({
      base: choice(topologies).describe(
        'the undirected topology whose edges are activated; the same in all rounds',
      ),
      budget: share()
        .refine((value) => value > 0, { error: 'expected a share above 0%' })
        .prefault('50%')
        .describe('share of the matchings that are active in a round on average'),
    }),
    rounds({ base: { entry, options }, budget }, context) {
      const { nodes } = context;
      if (nodes > NODES_MAX) {
        throw new UsageError(
          'topology-too-large',
          `expected at most ${NODES_MAX} nodes with matcha, which optimises over all of their matchings, got ${nodes}`,
          'topology',
        );
      }
      const neighbors = entry.rounds ? undefined : neighborsOf(entry.build(options, context));
      if (neighbors === undefined || !isSymmetric(neighbors)) {
        throw new UsageError(
          'asymmetric-topology',
          `expected an undirected topology that is the same in all rounds as the base, got ${entry.id}`,
          'topology.base',
        );
      }
      const edges = neighbors.out.flatMap((list, a) =>
        [...list].filter((b) => a < b).map((b): Edge => [a, b]),
      );
      const matchings = matchingsOf(nodes, edges);
      const probabilities = activationOf(nodes, matchings, budget * matchings.length);
      const weight = weightOf(nodes, matchings, probabilities);
      return {
        graph(_round, random) {
          const active = matchings.filter((_, j) => random.uniform() < probabilities[j]!);
          return undirectedGraph(
            nodes,
            active.flat().map(([a, b]): Edge => [a, b, weight]),
          );
        },
      };
    },
  });
}

/** Refusals of topologies that an algorithm cannot run on. */
import { UsageError } from '../errors.js';
import type { MixingRule } from '../topology/mixing/index.js';
import { columnSums, mixingRows, SUM_TOLERANCE } from '../topology/mixing/index.js';
import { isSymmetric } from '../topology/neighbor-lists.js';
import type { Neighbors } from '../topology/neighbors.js';
import type { Plan } from './plan.js';

/** Throws a UsageError where neighbours come and go, and the algorithm keeps something of each. */
export function requireFixed({ algorithm: { entry }, topology, faults }: Plan): void {
  if (!entry.fixedTopology) return;
  const changes = topology?.entry.rounds !== undefined;
  const moving = faults.find((fault) => fault.entry.announced);
  if (!changes && !moving) return;
  throw new UsageError(
    'fixed-topology',
    `expected ${changes ? 'a topology that is the same in all rounds' : 'nodes that all take part from the beginning to the end'}, since ` +
      `${entry.id} keeps what it knows of each neighbour, got ${changes ? topology!.entry.id : moving!.entry.id}`,
    changes ? 'topology' : `faults.${faults.indexOf(moving!)}`,
  );
}

/** Throws a UsageError where a link has none back: the algorithm of that name answers on links. */
export function requireUndirected(links: Neighbors, algorithm: string): void {
  if (isSymmetric(links)) return;
  throw new UsageError(
    'asymmetric-topology',
    `expected an undirected topology, since nodes of ${algorithm} answer their neighbours, got links in one direction only`,
    'topology',
  );
}

/** Throws a UsageError where the columns of the weights do not sum to 1, with which mixing moves the mean over the nodes. */
export function requireKeptMean(links: Neighbors, rule: MixingRule, algorithm: string): void {
  const sums = columnSums(mixingRows(links, rule), links);
  const node = sums.findIndex((sum) => !(Math.abs(sum - 1) <= SUM_TOLERANCE));
  if (node < 0) return;
  throw new UsageError(
    'unkept-mean',
    `expected mixing weights that keep the mean over the nodes, since ${algorithm} relies on it, got weights for node ${node} that sum to ` +
      `${sums[node]} over all nodes: take mixing: metropolis-hastings, or a topology on which all nodes have as many neighbours`,
    'algorithm.mixing',
  );
}

/** From an entry and its options to checked neighbour lists. */
import type { AbstractGraph as Graph } from 'graphology-types';
import { assert, callPlugin, expectPlugin, PluginError, UsageError } from '../errors.js';
import type { Random } from '../random.js';
import type { Round } from '../units.js';
import { assertConnected, componentsOfAll } from './components.js';
import type { TopologyContext, TopologyEntry } from './entry.js';
import { neighborsOf, nodeOrder } from './neighbor-lists.js';
import type { Neighbors } from './neighbors.js';

/** Rounds whose links together have to connect the nodes, of a topology that does not say after how many it repeats. */
const ROUNDS_SEEN = 100;

/** A graph, and the neighbour lists that the rest of the simulator uses. */
interface BuiltTopology {
  /** Of the first round, where rounds differ. */
  readonly graph: Graph;
  readonly neighbors: Neighbors;
  /** The links of any round, built at each call; absent where they are the same in all rounds. */
  readonly linksAt?: (round: Round) => Neighbors;
}

/** What a topology is built with. */
interface BuildContext extends TopologyContext {
  readonly allowDisconnected: boolean;
  /** The stream of a round, at its beginning; needed by topologies that differ from round to round. */
  readonly roundRandom?: (round: Round) => Random;
}

/**
 * Builds a topology and checks it. Throws UsageError if the options are impossible or the topology is disconnected
 * without `allowDisconnected`, PluginError if the nodes of the graph are not '0' … 'nodes − 1'.
 */
export function buildTopology<Options>(
  entry: TopologyEntry<Options>,
  options: Options,
  { allowDisconnected, roundRandom, ...context }: BuildContext,
): BuiltTopology {
  const place = `topology "${entry.id}"`;
  if (entry.rounds === undefined) {
    const graph = callPlugin(place, () => entry.build(options, context));
    const neighbors = linksOf(graph, { place, nodes: context.nodes });
    if (!allowDisconnected) assertConnected(neighbors);
    return { graph, neighbors };
  }
  assert(roundRandom, `${place} needs a stream for each round`);
  const rounds = callPlugin(place, () => entry.rounds!(options, context));
  const graphOf = (round: Round) => {
    const where = `${place}, round ${round}`;
    const graph = callPlugin(where, () => rounds.graph(round, roundRandom(round)));
    return { graph, neighbors: linksOf(graph, { place: where, nodes: context.nodes }) };
  };
  const linksAt = (round: Round) => graphOf(round).neighbors;
  if (!allowDisconnected) assertConnectedBy(linksAt, rounds.period ?? ROUNDS_SEEN);
  return { ...graphOf(0), linksAt };
}

/** Throws UsageError unless the links of so many rounds together connect the nodes. */
function assertConnectedBy(linksAt: (round: Round) => Neighbors, rounds: number): void {
  const seen: Neighbors[] = [];
  // Doubling, so that few rounds are looked at where few are enough.
  for (let target = 1; ; target = Math.min(rounds, 2 * target)) {
    while (seen.length < target) seen.push(linksAt(seen.length));
    if (componentsOfAll(seen).length === 1) return;
    if (target >= rounds) break;
  }
  assertConnected(seen, `in ${rounds} rounds together`);
}

/** Checks a graph. A self loop or a double link is the mistake of whoever built it. */
function linksOf(
  graph: Graph,
  { place, nodes }: { readonly place: string; readonly nodes: number },
): Neighbors {
  const isGraph = typeof graph?.nodes === 'function' && typeof graph.forEachEdge === 'function';
  expectPlugin(isGraph, place, `a graph of graphology, got ${String(graph)}`);
  const keys = nodeOrder(graph);
  const wrong = keys.findIndex((key, node) => key !== String(node));
  if (keys.length !== nodes || wrong >= 0) {
    const found = wrong >= 0 ? `"${keys[wrong]}" instead of "${wrong}"` : `${keys.length} nodes`;
    throw new PluginError(`${place}: expected a graph of the nodes "0" to "${nodes - 1}", got ${found}`);
  }
  try {
    return neighborsOf(graph);
  } catch (error) {
    if (error instanceof UsageError) throw new PluginError(`${place}: ${error.message}`, { cause: error });
    throw error;
  }
}

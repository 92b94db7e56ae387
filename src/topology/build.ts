/** From an entry and its options to checked neighbour lists. */
import type { AbstractGraph as Graph } from 'graphology-types';
import { callPlugin, expectPlugin, PluginError, UsageError } from '../errors.js';
import { assertConnected } from './components.js';
import type { TopologyContext, TopologyEntry } from './entry.js';
import { neighborsOf, nodeOrder } from './neighbor-lists.js';
import type { Neighbors } from './neighbors.js';

/** A graph, and the neighbour lists that the rest of the simulator uses. */
interface BuiltTopology {
  readonly graph: Graph;
  readonly neighbors: Neighbors;
}

/**
 * Builds a topology and checks it. Throws UsageError if the options are impossible or the topology is disconnected
 * without `allowDisconnected`, PluginError if the nodes of the graph are not '0' … 'nodes − 1'.
 */
export function buildTopology<Options>(
  entry: TopologyEntry<Options>,
  options: Options,
  context: TopologyContext & { readonly allowDisconnected: boolean },
): BuiltTopology {
  const place = `topology "${entry.id}"`;
  const { nodes, random } = context;
  const graph = callPlugin(place, () => entry.build(options, { nodes, random }));
  const isGraph = typeof graph?.nodes === 'function' && typeof graph.forEachEdge === 'function';
  expectPlugin(isGraph, place, `a graph of graphology, got ${String(graph)}`);
  const keys = nodeOrder(graph);
  const wrong = keys.findIndex((key, node) => key !== String(node));
  if (keys.length !== nodes || wrong >= 0) {
    const found = wrong >= 0 ? `"${keys[wrong]}" instead of "${wrong}"` : `${keys.length} nodes`;
    throw new PluginError(`${place}: expected a graph of the nodes "0" to "${nodes - 1}", got ${found}`);
  }
  const neighbors = linksOf(graph, place);
  if (!context.allowDisconnected) assertConnected(neighbors);
  return { graph, neighbors };
}

/** A self loop or a double link is the mistake of whoever built the graph. */
function linksOf(graph: Graph, place: string): Neighbors {
  try {
    return neighborsOf(graph);
  } catch (error) {
    if (error instanceof UsageError) throw new PluginError(`${place}: ${error.message}`, { cause: error });
    throw error;
  }
}

/** Connected components of a topology. */
import { UsageError } from '../errors.js';
import type { Neighbors } from './neighbors.js';

/** Number of component sizes that an error lists. */
const SIZES_SHOWN = 8;

/** Weakly connected components: each ascending, in the order of their least nodes. */
export function components(neighbors: Neighbors): Int32Array[] {
  return componentsOfAll([neighbors]);
}

/** Those that the links of several topologies over the same nodes have together. */
export function componentsOfAll(all: readonly Neighbors[]): Int32Array[] {
  const nodes = all[0]!.nodes;
  const visited = new Uint8Array(nodes);
  const found: Int32Array[] = [];
  for (let start = 0; start < nodes; start++) {
    if (visited[start]) continue;
    visited[start] = 1;
    const members = [start];
    for (let next = 0; next < members.length; next++) {
      const node = members[next]!;
      for (const list of all.flatMap((neighbors) => [neighbors.out[node]!, neighbors.in[node]!])) {
        for (const other of list) {
          if (visited[other]) continue;
          visited[other] = 1;
          members.push(other);
        }
      }
    }
    found.push(Int32Array.from(members).sort((a, b) => a - b));
  }
  return found;
}

/** Whether the topology is one weakly connected component. */
export function isConnected(neighbors: Neighbors): boolean {
  return components(neighbors).length === 1;
}

/**
 * Throws UsageError `disconnected-topology` with the sizes of the components unless there is just one; `when` says of which
 * rounds the topologies are.
 */
export function assertConnected(topology: Neighbors | readonly Neighbors[], when = ''): void {
  const sizes = componentsOfAll([topology].flat())
    .map((members) => members.length)
    .sort((a, b) => b - a);
  if (sizes.length === 1) return;
  const list = sizes.slice(0, SIZES_SHOWN).join(', ') + (sizes.length > SIZES_SHOWN ? ', …' : '');
  throw new UsageError(
    'disconnected-topology',
    `expected a connected topology, got ${sizes.length} components of ${list} nodes${when && ` ${when}`}: models cannot spread ` +
      'from one to another. Add edges, or set topology.allowDisconnected: true',
    'topology',
  );
}

/** Whether all nodes hang together. */
import { UsageError } from '../errors.js';
import type { Neighbors } from './neighbors.js';

/** How many component sizes an error names. */
const SIZES_SHOWN = 8;

/** Weakly connected components: each ascending, in the order of their least nodes. */
export function components(neighbors: Neighbors): Int32Array[] {
  const seen = new Uint8Array(neighbors.nodes);
  const found: Int32Array[] = [];
  for (let start = 0; start < neighbors.nodes; start++) {
    if (seen[start]) continue;
    seen[start] = 1;
    const members = [start];
    for (let next = 0; next < members.length; next++) {
      const node = members[next]!;
      for (const list of [neighbors.out[node]!, neighbors.in[node]!]) {
        for (const other of list) {
          if (seen[other]) continue;
          seen[other] = 1;
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

/** Throws UsageError `disconnected-topology` with the sizes of the components unless there is just one. */
export function assertConnected(neighbors: Neighbors): void {
  const sizes = components(neighbors)
    .map((members) => members.length)
    .sort((a, b) => b - a);
  if (sizes.length === 1) return;
  const shown = sizes.slice(0, SIZES_SHOWN).join(', ') + (sizes.length > SIZES_SHOWN ? ', …' : '');
  throw new UsageError(
    'disconnected-topology',
    `expected a connected topology, got ${sizes.length} components of ${shown} nodes: models could never mix ` +
      'across them. Add edges, or allow it with topology.allowDisconnected: true',
    'topology',
  );
}

/** Distances in a topology: how many links a message has to pass from one node to another. */
import type { Neighbors } from './neighbors.js';

/** The longest of the shortest paths from some nodes. */
interface Eccentricity {
  /** Number of links; `Infinity` where a node cannot be reached from one of the sources. */
  readonly links: number;
  /** Whether all nodes were sources, so that `links` is the diameter; else it is a lower bound of it. */
  readonly isExact: boolean;
}

/** Number of links to look at, at most: some seconds. */
const VISITS_MAX = 2e8;

/** The diameter of a topology, or a lower bound from evenly chosen nodes where all pairs would take long. */
export function diameter({ nodes, out }: Neighbors): Eccentricity {
  const links = out.reduce((sum, list) => sum + list.length, 0);
  const sources = Math.min(nodes, Math.max(1, Math.floor(VISITS_MAX / (nodes + links))));
  let longest = 0;
  for (let k = 0; k < sources; k++) {
    longest = Math.max(longest, farthest(out, Math.floor((k * nodes) / sources)));
  }
  return { links: longest, isExact: sources === nodes };
}

/** The number of links to the farthest node; `Infinity` where some node cannot be reached. */
function farthest(out: readonly Int32Array[], source: number): number {
  const distance = new Int32Array(out.length).fill(-1);
  distance[source] = 0;
  const reached = [source];
  for (let next = 0; next < reached.length; next++) {
    const node = reached[next]!;
    for (const other of out[node]!) {
      if (distance[other]! >= 0) continue;
      distance[other] = distance[node]! + 1;
      reached.push(other);
    }
  }
  return reached.length < out.length ? Number.POSITIVE_INFINITY : distance[reached.at(-1)!]!;
}

/** In which order nodes stand. */
import type { Network } from '../network/network.js';

/** An order of nodes: the node at a place, and the place of a node. */
export interface Order {
  readonly nodes: readonly number[];
  readonly places: Int32Array;
}

/** By group where there are groups, else by number; nodes without a group last. */
export function orderOf({ nodes, group, groups }: Network, by: 'node' | 'group'): Order {
  const groupOf = (node: number) => group?.[node] ?? groups;
  const list = Array.from({ length: nodes }, (_, node) => node);
  if (by === 'group') list.sort((a, b) => groupOf(a) - groupOf(b) || a - b);
  const places = new Int32Array(nodes);
  for (const [place, node] of list.entries()) places[node] = place;
  return { nodes: list, places };
}

/** Consecutive nodes of an order that make one row or column, so that there are not too many. */
export function blockOf(nodes: number, most: number): number {
  return Math.max(1, Math.ceil(nodes / most));
}

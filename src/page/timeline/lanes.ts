/** Which nodes have a lane of the timeline. */
import { byNumber } from '../../numbers.js';
import type { Network } from '../network/network.js';
import type { SpanLog } from '../network/span-log.js';

/** Lanes of a timeline, and how many of them are those of the least accurate nodes. */
export interface Lanes {
  readonly nodes: readonly number[];
  readonly worst: number;
  readonly all: number;
}

/** Lanes that can be told from each other. */
const LANES_MAX = 200;
const WORST = 50;

/** All nodes of which there are spans; of many, those that were least accurate at the end, and every k-th. */
export function lanesOf({ nodes, series }: Network, spans: SpanLog): Lanes {
  const known = Array.from({ length: nodes }, (_, node) => node).filter((node) => spans.has(node));
  if (known.length <= LANES_MAX) return { nodes: known, worst: 0, all: nodes };
  const accuracy = series.get('accuracy');
  const last = accuracy ? accuracy.values.subarray(-nodes) : new Float64Array(nodes);
  const worst = known
    .filter((node) => Number.isFinite(last[node]))
    .sort((a, b) => last[a]! - last[b]! || a - b)
    .slice(0, accuracy ? WORST : 0);
  const step = Math.ceil(known.length / (LANES_MAX - worst.length));
  const chosen = new Set([...worst, ...known.filter((_node, k) => k % step === 0)]);
  return { nodes: [...chosen].sort(byNumber), worst: worst.length, all: nodes };
}

/** Batches of public rows that all nodes draw alike, from the seed and a number, without talking. */
import type { NodeContext } from '../../learning/algorithm.js';
import { publicRows } from '../../learning/public-rows.js';

/**
 * The rows of public batch `number` (from 0): batches follow each other through shuffles of all public rows, one shuffle
 * after the other, so that none is short. The same on every node. Throws a UsageError where there are no public rows.
 */
export function publicBatch(
  node: Pick<NodeContext, 'constant' | 'publicRandom'>,
  number: number,
  length: number,
): Uint32Array {
  const all = publicRows(node);
  const batch = new Uint32Array(length);
  let order = all;
  let shuffled = -1;
  for (let i = 0; i < length; i++) {
    const place = number * length + i;
    const pass = Math.floor(place / all.length);
    if (pass !== shuffled) {
      order = node.publicRandom(`public rows ${pass}`).shuffle(Uint32Array.from(all));
      shuffled = pass;
    }
    batch[i] = order[place % all.length]!;
  }
  return batch;
}

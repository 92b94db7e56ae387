/**
 * Draws that all nodes make alike from the common seed, without messages: public batches, and the teachers of each
 * node.
 */
import type { NodeContext } from '../../learning/algorithm.js';
import { publicRows } from '../../learning/public-rows.js';
import { byNumber } from '../../numbers.js';

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

type Drawing = Pick<NodeContext, 'id' | 'round' | 'neighbors' | 'neighborsOf' | 'publicRandom'>;

/** The teachers of a student: at most `wanted` of its in-neighbours, drawn anew in each round; ascending. */
export function teachersOf(node: Drawing, student: number, wanted: number): number[] {
  const candidates = Array.from(node.neighborsOf(student).in);
  const drawn = node.publicRandom(`teachers of ${student} in ${node.round}`).shuffle(candidates);
  return drawn.slice(0, wanted).sort(byNumber);
}

/** The nodes that have this one among their teachers, ascending. */
export function studentsOf(node: Drawing, wanted: number): number[] {
  return Array.from(node.neighbors.out).filter((id) => teachersOf(node, id, wanted).includes(node.id));
}

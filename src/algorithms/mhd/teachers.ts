/** Who learns from whom in a round: drawn from the common seed, so that teachers know their students without being asked. */
import type { NodeContext } from '../../learning/algorithm.js';
import { byNumber } from '../../learning/vectors.js';

type Drawing = Pick<NodeContext, 'id' | 'round' | 'neighbors' | 'neighborsOf' | 'publicRandom'>;

/** At most `wanted` of those from whom the topology lets `student` receive, drawn anew in each round; ascending. */
export function teachersOf(node: Drawing, student: number, wanted: number): number[] {
  const known = Array.from(node.neighborsOf(student).in);
  const drawn = node.publicRandom(`teachers of ${student} in ${node.round}`).shuffle(known);
  return drawn.slice(0, wanted).sort(byNumber);
}

/** Those that have this node among their teachers, ascending. */
export function studentsOf(node: Drawing, wanted: number): number[] {
  return Array.from(node.neighbors.out).filter((id) => teachersOf(node, id, wanted).includes(node.id));
}

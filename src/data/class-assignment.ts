/** Which classes each node has. */
import type { Random } from '../random.js';

/** Sizes of an assignment of classes to nodes. */
interface AssignmentSizes {
  readonly nodes: number;
  /** Number of distinct classes of each node, at most `classes`. */
  readonly perNode: number;
  readonly classes: number;
}

/**
 * The classes of each node, ascending. One node after the other is assigned the classes that the fewest nodes have so
 * far, ties broken at random: so the numbers of nodes of any two classes differ by at most one.
 */
export function assignEvenly(sizes: AssignmentSizes, random: Random): number[][] {
  const holders = new Int32Array(sizes.classes);
  const order = Array.from({ length: sizes.classes }, (_, label) => label);
  return Array.from({ length: sizes.nodes }, () => {
    // The sort is stable: among classes of equally many nodes the shuffled order decides.
    const labels = random
      .shuffle(order)
      .toSorted((a, b) => holders[a]! - holders[b]!)
      .slice(0, sizes.perNode);
    for (const label of labels) holders[label]! += 1;
    return labels.sort((a, b) => a - b);
  });
}

/** The classes of each node, ascending: each node draws its own at random, without replacement. */
export function assignAtRandom(sizes: AssignmentSizes, random: Random): number[][] {
  const order = Array.from({ length: sizes.classes }, (_, label) => label);
  return Array.from({ length: sizes.nodes }, () =>
    random
      .shuffle(order)
      .slice(0, sizes.perNode)
      .sort((a, b) => a - b),
  );
}

/** Which node holds which classes. */
import type { Random } from '../random.js';

/** How many nodes hold how many of how many classes. */
interface AssignmentSizes {
  readonly nodes: number;
  /** Distinct classes of each node, at most `classes`. */
  readonly perNode: number;
  readonly classes: number;
}

/**
 * The classes of each node, ascending. Node by node, each takes the classes that the fewest nodes hold so far, ties
 * broken at random: so the numbers of holders of two classes differ by at most one.
 */
export function assignEvenly(sizes: AssignmentSizes, random: Random): number[][] {
  const holders = new Int32Array(sizes.classes);
  const order = Array.from({ length: sizes.classes }, (_, label) => label);
  return Array.from({ length: sizes.nodes }, () => {
    // The sort is stable: among equally held classes the shuffled order decides.
    const taken = random
      .shuffle(order)
      .toSorted((a, b) => holders[a]! - holders[b]!)
      .slice(0, sizes.perNode);
    for (const label of taken) holders[label]! += 1;
    return taken.sort((a, b) => a - b);
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

/** Rows of classes dealt out in proportions that are drawn from a Dirichlet distribution, class by class. */
import { z } from 'zod';
import { UsageError } from '../errors.js';
import type { Random } from '../random.js';
import { apportion } from './split.js';

/** The distribution, and the least number of rows that a node gets. */
interface DirichletShares {
  readonly alpha: number;
  readonly minimum: number;
}

/** The option `alpha` of splits that need none. */
export const alphaOption = () => z.number().positive().max(1e6).optional();

const DRAWS_MAX = 1000;

/**
 * Deals all rows of each class to nodes: the shuffled rows of a class are cut in proportions from Dirichlet(alpha), by
 * largest remainder. All proportions are drawn again until each node has at least `minimum` rows. `counts[class][node]` says
 * how many rows of the class the node has. Throws UsageError if no draw gives the minimum.
 *
 * @param rowsOf the rows of each class, which are shuffled
 * @param random returns the stream of that name
 */
export function dealByDirichlet(
  shares: DirichletShares,
  rowsOf: readonly Uint32Array[],
  nodes: number,
  random: (name: string) => Random,
): { own: Uint32Array[]; counts: number[][] } {
  const sizes = rowsOf.map((rows) => rows.length);
  const counts = drawCounts(shares, sizes, nodes, random('proportions'));
  const own: number[][] = Array.from({ length: nodes }, () => []);
  for (const [label, rows] of rowsOf.entries()) {
    random(`class ${label}/rows`).shuffle(rows);
    let from = 0;
    for (let node = 0; node < nodes; node++) {
      const end = from + counts[label]![node]!;
      for (; from < end; from++) own[node]!.push(rows[from]!);
    }
  }
  return { own: own.map((rows) => Uint32Array.from(rows)), counts };
}

/** `counts[class][node]`: how many rows of the class the node gets. */
function drawCounts(
  { alpha, minimum }: DirichletShares,
  sizes: readonly number[],
  nodes: number,
  stream: Random,
): number[][] {
  const train = sizes.reduce((sum, size) => sum + size, 0);
  if (minimum * nodes > train) {
    throw new UsageError(
      'too-few-samples',
      `expected a minimum of at most ${Math.floor(train / nodes)} samples for each of ${nodes} nodes ` +
        `(there are ${train} training samples), got ${minimum}`,
      'data.split.minimum',
    );
  }
  for (let draw = 0; draw < DRAWS_MAX; draw++) {
    const counts = sizes.map((size) => apportion(size, dirichletWeights(alpha, nodes, stream)));
    const enough = Array.from({ length: nodes }, (_, node) =>
      counts.reduce((sum, perNode) => sum + perNode[node]!, 0),
    ).every((size) => size >= minimum);
    if (enough) return counts;
  }
  throw new UsageError(
    'too-few-samples',
    `expected at least ${minimum} of ${train} samples on each of ${nodes} nodes, but none of ${DRAWS_MAX} draws with ` +
      `alpha ${alpha} gave that: raise alpha, lower minimum, or use fewer nodes or more samples`,
    'data.split.alpha',
  );
}

/** Dirichlet(alpha, …, alpha) over so many nodes, up to a factor. */
export function dirichletWeights(alpha: number, nodes: number, random: Random): number[] {
  const weights = Array.from({ length: nodes }, () => random.gamma(alpha));
  if (weights.some((weight) => weight > 0)) return weights;
  // For a tiny alpha all weights underflow to 0. In the limit of the distribution one node has everything.
  weights[random.integer(nodes)] = 1;
  return weights;
}

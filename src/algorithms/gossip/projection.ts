/** The quadratic programme of cross-gradient aggregation, with as many unknowns as a node has neighbours. */

/** Largest violation of the optimality conditions at the end, relative to the largest number in them. */
const TOLERANCE = 1e-10;

/** Bounds the time of a programme whose rows are nearly parallel: it is near its minimum long before. */
const SWEEPS_MAX = 20_000;

/** Keeps the programme strictly convex, as in the released code. */
const RIDGE = 1e-12;

/**
 * Minimises ½ uᵀ(P + ridge·I)u + qᵀu over all u ≥ margin, float64 [n]: coordinate by coordinate, each to its minimum, which
 * for a convex programme with bounds comes to the minimum of all.
 */
export function minimizeAbove(
  p: readonly (readonly number[])[],
  q: readonly number[],
  margin: number,
): number[] {
  const u = q.map(() => margin);
  const slope = q.map((value, i) => value + u.reduce((sum, own, j) => sum + p[i]![j]! * own, 0));
  const scale = Math.max(...q.map(Math.abs), ...slope.map(Math.abs), Number.MIN_VALUE);
  for (let sweep = 0; sweep < SWEEPS_MAX; sweep++) {
    let violation = 0;
    for (let i = 0; i < u.length; i++) {
      const own = u[i]!;
      const gradient = slope[i]! + RIDGE * own;
      const next = Math.max(margin, own - gradient / (p[i]![i]! + RIDGE));
      violation = Math.max(violation, own > margin ? Math.abs(gradient) : -gradient);
      const change = next - own;
      if (change === 0) continue;
      u[i] = next;
      for (let j = 0; j < slope.length; j++) slope[j]! += p[j]![i]! * change;
    }
    if (violation <= TOLERANCE * scale) break;
  }
  return u;
}

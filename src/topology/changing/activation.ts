/**
 * How often each matching of a decomposition should be active, and with which weight: the two optimisations of MATCHA.
 *
 * L_j: Laplacian of matching j; p_j: its probability; L̄ = Σ p_j L_j; L̃ = Σ p_j (1 − p_j) L_j.
 */
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import type { Edge } from '../edges.js';

/** Steps of the ascent: as many as take some seconds. */
const STEPS = { least: 30, most: 400, work: 2e8 };
/** Steps of the search for the weight, each of which takes 38 % off what is left. */
const SECTIONS = 40;
const GOLDEN = (Math.sqrt(5) - 1) / 2;

/**
 * Probabilities p that maximise λ₂(Σ p_j L_j), the algebraic connectivity of the expected graph, with 0 ≤ p_j ≤ 1 and
 * Σ p_j ≤ budget (equation 4 of the paper). The function is concave; steps go along a supergradient, v₂ᵀ L_j v₂, and back into
 * the set, and the best of all is returned. Takes O(nodes³) time a step.
 */
export function activationOf(
  nodes: number,
  matchings: readonly (readonly Edge[])[],
  budget: number,
): Float64Array {
  const equal = new Float64Array(matchings.length).fill(budget / matchings.length);
  if (budget >= matchings.length || nodes < 3) return equal.map((share) => Math.min(1, share));
  const steps = Math.min(STEPS.most, Math.max(STEPS.least, Math.floor(STEPS.work / nodes ** 3)));
  let best: { readonly value: number; readonly probabilities: Float64Array } = {
    value: Number.NEGATIVE_INFINITY,
    probabilities: equal,
  };
  let probabilities: Float64Array = equal;
  for (let step = 1; step <= steps; step++) {
    const { value, vector } = slowest(laplacian(nodes, matchings, probabilities));
    if (value > best.value) best = { value, probabilities };
    const gradient = matchings.map((edges) =>
      edges.reduce((sum, [a, b]) => sum + (vector[a]! - vector[b]!) ** 2, 0),
    );
    const norm = Math.hypot(...gradient);
    if (norm === 0) break;
    const length = 0.5 / Math.sqrt(step) / norm;
    probabilities = projected(
      probabilities.map((p, j) => p + length * gradient[j]!),
      budget,
    );
  }
  return best.probabilities;
}

/** The nearest point with 0 ≤ p_j ≤ 1 and Σ p_j = budget: p_j − shift, cut to the interval. */
function projected(point: Float64Array, budget: number): Float64Array {
  const cut = (shift: number) => point.map((value) => Math.min(1, Math.max(0, value - shift)));
  let [low, high] = [-1, 1 + point.reduce((most, value) => Math.max(most, value), 0)];
  for (let step = 0; step < 100; step++) {
    const middle = (low + high) / 2;
    if (cut(middle).reduce((sum, value) => sum + value, 0) > budget) low = middle;
    else high = middle;
  }
  return cut(high);
}

/**
 * The weight α that minimises ρ = ‖E[WᵀW] − 11ᵀ/n‖ for W = I − α Σ_{j active} L_j, by golden section: ρ is convex in α
 * (Theorem 2 of the paper, where E[WᵀW] = I − 2α L̄ + α² (L̄² + 2 L̃)). Where the nodes are not connected, that of the largest
 * degree.
 */
export function weightOf(
  nodes: number,
  matchings: readonly (readonly Edge[])[],
  probabilities: Float64Array,
): number {
  const mean = laplacian(nodes, matchings, probabilities);
  const spread = laplacian(
    nodes,
    matchings,
    probabilities.map((p) => p * (1 - p)),
  );
  const square = Matrix.add(mean.mmul(mean), Matrix.mul(spread, 2));
  const rest = Matrix.sub(Matrix.eye(nodes), Matrix.ones(nodes, nodes).div(nodes));
  const rate = (alpha: number) =>
    largest(Matrix.add(rest, Matrix.mul(square, alpha * alpha)).sub(Matrix.mul(mean, 2 * alpha)));
  const { value, vector } = slowest(mean);
  if (nodes === 1 || !(value > 1e-12)) return 1 / (1 + matchings.length);
  // Beyond this, the slowest mode of the expected graph alone grows again.
  const column = Matrix.columnVector(vector);
  let [low, high] = [0, (2 * value) / column.transpose().mmul(square).mmul(column).get(0, 0)];
  for (let step = 0; step < SECTIONS; step++) {
    const [left, right] = [high - GOLDEN * (high - low), low + GOLDEN * (high - low)];
    if (rate(left) <= rate(right)) high = right;
    else low = left;
  }
  return (low + high) / 2;
}

/** Σ weights[j] L_j. */
function laplacian(nodes: number, matchings: readonly (readonly Edge[])[], weights: Float64Array): Matrix {
  const sum = Matrix.zeros(nodes, nodes);
  for (const [j, edges] of matchings.entries()) {
    for (const [a, b] of edges) {
      const weight = weights[j]!;
      sum.set(a, a, sum.get(a, a) + weight);
      sum.set(b, b, sum.get(b, b) + weight);
      sum.set(a, b, sum.get(a, b) - weight);
      sum.set(b, a, sum.get(b, a) - weight);
    }
  }
  return sum;
}

/** The second least eigenvalue of a Laplacian and its vector. Adding 11ᵀ takes the vector of ones away from the bottom. */
function slowest(matrix: Matrix): { readonly value: number; readonly vector: number[] } {
  const nodes = matrix.rows;
  const trace = Math.max(1, matrix.trace());
  const lifted = Matrix.add(matrix, Matrix.ones(nodes, nodes).mul(trace / nodes));
  const found = new EigenvalueDecomposition(lifted, { assumeSymmetric: true });
  const values = found.realEigenvalues;
  const place = values.reduce((least, value, k) => (value < values[least]! ? k : least), 0);
  return { value: values[place]!, vector: found.eigenvectorMatrix.getColumn(place) };
}

function largest(matrix: Matrix): number {
  const values = new EigenvalueDecomposition(matrix, { assumeSymmetric: true }).realEigenvalues;
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

/** The least eigenvalue of a large symmetric matrix, found from products of the matrix with vectors. */
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { Random } from '../random.js';

/** The search ends when the residual is below this fraction of the eigenvalue … */
const RELATIVE_RESIDUAL = 1e-5;
/** … or below what rounding leaves of a residual. */
const LEAST_RESIDUAL = 1e-14;
const ITERATIONS_MAX = 10_000;

/**
 * The least eigenvalue of a symmetric, positive semidefinite matrix on the complement of one of its eigenvectors, by
 * the locally optimal conjugate gradient method (Knyazev, SIAM Journal on Scientific Computing 23, 2001, with one
 * vector and no preconditioner): each step takes the best vector in the span of the present one, its residual and the
 * last step. It needs about the square root of the number of products that power iteration needs, which matters on a
 * ring. If it stops early, the result is too large, never too small, since it is a Rayleigh quotient.
 *
 * @param matrix.apply - matrix × vector
 * @param matrix.excluded - the eigenvector to leave out, of norm 1
 */
export function slowestMode(matrix: {
  readonly apply: (vector: Float64Array) => Float64Array;
  readonly excluded: Float64Array;
}): number {
  // Any start unrelated to the structure of the graph will do; a fixed one makes the result a function of the matrix.
  const random = new Random('spectral gap');
  const zero = { vector: matrix.excluded, image: new Float64Array(matrix.excluded.length) };
  const pairOf = (vector: Float64Array): Pair | undefined => {
    const rest = orthonormal({ vector, image: new Float64Array(vector.length) }, [zero]);
    return rest && { vector: rest.vector, image: matrix.apply(rest.vector) };
  };
  const start = pairOf(matrix.excluded.map(() => random.normal()));
  let basis = start ? [start] : [];
  let value = 0;
  for (let iteration = 0; iteration < ITERATIONS_MAX && basis.length > 0; iteration++) {
    const { least, weights } = smallestPair(basis);
    value = least;
    const best = combined(basis, weights);
    const residual = sum([best.image, best.vector], [1, -value]);
    if (Math.sqrt(dot(residual, residual)) <= Math.max(RELATIVE_RESIDUAL * value, LEAST_RESIDUAL)) break;
    // The part of the new vector that is not along the old one: the direction of the last step.
    const step = combined(basis.slice(1), weights.slice(1));
    basis = [];
    for (const candidate of [best, pairOf(residual), step]) {
      const next = candidate && orthonormal(candidate, basis);
      if (next) basis.push(next);
    }
  }
  return Math.max(0, value);
}

/** A vector and its product with the matrix. Both are combined with the same weights, so that a step costs one product. */
interface Pair {
  readonly vector: Float64Array;
  readonly image: Float64Array;
}

/** Rayleigh–Ritz: the least eigenvalue within the span of the basis, and the weights of its vector. */
function smallestPair(basis: readonly Pair[]): { least: number; weights: number[] } {
  const small = new Matrix(basis.map(({ vector }) => basis.map(({ image }) => dot(vector, image))));
  // Rounding makes the two halves differ in their last bits.
  const found = new EigenvalueDecomposition(Matrix.add(small, small.transpose()).mul(0.5), {
    assumeSymmetric: true,
  });
  const values = found.realEigenvalues;
  let best = 0;
  for (let k = 1; k < values.length; k++) if (values[k]! < values[best]!) best = k;
  return { least: values[best]!, weights: found.eigenvectorMatrix.getColumn(best) };
}

/** Gram–Schmidt, twice over for the sake of rounding; undefined for a vector that depends on the others. */
function orthonormal(pair: Pair, others: readonly Pair[]): Pair | undefined {
  const before = Math.sqrt(dot(pair.vector, pair.vector));
  if (before === 0) return undefined;
  let rest = combined([pair], [1 / before]);
  for (let pass = 0; pass < 2; pass++) {
    for (const other of others) rest = combined([rest, other], [1, -dot(rest.vector, other.vector)]);
  }
  const norm = Math.sqrt(dot(rest.vector, rest.vector));
  return norm > 1e-10 ? combined([rest], [1 / norm]) : undefined;
}

/** Σ weights[k] · pairs[k]; vectors of length 0 if there are no pairs. */
function combined(pairs: readonly Pair[], weights: readonly number[]): Pair {
  return {
    vector: sum(
      pairs.map(({ vector }) => vector),
      weights,
    ),
    image: sum(
      pairs.map(({ image }) => image),
      weights,
    ),
  };
}

function sum(vectors: readonly Float64Array[], weights: readonly number[]): Float64Array {
  const total = new Float64Array(vectors[0]?.length ?? 0);
  for (const [v, vector] of vectors.entries()) {
    const weight = weights[v]!;
    for (let k = 0; k < total.length; k++) total[k]! += weight * vector[k]!;
  }
  return total;
}

function dot(a: Float64Array, b: Float64Array): number {
  let total = 0;
  for (let k = 0; k < a.length; k++) total += a[k]! * b[k]!;
  return total;
}

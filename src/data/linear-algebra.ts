/** Linear algebra for generated data, in plain float64 arithmetic. */
import { assert } from '../errors.js';
import type { Random } from '../random.js';

/** The lower triangular C with C·Cᵀ = `matrix`, which must be symmetric and positive definite (asserted). */
export function cholesky(matrix: ReadonlyArray<readonly number[]>): number[][] {
  const factor = matrix.map((row) => row.map(() => 0));
  for (const [i, row] of matrix.entries()) {
    for (let j = 0; j <= i; j++) {
      let rest = row[j]!;
      for (let k = 0; k < j; k++) rest -= factor[i]![k]! * factor[j]![k]!;
      assert(
        i !== j || rest > 0,
        `expected a matrix with a Cholesky factor, got one that is not positive definite at ${i}`,
      );
      factor[i]![j] = i === j ? Math.sqrt(rest) : rest / factor[j]![j]!;
    }
  }
  return factor;
}

/**
 * `columns` orthonormal vectors of length `rows`, uniformly distributed, float64 [rows × columns], row-major: normal
 * vectors, orthogonalised one after the other (Gram–Schmidt, twice, which is enough for full precision).
 */
export function orthonormal(rows: number, columns: number, random: Random): Float64Array {
  assert(columns <= rows, `there are no ${columns} orthonormal vectors of length ${rows}`);
  const matrix = new Float64Array(rows * columns);
  for (let column = 0; column < columns; column++) {
    const vector = Float64Array.from({ length: rows }, () => random.normal());
    for (let pass = 0; pass < 2; pass++) {
      for (let other = 0; other < column; other++) {
        let product = 0;
        for (let r = 0; r < rows; r++) product += vector[r]! * matrix[r * columns + other]!;
        for (let r = 0; r < rows; r++) vector[r]! -= product * matrix[r * columns + other]!;
      }
    }
    const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
    for (let r = 0; r < rows; r++) matrix[r * columns + column] = vector[r]! / length;
  }
  return matrix;
}

/** One step of subspace iteration on a matrix, row-major float32, with all sums in float64 and in a fixed order. */

/** A matrix [rows × columns], and the number of columns of its factors. */
interface Shape {
  readonly rows: number;
  readonly columns: number;
  readonly rank: number;
}

/** P = M·start [columns × rank], with orthonormal columns, into `into` [rows × rank]. */
export function leftFactor(
  matrix: Float32Array,
  { rows, columns, rank }: Shape,
  { start, into }: { readonly start: Float64Array; readonly into: Float32Array },
): void {
  const product = new Float64Array(rows * rank);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      const value = matrix[i * columns + j]!;
      for (let r = 0; r < rank; r++) product[i * rank + r]! += value * start[j * rank + r]!;
    }
  }
  orthonormalize(product, rows, rank);
  into.set(product);
}

/** Q = Mᵀ·P, into `into` [columns × rank]. */
export function rightFactor(
  matrix: Float32Array,
  { rows, columns, rank }: Shape,
  { left, into }: { readonly left: Float32Array; readonly into: Float32Array },
): void {
  const product = new Float64Array(columns * rank);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      const value = matrix[i * columns + j]!;
      for (let r = 0; r < rank; r++) product[j * rank + r]! += value * left[i * rank + r]!;
    }
  }
  into.set(product);
}

/** P·Qᵀ, into `into` [rows × columns]; `factors` is P, then Q. */
export function approximation(
  factors: Float32Array,
  { rows, columns, rank }: Shape,
  into: Float32Array,
): void {
  const right = factors.subarray(rows * rank);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      let sum = 0;
      for (let r = 0; r < rank; r++) sum += factors[i * rank + r]! * right[j * rank + r]!;
      into[i * columns + j] = sum;
    }
  }
}

/**
 * Makes the columns of a matrix [rows × rank] orthonormal (modified Gram–Schmidt, each column twice). A column of which less than
 * 10⁻¹⁰ is left beside the columns before it has no direction of its own, and becomes 0.
 */
function orthonormalize(columns: Float64Array, rows: number, rank: number): void {
  for (let r = 0; r < rank; r++) {
    const before = lengthOf(columns, { rows, rank, r });
    for (let pass = 0; pass < 2; pass++) {
      for (let q = 0; q < r; q++) {
        let overlap = 0;
        for (let i = 0; i < rows; i++) overlap += columns[i * rank + q]! * columns[i * rank + r]!;
        for (let i = 0; i < rows; i++) columns[i * rank + r]! -= overlap * columns[i * rank + q]!;
      }
    }
    const length = lengthOf(columns, { rows, rank, r });
    const factor = length <= 1e-10 * before ? 0 : 1 / length;
    for (let i = 0; i < rows; i++) columns[i * rank + r]! *= factor;
  }
}

function lengthOf(
  columns: Float64Array,
  { rows, rank, r }: { readonly rows: number; readonly rank: number; readonly r: number },
): number {
  let sum = 0;
  for (let i = 0; i < rows; i++) sum += columns[i * rank + r]! ** 2;
  return Math.sqrt(sum);
}

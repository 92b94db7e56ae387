/**
 * Powers with whole-number exponents, in products only, since the last bit of `Math.pow` is not fixed across engines. The
 * two functions round differently, and committed results depend on both.
 */

/** base^exponent by squaring: about 2·log₂(exponent) products. @public */
export function powerBySquaring(base: number, exponent: number): number {
  let result = 1;
  let square = base;
  for (let rest = exponent; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result *= square;
    square *= square;
  }
  return result;
}

/** base^exponent as 1 · base · base · …: the same product as multiplying by `base` in each of the steps. @public */
export function powerByProducts(base: number, exponent: number): number {
  let result = 1;
  for (let k = 0; k < exponent; k++) result *= base;
  return result;
}

/** Factors on a step size from round to round, in sums and products only: the same bits in every engine. */
import { powerByProducts } from '../models/powers.js';

/** Terms of the series below: the first that is left out is under 1e-19 for angles up to π/2. */
const TERMS = 12;

/**
 * (1 + cos(π · share)) / 2 = cos²(π · share / 2): 1 at 0, ½ at ½, 0 from 1 on. By the power series of the cosine, in
 * sums and products only, since the last bit of `Math.cos` is not fixed across engines.
 */
export function halfCosine(share: number): number {
  if (share >= 1) return 0;
  const angle = (Math.PI * share) / 2;
  let term = 1;
  let cosine = 1;
  for (let k = 1; k <= TERMS; k++) {
    term *= -(angle * angle) / (2 * k * (2 * k - 1));
    cosine += term;
  }
  return cosine * cosine;
}

/** factor^round, the factor of a step size that is multiplied by `factor` in each round. */
export function decay(factor: number, round: number): number {
  return powerByProducts(factor, round);
}

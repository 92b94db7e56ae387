/**
 * Learned mixing: weights as the softmax of logits, what they make of the neighbours' vectors, and the gradient of a
 * loss with respect to the logits. All in float64; the vectors are float32.
 */
import { byNumber, dot, weightedSum } from '../../learning/vectors.js';

/**
 * What nodes exchange, and how weights w become params. `update`: vectors are Δ_j, the way back from what j came to,
 * and θ ← θ − Σ w_j Δ_j. `model`: vectors are models, and θ ← Σ w_j θ_j.
 */
export type MixingForm = 'update' | 'model';

/** What a node mixes in a round: its own vector and those that have arrived, in ascending order of nodes. */
export interface Mixture {
  readonly members: readonly number[];
  readonly vectors: readonly Float32Array[];
}

/** Own and received vectors in ascending order of nodes. */
export function mixtureOf(
  own: { readonly id: number; readonly vector: Float32Array },
  received: ReadonlyArray<{ readonly from: number; readonly vector: Float32Array }>,
): Mixture {
  const all = [{ from: own.id, vector: own.vector }, ...received].sort((a, b) => byNumber(a.from, b.from));
  return { members: all.map(({ from }) => from), vectors: all.map(({ vector }) => vector) };
}

/** a − b, float32. */
export function difference(a: Float32Array, b: Float32Array): Float32Array {
  const result = new Float32Array(a.length);
  for (let i = 0; i < a.length; i++) result[i] = a[i]! - b[i]!;
  return result;
}

/** e^a_k / Σ e^a_m. The same for a + c. */
export function softmax(logits: ArrayLike<number>): Float64Array {
  let highest = Number.NEGATIVE_INFINITY;
  for (let k = 0; k < logits.length; k++) highest = Math.max(highest, logits[k]!);
  const weights = Float64Array.from(logits, (logit) => Math.exp(logit - highest));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

/** The params that weights make of a mixture, from the params `start` of before: float32. */
export function mixed(
  form: MixingForm,
  start: Float32Array,
  { vectors }: Mixture,
  weights: Float64Array,
): Float32Array {
  if (form === 'model') return weightedSum(vectors, weights);
  return weightedSum([start, ...vectors], [1, ...weights.map((weight) => -weight)]);
}

/**
 * ∂L/∂a of L(mixed(softmax(a))) from the gradient of L at the mixed params: ∂L/∂w_j = ∓⟨g, v_j⟩, and
 * ∂L/∂a_j = w_j (∂L/∂w_j − Σ_m w_m ∂L/∂w_m). Sums to 0.
 */
export function logitGradient(
  form: MixingForm,
  gradient: Float32Array,
  { vectors }: Mixture,
  weights: Float64Array,
): Float64Array {
  const sign = form === 'update' ? -1 : 1;
  const ofWeights = vectors.map((vector) => sign * dot(gradient, vector));
  const mean = ofWeights.reduce((sum, value, k) => sum + weights[k]! * value, 0);
  return weights.map((weight, k) => weight * (ofWeights[k]! - mean));
}

/** `self` and the `keep` other members of the largest weights, ties to the lowest node; ascending. */
export function strongest(
  members: readonly number[],
  weights: ArrayLike<number>,
  { self, keep }: { readonly self: number; readonly keep: number },
): number[] {
  const others = members
    .map((node, k) => ({ node, weight: weights[k]! }))
    .filter(({ node }) => node !== self)
    .sort((a, b) => byNumber(b.weight, a.weight) || byNumber(a.node, b.node));
  return [self, ...others.slice(0, keep).map(({ node }) => node)].sort(byNumber);
}

/** How a student learns from other models on public rows: soft targets, and the losses for them. Plain loops. */
import { assert } from '../../errors.js';

/** The predictions of a model on some rows. */
export interface Predictions {
  /** Embeddings, not normalised, float32 [rows × E]; empty where they are not needed. */
  readonly embeddings: Float32Array;
  /** Class probabilities of heads 0 … m − 1, float32 [m × rows × classes]. */
  readonly probabilities: Float32Array;
}

/** A loss, and its gradient, float32. */
interface LossGradient {
  readonly loss: number;
  readonly gradient: Float32Array;
}

/** The least float32 of full precision: probabilities below it count as it under a logarithm. */
const TINY = 2 ** -126;
/** Embeddings shorter than this have no direction. */
const SHORT = 1e-12;

/** Part k of an array that consists of parts of equal length. */
export function levelOf(values: Float32Array, k: number, length: number): Float32Array {
  return values.subarray(k * length, (k + 1) * length);
}

/**
 * The target of every row: the prediction of the most confident candidate, float32 [rows × classes]. The most
 * confident candidate is the one with the largest class probability; ties go to the first.
 */
export function mostConfident(candidates: readonly Float32Array[], classes: number): Float32Array {
  const best = candidates.map((candidate) => largest(candidate, classes));
  return chosen(candidates, classes, (row) => {
    let first = 0;
    for (let c = 1; c < candidates.length; c++) if (best[c]![row]! > best[first]![row]!) first = c;
    return first;
  });
}

/** The target of every row, `picks[row]` being the candidate whose prediction it is: float32 [rows × classes]. */
export function pickedTargets(
  candidates: readonly Float32Array[],
  classes: number,
  picks: Uint8Array,
): Float32Array {
  return chosen(candidates, classes, (row) => picks[row]!);
}

function chosen(
  candidates: readonly Float32Array[],
  classes: number,
  choice: (row: number) => number,
): Float32Array {
  assert(candidates.length > 0, 'a target needs a candidate');
  const targets = new Float32Array(candidates[0]!.length);
  for (let row = 0; row * classes < targets.length; row++) {
    const from = row * classes;
    targets.set(candidates[choice(row)]!.subarray(from, from + classes), from);
  }
  return targets;
}

/** The largest of each row's probabilities. */
function largest(probabilities: Float32Array, classes: number): Float32Array {
  const result = new Float32Array(probabilities.length / classes);
  for (let i = 0; i < probabilities.length; i++) {
    const row = Math.floor(i / classes);
    if (probabilities[i]! > result[row]!) result[row] = probabilities[i]!;
  }
  return result;
}

/**
 * Mean over the rows of CE(p, t) = −Σ_c t_c log p_c, and `weight` × its gradient by the logits of p: weight (p − t) / rows.
 * The targets are constants.
 */
export function softCrossEntropy(
  probabilities: Float32Array,
  targets: Float32Array,
  { rows, weight }: { rows: number; weight: number },
): LossGradient {
  const gradient = new Float32Array(probabilities.length);
  let sum = 0;
  for (let i = 0; i < probabilities.length; i++) {
    const target = targets[i]!;
    if (target > 0) sum -= target * Math.log(Math.max(probabilities[i]!, TINY));
    gradient[i] = ((probabilities[i]! - target) * weight) / rows;
  }
  return { loss: sum / rows, gradient };
}

/**
 * Mean over the rows of Σ_j ‖x̂ − x̂_j‖², x̂ = x / ‖x‖, the sum over the teachers, and `weight` × its gradient by x; the
 * teachers' embeddings are constants. An embedding of length 0 stays as it is, and has no gradient.
 * @param own float32 [rows × width]
 */
export function embeddingLoss(
  own: Float32Array,
  teachers: readonly Float32Array[],
  { width, weight }: { width: number; weight: number },
): LossGradient {
  const rows = own.length / width;
  const gradient = new Float32Array(own.length);
  let sum = 0;
  for (let row = 0; row < rows; row++) {
    const at = { from: row * width, width };
    const norm = Math.max(normOf(own, at), SHORT);
    const unit = Float64Array.from({ length: width }, (_, e) => own[at.from + e]! / norm);
    const pull = new Float64Array(width);
    for (const teacher of teachers) {
      const other = Math.max(normOf(teacher, at), SHORT);
      for (let e = 0; e < width; e++) {
        const difference = unit[e]! - teacher[at.from + e]! / other;
        sum += difference * difference;
        pull[e]! += 2 * difference;
      }
    }
    if (norm === SHORT) continue;
    // ∂x̂/∂x = (I − x̂x̂ᵀ) / ‖x‖
    let along = 0;
    for (let e = 0; e < width; e++) along += unit[e]! * pull[e]!;
    const factor = weight / (rows * norm);
    for (let e = 0; e < width; e++) gradient[at.from + e] = factor * (pull[e]! - along * unit[e]!);
  }
  return { loss: sum / rows, gradient };
}

function normOf(values: Float32Array, { from, width }: { from: number; width: number }): number {
  let square = 0;
  for (let i = from; i < from + width; i++) square += values[i]! * values[i]!;
  return Math.sqrt(square);
}

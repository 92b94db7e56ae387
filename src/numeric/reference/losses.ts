/** Probabilities, losses and scores, as in `c/losses.c`. */
import { exp32, log64 } from './functions.js';
import type { Operands } from './operands.js';

const { fround } = Math;

/** Writes e^(logit − greatest) to `out`; returns the float32 sum of them, and the greatest logit. */
function exponentials(out: Float32Array, logits: Float32Array): { total: number; greatest: number } {
  let greatest = logits[0]!;
  for (let c = 1; c < logits.length; c++) if (logits[c]! > greatest) greatest = logits[c]!;
  let total = 0;
  for (let c = 0; c < logits.length; c++) {
    out[c] = exp32(fround(logits[c]! - greatest));
    total = fround(total + out[c]!);
  }
  return { total, greatest };
}

export function softmax(at: Operands): void {
  const [out, logits] = [at.floats(), at.floats()];
  const [rows, classes] = [at.whole(), at.whole()];
  for (let from = 0; from < rows * classes; from += classes) {
    const row = out.subarray(from, from + classes);
    const { total } = exponentials(row, logits.subarray(from, from + classes));
    for (let c = 0; c < classes; c++) row[c]! /= total;
  }
}

export function crossEntropy(at: Operands): void {
  const [gradient, loss] = [at.floats(), at.doubles()];
  const [logits, labels] = [at.floats(), at.words()];
  const [rows, classes] = [at.whole(), at.whole()];
  let sum = 0;
  for (let r = 0; r < rows; r++) {
    const own = logits.subarray(r * classes, (r + 1) * classes);
    const row = gradient.subarray(r * classes, (r + 1) * classes);
    const label = labels[r]!;
    const { total, greatest } = exponentials(row, own);
    sum += log64(total) - fround(own[label]! - greatest);
    for (let c = 0; c < classes; c++) row[c]! /= total;
    row[label]! -= 1;
    for (let c = 0; c < classes; c++) row[c]! /= rows;
  }
  loss[0] = sum;
}

export function score(at: Operands): void {
  const [totals, room] = [at.doubles(), at.floats()];
  const [logits, labels] = [at.floats(), at.words()];
  const [rows, classes] = [at.whole(), at.whole()];
  for (let r = 0; r < rows; r++) {
    const own = logits.subarray(r * classes, (r + 1) * classes);
    let best = 0;
    for (let c = 1; c < classes; c++) if (own[c]! > own[best]!) best = c;
    const { total, greatest } = exponentials(room.subarray(0, classes), own);
    totals[0]! += log64(total) - fround(own[labels[r]!]! - greatest);
    totals[1]! += best === labels[r] && Number.isFinite(total) ? 1 : 0;
  }
}

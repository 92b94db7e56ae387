/** Losses of simple models in float64, written a second time without tensors. */
import type { ModelSpec } from '../../src/models/model.js';

/** Mean loss over the rows of a batch. */
export function referenceLoss(
  spec: ModelSpec,
  params: ArrayLike<number>,
  features: number[][],
  labels: number[],
): number {
  const lossOf = { quadratic: quadraticLoss, 'linear-representation': linearLoss }[spec.use];
  const losses = features.map((row, b) =>
    lossOf ? lossOf(params, row, labels[b]!) : crossEntropy(spec, params, row, labels[b]!),
  );
  return losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
}

function quadraticLoss(x: ArrayLike<number>, [a, ...b]: number[]): number {
  return (a! / 2) * b.reduce((sum, target, i) => sum + (x[i]! - target) ** 2, 0);
}

/** (wᵀBᵀx − y)² / 2, B [4 × 2] row-major, then w [2]. */
function linearLoss(params: ArrayLike<number>, row: number[], target: number): number {
  const represented = [0, 1].map((k) => row.reduce((sum, x, i) => sum + x * params[2 * i + k]!, 0));
  return (represented[0]! * params[8]! + represented[1]! * params[9]! - target) ** 2 / 2;
}

function crossEntropy(spec: ModelSpec, params: ArrayLike<number>, row: number[], label: number): number {
  const { hidden = [], bias: biased = true } = spec.options as { hidden?: number[]; bias?: boolean };
  const widths = [row.length, ...hidden, spec.classes];
  let offset = 0;
  let values = row;
  for (let layer = 1; layer < widths.length; layer++) {
    const [inputs, outputs] = [widths[layer - 1]!, widths[layer]!];
    const bias = offset + inputs * outputs;
    const sums = Array.from({ length: outputs }, (_, o) =>
      values.reduce(
        (sum, value, i) => sum + value * params[offset + i * outputs + o]!,
        biased ? params[bias + o]! : 0,
      ),
    );
    values = layer < widths.length - 1 ? sums.map((sum) => Math.max(0, sum)) : sums;
    offset = biased ? bias + outputs : bias;
  }
  return Math.log(values.reduce((sum, logit) => sum + Math.exp(logit), 0)) - values[label]!;
}

/** Central difference of the mean loss by one param. */
export function finiteDifference(
  spec: ModelSpec,
  at: { params: Float32Array; features: number[][]; labels: number[] },
  param: number,
): number {
  const step = 1e-5;
  const lossAt = (shift: number) => {
    const params = Float64Array.from(at.params);
    params[param]! += shift;
    return referenceLoss(spec, params, at.features, at.labels);
  };
  return (lossAt(step) - lossAt(-step)) / (2 * step);
}

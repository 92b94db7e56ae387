/** The steps of Per-FedAvg on a loss that is no quadratic, against gradients and Hessians in float64. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadBackend } from '../compute/backend.js';
import { taskContext } from '../compute/run-group.js';
import type { Dataset } from '../data/dataset.js';
import { Random } from '../random.js';
import { metaTrain } from './meta-train.js';

const [FEATURES, CLASSES, ROWS, BATCH] = [2, 3, 24, 2];
const random = new Random('meta-train');
const dataset: Dataset = {
  id: 'points',
  shape: [FEATURES],
  features: Float32Array.from({ length: FEATURES * ROWS }, () => 2 * random.uniform() - 1),
  scale: 1,
  labels: Int32Array.from({ length: ROWS }, () => random.integer(CLASSES)),
  classes: CLASSES,
  train: ROWS,
  test: 0,
};
const model = { use: 'softmax', options: {}, input: [FEATURES], classes: CLASSES };

/** Gradient of the mean cross-entropy over rows: W[f][c] at f·CLASSES + c, then the biases. */
function gradient(w: readonly number[], rows: readonly number[]): number[] {
  const sum = w.map(() => 0);
  for (const row of rows) {
    const x = [...dataset.features.subarray(row * FEATURES, (row + 1) * FEATURES), 1];
    const logits = Array.from({ length: CLASSES }, (_, c) =>
      x.reduce((total, value, f) => total + value * w[f * CLASSES + c]!, 0),
    );
    const parts = logits.map(Math.exp);
    const total = parts.reduce((a, b) => a + b, 0);
    for (const [f, value] of x.entries())
      for (const [c, part] of parts.entries())
        sum[f * CLASSES + c]! += (value * (part / total - (dataset.labels[row] === c ? 1 : 0))) / rows.length;
  }
  return sum;
}

const along = (w: readonly number[], direction: readonly number[], scale: number) =>
  w.map((value, i) => value + scale * direction[i]!);

/** H v: the derivative of the gradient along v, by Richardson's extrapolation in float64. */
function hessianTimes(w: readonly number[], v: readonly number[], rows: readonly number[]): number[] {
  const difference = (h: number) => {
    const [ahead, behind] = [gradient(along(w, v, h), rows), gradient(along(w, v, -h), rows)];
    return ahead.map((value, i) => (value - behind[i]!) / (2 * h));
  };
  const [coarse, fine] = [difference(1e-3), difference(5e-4)];
  return fine.map((value, i) => (4 * value - coarse[i]!) / 3);
}

const [ALPHA, BETA, STEPS] = [0.7, 0.4, 4];
const rows = Uint32Array.from({ length: 3 * BATCH * STEPS }, (_, k) => k);
const start = Float32Array.from({ length: (FEATURES + 1) * CLASSES }, () => random.uniform() - 0.5);

/** Each step has batches of its own for the three places. */
function reference(variant: string): number[] {
  let w = Array.from(start);
  for (let step = 0; step < STEPS; step++) {
    const batch = (set: number) =>
      Array.from({ length: BATCH }, (_, k) => rows[(3 * step + set) * BATCH + k]!);
    const ahead = along(w, gradient(w, batch(0)), -ALPHA);
    const v = gradient(ahead, batch(1));
    const correction = variant === 'first-order' ? w.map(() => 0) : hessianTimes(w, v, batch(2));
    w = along(along(w, v, -BETA), correction, ALPHA * BETA);
  }
  return w;
}

const gap = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Math.max(...Array.from(a, (value, i) => Math.abs(value - b[i]!)));

for (const variant of ['first-order', 'hessian-free'] as const) {
  test(`${variant} steps are those of the equations, each gradient on its own batch and at its own point`, async () => {
    const { tf } = await loadBackend('cpu');
    const input = {
      model,
      params: start,
      rows,
      batch: BATCH,
      variant,
      innerRate: ALPHA,
      rate: BETA,
      delta: 1e-2,
    };
    const [output] = metaTrain.run([input], taskContext(tf, { dataset }));
    const distance = gap(output!.params, reference(variant));
    assert.ok(distance < 1e-4, `${distance}`);
  });
}

test('the two variants differ here by more than they may from the equations', () => {
  assert.ok(gap(reference('first-order'), reference('hessian-free')) > 1e-2);
});

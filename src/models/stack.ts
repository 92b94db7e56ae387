/** Between plain data and stacks of tensors: params, rows of a dataset, labels. */
import type * as tf from '@tensorflow/tfjs-core';
import { type Dataset, lengthOf, type View } from '../data/dataset.js';
import type { Labels, Slice } from './model.js';

type Engine = typeof tf;

/** One float32 tensor [nodes, …shape] a slice, from flat arrays of one node each; `shift` params into each array. */
export function stackSlices(
  engine: Engine,
  slices: readonly Slice[],
  arrays: readonly Float32Array[],
  shift = 0,
): tf.Tensor[] {
  return slices.map((slice) => {
    const stacked = new Float32Array(arrays.length * slice.length);
    for (const [n, array] of arrays.entries()) {
      const from = shift + slice.offset;
      stacked.set(array.subarray(from, from + slice.length), n * slice.length);
    }
    return engine.tensor(stacked, [arrays.length, ...slice.shape]);
  });
}

/** The inverse of {@link stackSlices}: writes node n's part of each tensor into `arrays[n]`. */
export function unstackSlices(
  slices: readonly Slice[],
  tensors: readonly tf.Tensor[],
  arrays: readonly Float32Array[],
  shift = 0,
): void {
  for (const [s, slice] of slices.entries()) {
    const stacked = tensors[s]!.dataSync() as Float32Array;
    for (const [n, array] of arrays.entries()) {
      array.set(stacked.subarray(n * slice.length, (n + 1) * slice.length), shift + slice.offset);
    }
  }
}

/**
 * The rows `rowsOf[n][from … from + batch)` of every node, as each node sees them: features float32
 * [nodes, batch, …shape], and labels or targets [nodes × batch].
 */
export function gatherBatch(
  engine: Engine,
  dataset: Dataset,
  rowsOf: readonly Uint32Array[],
  range: { from: number; batch: number },
  views: ReadonlyArray<View | undefined> = [],
): { features: tf.Tensor; labels: Labels } {
  const { from, batch } = range;
  const length = lengthOf(dataset.shape);
  const features = new Float32Array(rowsOf.length * batch * length);
  const labels = new Int32Array(rowsOf.length * batch);
  const targets = new Float32Array(dataset.targets ? rowsOf.length * batch : 0);
  const { scale, features: stored, attributes = 1 } = dataset;
  let out = 0;
  for (const [n, rows] of rowsOf.entries()) {
    const { attribute = 0, labels: names, features: places } = views[n] ?? {};
    for (let b = 0; b < batch; b++) {
      const row = rows[from + b]!;
      const label = dataset.labels[row * attributes + attribute]!;
      labels[n * batch + b] = names ? names[label]! : label;
      if (dataset.targets) targets[n * batch + b] = dataset.targets[row]!;
      const start = row * length;
      if (places) for (let i = 0; i < length; i++) features[out++] = stored[start + places[i]!]! * scale;
      else for (let i = start; i < start + length; i++) features[out++] = stored[i]! * scale;
    }
  }
  return {
    features: engine.tensor(features, [rowsOf.length, batch, ...dataset.shape]),
    labels: dataset.targets ? targets : labels,
  };
}

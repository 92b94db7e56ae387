/** Conversions between plain data and stacks of tensors: params, rows of a dataset, labels. */
import type * as tf from '@tensorflow/tfjs-core';
import { type Dataset, lengthOf, type View } from '../data/dataset.js';
import type { Labels, Slice } from './model.js';

type Engine = typeof tf;

/**
 * One float32 tensor [nodes, …slice.shape] for each slice, from the flat params of each node.
 * @param shift where the params begin in each array
 * @public
 */
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

/** The inverse of {@link stackSlices}: writes the part of node n of each tensor into `arrays[n]`. @public */
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

/** The rows that one node of a stack works on. @public */
export interface NodeRows {
  /** Rows of the dataset. */
  readonly rows: Uint32Array;
  /** How the node sees them; by default as they are stored. */
  readonly view?: View | undefined;
}

/**
 * The rows `rows[from … from + batch)` of every node of a stack, as each node sees them: features float32
 * [nodes, batch, …shape], and labels or targets, row-major [nodes × batch].
 * @public
 */
export function gatherBatch(
  engine: Engine,
  dataset: Dataset,
  nodes: readonly NodeRows[],
  { from, batch }: { readonly from: number; readonly batch: number },
): { features: tf.Tensor; labels: Labels } {
  const length = lengthOf(dataset.shape);
  const features = new Float32Array(nodes.length * batch * length);
  const labels = new Int32Array(nodes.length * batch);
  const targets = new Float32Array(dataset.targets ? nodes.length * batch : 0);
  const { scale, features: stored, attributes = 1 } = dataset;
  let out = 0;
  for (const [n, { rows, view }] of nodes.entries()) {
    const { attribute = 0, labels: names, features: places } = view ?? {};
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
    features: engine.tensor(features, [nodes.length, batch, ...dataset.shape]),
    labels: dataset.targets ? targets : labels,
  };
}

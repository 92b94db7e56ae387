/** The task that computes a gradient without taking a step: on given rows, for one group of params. */
import type { TaskDefinition } from '../compute/task.js';
import type { Dataset, View } from '../data/dataset.js';
import { buildModel } from '../models/index.js';
import type { ModelSpec, Trainable } from '../models/model.js';
import { gatherBatch, stackSlices, unstackSlices } from '../models/stack.js';

/** Plain data; `rows` are rows of the constant `dataset`. @public */
export interface GradientInput {
  readonly model: ModelSpec;
  readonly params: Float32Array;
  readonly rows: Uint32Array;
  readonly view?: View | undefined;
  readonly trainable: Trainable;
}

/** Gradient of the mean loss over the rows, float32 [params], zero outside the group; and that loss. @public */
export interface GradientOutput {
  readonly gradient: Float32Array;
  readonly loss: number;
}

/** How many rows are computed at once. Fixed, so that the same rows give the same bits. */
const ROWS_MAX = 256;

/** The gradient of the mean loss on rows that a node names, for one group of params, and that loss. @public */
export const gradientOf: TaskDefinition<GradientInput, GradientOutput> = {
  id: 'gradient',
  module: import.meta.url,
  export: 'gradientOf',
  group: (input) => JSON.stringify([input.model, input.rows.length, input.trainable]),
  flops(input) {
    const { forward, backward } = buildModel(input.model).flops;
    return input.rows.length * (forward + backward);
  },
  footprint: (input) => 8 * input.params.length,
  run(inputs, { tf, constant }) {
    const { model: spec, trainable, rows } = inputs[0]!;
    const model = buildModel(spec);
    const dataset = constant('dataset') as Dataset;
    const params = stackSlices(
      tf,
      model.slices,
      inputs.map((input) => input.params),
    );
    const sums = inputs.map(() => new Float64Array(model.length));
    const losses = inputs.map(() => 0);
    for (let from = 0; from < rows.length; from += ROWS_MAX) {
      const batch = Math.min(ROWS_MAX, rows.length - from);
      const parts = inputs.map(() => new Float32Array(model.length));
      tf.tidy(() => {
        const { features, labels } = gatherBatch(tf, dataset, inputs, { from, batch });
        const { loss, slices } = model.gradient(tf, { params, features, labels, trainable });
        const wanted = model.slices.flatMap((slice, s) => (slices[s] ? [{ slice, tensor: slices[s] }] : []));
        unstackSlices(
          wanted.map(({ slice }) => slice),
          wanted.map(({ tensor }) => tensor),
          parts,
        );
        const means = loss.dataSync();
        for (const n of inputs.keys()) losses[n]! += means[n]! * batch;
      });
      for (const [n, part] of parts.entries()) {
        const sum = sums[n]!;
        for (let i = 0; i < part.length; i++) sum[i]! += part[i]! * batch;
      }
    }
    tf.dispose(params);
    return inputs.map((_, n) => ({
      gradient: meanOf(sums[n]!, rows.length),
      loss: losses[n]! / rows.length,
    }));
  },
};

/** A loop: `Float32Array.from` with a function is ten times slower. */
function meanOf(sum: Float64Array, count: number): Float32Array {
  const mean = new Float32Array(sum.length);
  for (let i = 0; i < mean.length; i++) mean[i] = sum[i]! / count;
  return mean;
}

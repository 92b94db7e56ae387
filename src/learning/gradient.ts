/** The task that computes a gradient without taking a step: on given rows, for one group of params. */
import type * as tf from '@tensorflow/tfjs-core';
import type { TaskDefinition } from '../compute/task.js';
import type { Dataset, View } from '../data/dataset.js';
import { buildModel } from '../models/index.js';
import type { Model, ModelSpec, Trainable } from '../models/model.js';
import { gatherBatch, stackSlices, unstackSlices } from '../models/stack.js';
import { batchKind, gradientProgram, rowsAt } from '../models/step-programs.js';
import type { Block, Frame, Machine } from '../numeric/machine.js';
import { outline } from '../outline.js';

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
export const ROWS_MAX = 256;

/** The gradient of the mean loss on rows that a node names, for one group of params, and that loss. @public */
export const gradientOf: TaskDefinition<GradientInput, GradientOutput> = {
  id: 'gradient',
  module: import.meta.url,
  export: 'gradientOf',
  group: (input) => JSON.stringify([input.model, input.rows.length, input.trainable]),
  byProgram: ({ model }) => buildModel(model).program !== undefined,
  flops(input) {
    const { forward, backward } = buildModel(input.model).flops;
    return input.rows.length * (forward + backward);
  },
  gradients: ({ rows }) => ({ steps: 1, samples: rows.length }),
  footprint: (input) => 8 * input.params.length,
  outline: ({ params }) => ({ gradient: outline(params.length), loss: Number.NaN }),
  run(inputs, context) {
    const { machine } = context;
    const model = buildModel(inputs[0]!.model);
    const dataset = context.constant('dataset') as Dataset;
    if (machine && model.program) {
      return inputs.map((input) => gradientByProgram(machine, model, dataset, input));
    }
    return gradientsByTensors(context.tf, model, dataset, inputs);
  },
};

function gradientByProgram(
  machine: Machine,
  model: Model,
  dataset: Dataset,
  input: GradientInput,
): GradientOutput {
  const { length } = input.rows;
  return machine.frame((frame) => {
    const params = frame.read(input.params);
    const rows = rowsAt(frame, dataset, input);
    const part = frame.floats(model.length);
    part.numbers.fill(0);
    const loss = frame.doubles(1);
    const isOnePart = length > 0 && length <= ROWS_MAX;
    const sum = new Float64Array(isOnePart ? 0 : model.length);
    let lossSum = 0;
    for (let from = 0; from < length; from += ROWS_MAX) {
      const samples = Math.min(ROWS_MAX, length - from);
      const kind = { ...batchKind(dataset, input, samples), trainable: input.trainable };
      machine.run(gradientProgram(model, kind), {
        ...rows.from(from),
        params,
        state: part.address,
        results: loss.address,
      });
      if (!isOnePart) addTimes(sum, part.numbers, samples);
      lossSum += loss.numbers[0]!;
    }
    const gradient = isOnePart ? keptWithoutMinusZero(frame, part) : meanOf(sum, length);
    return { gradient, loss: lossSum / length };
  });
}

/** The mean over a single part: exactly its numbers, but 0 for −0, as a sum that begins at 0 has it. */
function keptWithoutMinusZero(frame: Frame, part: Block<Float32Array>): Float32Array {
  const { numbers } = part;
  for (let i = 0; i < numbers.length; i++) numbers[i]! += 0;
  return frame.keep(part);
}

function gradientsByTensors(
  engine: typeof tf,
  model: Model,
  dataset: Dataset,
  inputs: readonly GradientInput[],
): GradientOutput[] {
  const { trainable, rows } = inputs[0]!;
  const params = stackSlices(
    engine,
    model.slices,
    inputs.map((input) => input.params),
  );
  const sums = inputs.map(() => new Float64Array(model.length));
  const losses = inputs.map(() => 0);
  for (let from = 0; from < rows.length; from += ROWS_MAX) {
    const batch = Math.min(ROWS_MAX, rows.length - from);
    const parts = inputs.map(() => new Float32Array(model.length));
    engine.tidy(() => {
      const { features, labels } = gatherBatch(engine, dataset, inputs, { from, batch });
      const { loss, slices } = model.gradient(engine, { params, features, labels, trainable });
      const wanted = model.slices.flatMap((slice, s) => (slices[s] ? [{ slice, tensor: slices[s] }] : []));
      unstackSlices(
        wanted.map(({ slice }) => slice),
        wanted.map(({ tensor }) => tensor),
        parts,
      );
      const means = loss.dataSync();
      for (const n of inputs.keys()) losses[n]! += means[n]! * batch;
    });
    for (const [n, part] of parts.entries()) addTimes(sums[n]!, part, batch);
  }
  engine.dispose(params);
  return inputs.map((_, n) => ({
    gradient: meanOf(sums[n]!, rows.length),
    loss: losses[n]! / rows.length,
  }));
}

/** sum ← sum + factor · part. */
function addTimes(sum: Float64Array, part: Float32Array, factor: number): void {
  for (let i = 0; i < part.length; i++) sum[i]! += part[i]! * factor;
}

/** A loop: `Float32Array.from` with a function is ten times slower. */
function meanOf(sum: Float64Array, count: number): Float32Array {
  const mean = new Float32Array(sum.length);
  for (let i = 0; i < mean.length; i++) mean[i] = sum[i]! / count;
  return mean;
}

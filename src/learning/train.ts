/** The task that every gradient method shares: some steps of an optimiser on batches of a shard. */
import type * as tf from '@tensorflow/tfjs-core';
import type { TaskContext, TaskDefinition } from '../compute/task.js';
import type { Dataset, View } from '../data/dataset.js';
import { buildModel } from '../models/index.js';
import type { Gradient, Model, ModelSpec, Trainable } from '../models/model.js';
import {
  gradientScale,
  type OptimizerSpec,
  optimizerFlops,
  optimizerStep,
  stateArrays,
} from '../models/optimizers.js';
import { gatherBatch, stackSlices, unstackSlices } from '../models/stack.js';
import { byNumber } from './vectors.js';

/** Plain data; `rows` has `steps × batch` rows of the constant `dataset`, batch after batch. */
export interface TrainInput {
  readonly model: ModelSpec;
  readonly params: Float32Array;
  readonly rows: Uint32Array;
  readonly batch: number;
  /** How the node sees the rows. */
  readonly view?: View | undefined;
  readonly optimizer: OptimizerSpec;
  /** The optimiser's arrays one after the other, [stateArrays × params]; null starts at zero. */
  readonly optimizerState: Float32Array | null;
  /** Steps that this optimiser has taken before. */
  readonly stepsTaken: number;
  /** Params outside this group stay bit for bit. Default: all. */
  readonly trainable?: Trainable;
  /** Each step's gradient is scaled down to this Euclidean norm where it is longer. */
  readonly clipNorm?: number | undefined;
  /** Adds weight/2 · ‖x − centre‖² to the loss: float32 [params]. */
  readonly proximal?: { readonly weight: number; readonly center: Float32Array } | undefined;
}

/** New params and optimiser state, and the mean training loss over the steps. */
export interface TrainOutput {
  readonly params: Float32Array;
  readonly optimizerState: Float32Array | null;
  readonly loss: number;
}

/** Some steps of SGD or Adam for a group of nodes at once. */
export const train: TaskDefinition<TrainInput, TrainOutput> = {
  id: 'train',
  module: import.meta.url,
  export: 'train',
  group: (input) =>
    JSON.stringify([
      input.model,
      input.batch,
      input.optimizer,
      input.stepsTaken,
      input.trainable,
      input.clipNorm,
      input.proximal?.weight,
    ]),
  flops(input) {
    const model = buildModel(input.model);
    const steps = input.rows.length / input.batch;
    const perStep = input.batch * (model.flops.forward + model.flops.backward);
    return steps * (perStep + optimizerFlops(input.optimizer) * model.length);
  },
  footprint: (input) => 4 * input.params.length * (2 + stateArrays(input.optimizer)),
  run: runTrain,
};

function runTrain(inputs: readonly TrainInput[], context: TaskContext): TrainOutput[] {
  const model = buildModel(inputs[0]!.model);
  const dataset = context.constant('dataset') as Dataset;
  const work = inputs.map((input) => startWork(input, model));
  // Members with fewer steps leave when they are done: a segment a distinct number of steps.
  const ends = [...new Set(work.map(({ steps }) => steps))].sort(byNumber);
  let done = 0;
  for (const end of ends) {
    const members = work.filter(({ steps }) => steps >= end);
    trainSegment(context.tf, model, dataset, members, { from: done, to: end });
    done = end;
  }
  return work.map(({ params, state, lossSum, steps }) => ({
    params,
    optimizerState: state,
    loss: lossSum / steps,
  }));
}

/** One member of a group: its arrays are this task's own copies. */
interface Work {
  readonly input: TrainInput;
  readonly steps: number;
  readonly params: Float32Array;
  readonly state: Float32Array | null;
  lossSum: number;
}

function startWork(input: TrainInput, model: Model): Work {
  const arrays = stateArrays(input.optimizer);
  const state = arrays === 0 ? null : new Float32Array(arrays * model.length);
  if (state && input.optimizerState) state.set(input.optimizerState);
  return {
    input,
    steps: input.rows.length / input.batch,
    params: Float32Array.from(input.params),
    state,
    lossSum: 0,
  };
}

function trainSegment(
  engine: typeof tf,
  model: Model,
  dataset: Dataset,
  members: readonly Work[],
  range: { from: number; to: number },
): void {
  const { batch, optimizer, stepsTaken, trainable = 'all', clipNorm, proximal } = members[0]!.input;
  const arrays = stateArrays(optimizer);
  const scale = gradientScale(optimizer);
  const flat = members.map(({ params }) => params);
  const flatState = members.map(({ state }) => state ?? new Float32Array(0));
  let params = stackSlices(engine, model.slices, flat);
  let state = Array.from({ length: arrays }, (_, a) =>
    stackSlices(engine, model.slices, flatState, a * model.length),
  );
  const centers = proximal
    ? stackSlices(
        engine,
        model.slices,
        members.map(({ input }) => input.proximal!.center),
      )
    : [];
  const rowsOf = members.map(({ input }) => input.rows);
  const views = members.map(({ input }) => input.view);
  for (let step = range.from; step < range.to; step++) {
    const before = [params, ...state];
    [params, ...state] = engine.tidy(() => {
      const { features, labels } = gatherBatch(engine, dataset, rowsOf, { from: step * batch, batch }, views);
      const ofLoss = model.gradient(engine, params, features, labels, trainable, scale);
      const pulled = proximal ? pull(engine, ofLoss, params, centers, scale * proximal.weight) : ofLoss;
      const gradient = clipNorm === undefined ? pulled : clip(engine, pulled, scale * clipNorm);
      const losses = gradient.loss.dataSync();
      for (const [m, member] of members.entries()) member.lossSum += losses[m]!;
      const stepped = gradient.slices.map((slice, s) =>
        slice === undefined
          ? { params: engine.clone(params[s]!), state: state.map((array) => engine.clone(array[s]!)) }
          : optimizerStep(
              engine,
              optimizer,
              { params: params[s]!, state: state.map((array) => array[s]!) },
              slice,
              stepsTaken + step + 1,
            ),
      );
      return [
        stepped.map((slice) => slice.params),
        ...state.map((_, a) => stepped.map((slice) => slice.state[a]!)),
      ];
    }) as [tf.Tensor[], ...tf.Tensor[][]];
    engine.dispose(before);
  }
  unstackSlices(model.slices, params, flat);
  for (let a = 0; a < arrays; a++) unstackSlices(model.slices, state[a]!, flatState, a * model.length);
  engine.dispose([params, ...state, centers]);
}

/** Adds weight · (x − centre) to each wanted slice of the gradient. */
function pull(
  engine: typeof tf,
  gradient: Gradient,
  params: readonly tf.Tensor[],
  centers: readonly tf.Tensor[],
  weight: number,
): Gradient {
  const slices = gradient.slices.map(
    (slice, s) => slice && engine.add(slice, engine.mul(engine.sub(params[s]!, centers[s]!), weight)),
  );
  return { loss: gradient.loss, slices };
}

/** Scales each node's gradient so that its norm over all wanted slices is at most `norm`. */
function clip(engine: typeof tf, gradient: Gradient, norm: number): Gradient {
  const wanted = gradient.slices.filter((slice) => slice !== undefined);
  const nodes = gradient.loss.shape[0];
  const squares = wanted.map((slice) => engine.sum(engine.reshape(engine.square(slice), [nodes, -1]), 1));
  const length = engine.sqrt(squares.reduce((a, b) => engine.add(a, b)));
  const factor = engine.div(norm, engine.maximum(length, norm));
  const slices = gradient.slices.map(
    (slice) =>
      slice && engine.mul(slice, engine.reshape(factor, [nodes, ...slice.shape.slice(1).map(() => 1)])),
  );
  return { loss: gradient.loss, slices };
}

/** The task `train` for models without step programs, and on the backend tensorflow: nodes are stacked. */
import type * as tf from '@tensorflow/tfjs-core';
import type { Dataset } from '../data/dataset.js';
import type { Gradient, Model } from '../models/model.js';
import { optimizerOf } from '../models/optimizers/index.js';
import type { OptimizerSlice } from '../models/optimizers/optimizer.js';
import { stackTrainees, startTrainee, type Trainee, unstackTrainees } from '../models/optimizers/stack.js';
import { gatherBatch, stackSlices } from '../models/stack.js';
import { byNumber } from '../numbers.js';
import type { TrainInput, TrainOutput } from './train.js';

/** The steps of a group, stacked; all of `model`. */
export function trainByTensors(
  engine: typeof tf,
  model: Model,
  dataset: Dataset,
  inputs: readonly TrainInput<Float32Array>[],
): TrainOutput[] {
  const work = inputs.map(startWork);
  // Members with fewer steps leave when they are done: a segment a distinct number of steps.
  const ends = [...new Set(work.map(({ steps }) => steps))].sort(byNumber);
  let done = 0;
  for (const end of ends) {
    const members = work.filter(({ steps }) => steps >= end);
    trainSegment(engine, model, dataset, members, { from: done, to: end });
    done = end;
  }
  return work.map(({ params, state, lossSum, steps }) => ({
    params,
    optimizerState: state,
    loss: lossSum / steps,
  }));
}

/** One member of a group: its arrays are this task's own copies. */
interface Work extends Trainee {
  readonly input: TrainInput<Float32Array>;
  readonly steps: number;
  lossSum: number;
}

function startWork(input: TrainInput<Float32Array>): Work {
  const { stateArrays } = optimizerOf(input.optimizer);
  return {
    ...startTrainee(input.params, input.optimizerState, stateArrays),
    input,
    steps: input.rows.length / input.batch,
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
  const inputs = members.map(({ input }) => input);
  const { batch, stepsTaken, trainable = 'all', held, clipNorm, proximal, ...given } = inputs[0]!;
  const optimizer = optimizerOf(given.optimizer);
  const scale = optimizer.gradientScale;
  const centers = proximal ? inputs.map((input) => input.proximal!.center) : [];
  const center = proximal ? stackSlices(engine, model.slices, centers) : [];
  const shifts = inputs.flatMap((input) => input.shift ?? []);
  const shift = shifts.length > 0 ? stackSlices(engine, model.slices, shifts) : undefined;
  let stack = stackTrainees(engine, model, members);
  for (let step = range.from; step < range.to; step++) {
    const before = stack;
    const params = before.map((slice) => slice.params);
    stack = engine.tidy(() => {
      const { features, labels } = gatherBatch(engine, dataset, inputs, { from: step * batch, batch });
      const ofLoss = model.gradient(engine, { params, features, labels, trainable, scale });
      const pulled = proximal
        ? pull(engine, ofLoss, { params, center, weight: scale * proximal.weight })
        : ofLoss;
      const moved = shift ? moveBy(engine, pulled, shift, scale) : pulled;
      const gradient = clipNorm === undefined ? moved : clip(engine, moved, scale * clipNorm);
      const losses = gradient.loss.dataSync();
      for (const [m, member] of members.entries()) member.lossSum += losses[m]!;
      return before.map((slice, s) => {
        const ofSlice = gradient.slices[s];
        if (ofSlice === undefined) return copyOf(engine, slice);
        const stepped = optimizer.step(engine, { ...slice, gradient: ofSlice, step: stepsTaken + step + 1 });
        if (model.slices[s]!.group !== held) return stepped;
        return { params: engine.clone(slice.params), state: stepped.state };
      });
    });
    engine.dispose(before);
  }
  unstackTrainees(model, stack, members);
  engine.dispose([stack, center, shift ?? []]);
}

function copyOf(engine: typeof tf, { params, state }: OptimizerSlice): OptimizerSlice {
  return { params: engine.clone(params), state: state.map((array) => engine.clone(array)) };
}

/** Adds weight · (x − centre) to each wanted slice of the gradient. */
function pull(
  engine: typeof tf,
  gradient: Gradient,
  to: { params: readonly tf.Tensor[]; center: readonly tf.Tensor[]; weight: number },
): Gradient {
  const slices = gradient.slices.map(
    (slice, s) => slice && engine.add(slice, engine.mul(engine.sub(to.params[s]!, to.center[s]!), to.weight)),
  );
  return { loss: gradient.loss, slices };
}

/** Adds weight · shift to each wanted slice of the gradient. */
function moveBy(
  engine: typeof tf,
  gradient: Gradient,
  shift: readonly tf.Tensor[],
  weight: number,
): Gradient {
  const slices = gradient.slices.map((slice, s) => slice && engine.add(slice, engine.mul(shift[s]!, weight)));
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

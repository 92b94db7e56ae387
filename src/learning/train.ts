/** The task of gradient methods: some steps of an optimiser on batches of a shard. */
import type { TaskDefinition } from '../compute/task.js';
import type { Dataset, View } from '../data/dataset.js';
import { assert } from '../errors.js';
import { buildModel } from '../models/index.js';
import type { ModelSpec, Trainable } from '../models/model.js';
import { type OptimizerSpec, optimizerOf } from '../models/optimizers/index.js';
import { outline } from '../outline.js';
import { lengthOfParams, type Params, valuesWithin } from './params.js';
import { trainByProgram } from './train-by-program.js';
import { trainByTensors } from './train-by-tensors.js';

/** Plain data; `rows` has `steps × batch` rows of the constant `dataset`, batch after batch. @public */
export interface TrainInput<P extends Params = Params> {
  readonly model: ModelSpec;
  readonly params: P;
  readonly rows: Uint32Array;
  readonly batch: number;
  /** How the node sees the rows. */
  readonly view?: View | undefined;
  readonly optimizer: OptimizerSpec;
  /** The arrays of the optimiser's state one after the other, float32 [stateArrays × params]; null: all zeros. */
  readonly optimizerState: Float32Array | null;
  /** Steps that this optimiser has taken before. */
  readonly stepsTaken: number;
  /** The group of params that is trained; all others stay the same bit for bit. Default: all params. */
  readonly trainable?: Trainable;
  /**
   * A group of the trained params that gets its old values back after each step, while its gradient counts for `clipNorm` and
   * moves the optimiser's state. Default: none.
   */
  readonly held?: Exclude<Trainable, 'all'> | undefined;
  /** Each step's gradient is scaled down to this Euclidean norm where it is longer. */
  readonly clipNorm?: number | undefined;
  /** Adds weight/2 · ‖x − centre‖² to the loss: float32 [params]. */
  readonly proximal?: { readonly weight: number; readonly center: Float32Array } | undefined;
  /** Is added to the gradient of each step, before `clipNorm`: float32 [params]. Not with `proximal`. */
  readonly shift?: Float32Array | undefined;
}

/** A training of params that are given elsewhere. Plain data. @public */
export type Adaptation = Omit<TrainInput, 'model' | 'params'>;

/** New params and optimiser state, and the mean training loss over the steps. @public */
export interface TrainOutput {
  readonly params: Float32Array;
  readonly optimizerState: Float32Array | null;
  readonly loss: number;
}

/** What steps of an optimiser on so many params give, in outline. */
export function outlineOfSteps(length: number, optimizer: OptimizerSpec): TrainOutput {
  const { stateArrays } = optimizerOf(optimizer);
  return {
    params: outline(length),
    optimizerState: stateArrays === 0 ? null : outline(stateArrays * length),
    loss: Number.NaN,
  };
}

/** Some steps of an optimiser for a group of nodes at once. @public */
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
      input.held,
      input.clipNorm,
      input.proximal?.weight,
      ...(input.shift ? ['shift'] : []),
    ]),
  byProgram: hasProgram,
  flops(input) {
    const model = buildModel(input.model);
    const steps = input.rows.length / input.batch;
    const perStep = input.batch * (model.flops.forward + model.flops.backward);
    return steps * (perStep + optimizerOf(input.optimizer).flops * model.length);
  },
  gradients: ({ rows, batch }) => ({ steps: rows.length / batch, samples: rows.length }),
  footprint: (input) => 4 * lengthOfParams(input.params) * (2 + optimizerOf(input.optimizer).stateArrays),
  outline: ({ params, optimizer }) => outlineOfSteps(lengthOfParams(params), optimizer),
  run(inputs, context) {
    const both = inputs.some(({ proximal, shift }) => proximal !== undefined && shift !== undefined);
    assert(!both, 'a training has `proximal` or `shift`, not both');
    const model = buildModel(inputs[0]!.model);
    const dataset = context.constant('dataset') as Dataset;
    const machine = hasProgram(inputs[0]!) ? context.machine : undefined;
    if (machine) return inputs.map((input) => trainByProgram(machine, { model, dataset, input }));
    const computed = inputs.map((input) => ({
      ...input,
      params: valuesWithin(context.machine, input.params),
    }));
    return trainByTensors(context.tf, model, dataset, computed);
  },
};

function hasProgram({ model, optimizer }: TrainInput): boolean {
  return buildModel(model).program !== undefined && optimizerOf(optimizer).program !== undefined;
}

/** The task that computes loss and accuracy on some rows, for probes and for algorithms that use validation rows. */
import type * as tf from '@tensorflow/tfjs-core';
import type { TaskContext, TaskDefinition } from '../compute/task.js';
import { type Dataset, lengthOf, type View } from '../data/dataset.js';
import { buildModel } from '../models/index.js';
import type { Model, ModelSpec } from '../models/model.js';
import { gatherBatch, stackSlices } from '../models/stack.js';
import { batchKind, rowsAt, scoreProgram } from '../models/step-programs.js';
import type { Machine } from '../numeric/machine.js';
import { lengthOfParams, type Params, readParams, valuesWithin } from './params.js';
import { type Adaptation, train } from './train.js';

/** Plain data; `rows` are rows of the constant `dataset`. @public */
export interface EvaluateInput<P extends Params = Params> {
  readonly model: ModelSpec;
  readonly params: P;
  readonly rows: Uint32Array;
  /** How the node sees the rows. */
  readonly view?: View | undefined;
  /** A training that comes before; what it leaves is evaluated. */
  readonly adaptation?: Adaptation | undefined;
}

/** Means over the rows; NaN without rows. `accuracy` is NaN for regression. @public */
export interface EvaluateOutput {
  readonly loss: number;
  readonly accuracy: number;
}

/** How many rows are computed at once. Fixed, so that the same rows give the same bits. */
const ROWS_MAX = 256;

/** The mean loss and the accuracy of params on rows that a node or a probe names. @public */
export const evaluate: TaskDefinition<EvaluateInput, EvaluateOutput> = {
  id: 'evaluate',
  module: import.meta.url,
  export: 'evaluate',
  group: (input) => JSON.stringify([input.model, input.rows.length]),
  byProgram: ({ model, params, adaptation }) =>
    buildModel(model).program !== undefined &&
    (adaptation === undefined || train.byProgram!({ ...adaptation, model, params })),
  flops(input) {
    const { model, params, adaptation, rows } = input;
    const before = adaptation ? train.flops({ ...adaptation, model, params }) : 0;
    return before + rows.length * buildModel(model).flops.forward;
  },
  footprint: (input) => 4 * lengthOfParams(input.params) + 4 * ROWS_MAX * lengthOf(input.model.input),
  outline: () => ({ loss: Number.NaN, accuracy: Number.NaN }),
  run(given, context) {
    const { machine } = context;
    const inputs = given.map((input) => adapted(input, context));
    const model = buildModel(inputs[0]!.model);
    const dataset = context.constant('dataset') as Dataset;
    if (machine && model.program) {
      return inputs.map((input) => evaluateByProgram(machine, model, dataset, input));
    }
    const computed = inputs.map((input) => ({ ...input, params: valuesWithin(machine, input.params) }));
    return evaluateByTensors(context.tf, model, dataset, computed);
  },
};

/** The input with the params that its adaptation leaves. */
function adapted(input: EvaluateInput, context: TaskContext): EvaluateInput {
  const { model, params, adaptation } = input;
  if (adaptation === undefined) return input;
  const [output] = train.run([{ ...adaptation, model, params }], context);
  return { ...input, params: output!.params };
}

function evaluateByProgram(
  machine: Machine,
  model: Model,
  dataset: Dataset,
  input: EvaluateInput,
): EvaluateOutput {
  const { length } = input.rows;
  return machine.frame((frame) => {
    const params = readParams(machine, frame, input.params);
    const rows = rowsAt(frame, dataset, input);
    const totals = frame.doubles(2);
    totals.numbers.fill(0);
    for (let from = 0; from < length; from += ROWS_MAX) {
      const samples = Math.min(ROWS_MAX, length - from);
      const program = scoreProgram(model, batchKind(dataset, input, samples));
      machine.run(program, { ...rows.from(from), params, results: totals.address });
    }
    const [loss, correct] = totals.numbers;
    return { loss: loss! / length, accuracy: correct! / length };
  });
}

function evaluateByTensors(
  engine: typeof tf,
  model: Model,
  dataset: Dataset,
  inputs: readonly EvaluateInput<Float32Array>[],
): EvaluateOutput[] {
  const params = stackSlices(
    engine,
    model.slices,
    inputs.map((input) => input.params),
  );
  const totals = inputs.map(() => ({ loss: 0, correct: 0 }));
  const { length } = inputs[0]!.rows;
  for (let from = 0; from < length; from += ROWS_MAX) {
    const batch = Math.min(ROWS_MAX, length - from);
    engine.tidy(() => {
      const { features, labels } = gatherBatch(engine, dataset, inputs, { from, batch });
      if (model.logits) {
        const logits = model.logits(engine, { params, features }).dataSync() as Float32Array;
        for (const [n, total] of totals.entries()) score(logits, labels, { node: n, batch }, total);
      } else {
        const losses = model.lossSum(engine, { params, features, labels }).dataSync();
        for (const [n, total] of totals.entries()) total.loss += losses[n]!;
      }
    });
  }
  engine.dispose(params);
  return totals.map((total) => ({
    loss: total.loss / length,
    accuracy: model.logits ? total.correct / length : Number.NaN,
  }));
}

/**
 * Adds one node's cross-entropy and number of correct predictions, in float64. Ties go to the lowest class; logits that
 * are NaN count as wrong.
 */
function score(
  logits: Float32Array,
  labels: ArrayLike<number>,
  at: { node: number; batch: number },
  total: { loss: number; correct: number },
): void {
  const classes = logits.length / labels.length;
  for (let b = at.node * at.batch; b < (at.node + 1) * at.batch; b++) {
    const start = b * classes;
    let best = 0;
    for (let c = 1; c < classes; c++) if (logits[start + c]! > logits[start + best]!) best = c;
    const highest = logits[start + best]!;
    let sum = 0;
    for (let c = 0; c < classes; c++) sum += Math.exp(logits[start + c]! - highest);
    total.loss += Math.log(sum) - (logits[start + labels[b]!]! - highest);
    if (best === labels[b] && Number.isFinite(sum)) total.correct++;
  }
}

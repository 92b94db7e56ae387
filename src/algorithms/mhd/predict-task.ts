/** The task that computes predictions of models with several heads for public rows. */

import type { TaskContext, TaskDefinition } from '../../compute/task.js';
import type { Dataset, View } from '../../data/dataset.js';
import { buildModel } from '../../models/index.js';
import { softmaxOf } from '../../models/losses.js';
import type { ModelSpec } from '../../models/model.js';
import { headLogits, multiHead } from '../../models/multi-head.js';
import { gatherBatch, stackSlices } from '../../models/stack.js';
import { batchKind, rowsAt } from '../../models/step-programs.js';
import { type Machine, NOWHERE } from '../../numeric/machine.js';
import { outline } from '../../outline.js';
import { levelOf, type Predictions } from './distillation.js';
import { hasHeadPrograms, predictProgram } from './programs.js';

/** A model with several heads, and the rows for which its predictions are wanted. */
export interface Query {
  readonly model: ModelSpec;
  readonly params: Float32Array;
  readonly rows: Uint32Array;
}

/** Plain data; rows are rows of the constant `dataset`. */
export interface PredictInput {
  readonly queries: readonly Query[];
  /** m: heads 0 … m − 1 answer. */
  readonly auxiliary: number;
  readonly embeddings: boolean;
  /** How the node that computes sees the rows. */
  readonly view?: View | undefined;
}

/** Computes the predictions of each query, in their order. */
export const predict: TaskDefinition<PredictInput, Predictions[]> = {
  id: 'predict',
  module: import.meta.url,
  export: 'predict',
  group: ({ queries, auxiliary, embeddings }) =>
    JSON.stringify([auxiliary, embeddings, queries.map(({ model, rows }) => [model, rows.length])]),
  flops: ({ queries, auxiliary }) =>
    queries.reduce((sum, { model, rows }) => {
      const { flops, head } = multiHead(buildModel(model), auxiliary).representation;
      return sum + rows.length * (flops.forward + auxiliary * head.flops.forward);
    }, 0),
  footprint: ({ queries }) => queries.reduce((sum, { params }) => sum + 4 * params.length, 0),
  byProgram: hasPrograms,
  outline: ({ queries, auxiliary, embeddings }) =>
    queries.map(({ model, rows }) => {
      const multi = multiHead(buildModel(model), auxiliary);
      return {
        embeddings: outline(embeddings ? rows.length * multi.representation.length : 0),
        probabilities: outline(auxiliary * rows.length * multi.model.spec.classes),
      };
    }),
  run(inputs, context) {
    const machine = inputs.every(hasPrograms) ? context.machine : undefined;
    if (machine) {
      const dataset = context.constant('dataset') as Dataset;
      return inputs.map((input) =>
        input.queries.map((query) => predictByProgram(machine, dataset, query, input)),
      );
    }
    const all = inputs.flatMap(({ queries, view }, n) => queries.map((one, a) => ({ ...one, view, n, a })));
    const outputs = inputs.map(({ queries }): Predictions[] => Array(queries.length));
    // Queries for models of one kind are stacked, whichever node they are from.
    const stacks = new Map<string, typeof all>();
    for (const one of all) {
      const key = JSON.stringify([one.model, one.rows.length]);
      stacks.set(key, [...(stacks.get(key) ?? []), one]);
    }
    for (const stack of stacks.values()) {
      // Nothing is returned from `tidy`: it would search every number of it for tensors.
      context.tf.tidy(() => {
        const predictions = predictStack(stack, inputs[0]!, context);
        for (const [s, { n, a }] of stack.entries()) outputs[n]![a] = predictions[s]!;
      });
    }
    return outputs;
  },
};

function hasPrograms({ queries, auxiliary }: PredictInput): boolean {
  return queries.every(({ model }) => hasHeadPrograms(multiHead(buildModel(model), auxiliary)));
}

function predictByProgram(
  machine: Machine,
  dataset: Dataset,
  { model, params, rows }: Query,
  { auxiliary, embeddings, view }: PredictInput,
): Predictions {
  const multi = multiHead(buildModel(model), auxiliary);
  const { parts, pauses } = predictProgram(multi, batchKind(dataset, { view }, rows.length));
  return machine.frame((frame) => {
    const registers = { ...NOWHERE, params: frame.read(params) };
    machine.run(parts[0]!, rowsAt(frame, dataset, { rows, view }).from(0, registers));
    const [ofEmbedding, ofHeads] = pauses[0]!;
    const numbers = auxiliary * rows.length * multi.model.spec.classes;
    return {
      embeddings: machine
        .scratch(ofEmbedding!, embeddings ? rows.length * multi.representation.length : 0)
        .slice(),
      probabilities: machine.scratch(ofHeads!, numbers).slice(),
    };
  });
}

function predictStack(
  stack: ReadonlyArray<Query & { readonly view: View | undefined }>,
  { auxiliary, embeddings }: PredictInput,
  { tf: engine, constant }: TaskContext,
): Predictions[] {
  const multi = multiHead(buildModel(stack[0]!.model), auxiliary);
  const params = stackSlices(
    engine,
    multi.slices,
    stack.map((one) => one.params),
  );
  const range = { from: 0, batch: stack[0]!.rows.length };
  const { features } = gatherBatch(engine, constant('dataset') as Dataset, stack, range);
  const embedding = multi.representation.forward(engine, { params, features }).at(-1)!;
  const ofLevels = Array.from({ length: auxiliary }, (_, k) =>
    softmaxOf(engine, headLogits(engine, multi, { head: k, params, embedding })).dataSync<'float32'>(),
  );
  const ofEmbedding = embeddings ? embedding.dataSync<'float32'>() : new Float32Array(0);
  return stack.map((_, n) => {
    const parts = ofLevels.map((level) => levelOf(level, n, level.length / stack.length));
    const length = ofEmbedding.length / stack.length;
    const probabilities = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
    for (const [k, part] of parts.entries()) probabilities.set(part, k * part.length);
    return { embeddings: levelOf(ofEmbedding, n, length).slice(), probabilities };
  });
}

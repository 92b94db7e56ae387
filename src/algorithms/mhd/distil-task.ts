/**
 * The task of a student with several heads: one step on a private batch, and on teachers' predictions for a public one.
 */

import type * as tf from '@tensorflow/tfjs-core';
import type { TaskContext, TaskDefinition } from '../../compute/task.js';
import type { Dataset, View } from '../../data/dataset.js';
import { outlineOfSteps } from '../../learning/train.js';
import { buildModel } from '../../models/index.js';
import { softmaxCrossEntropy, softmaxOf } from '../../models/losses.js';
import type { ModelSpec, RepresentationPass } from '../../models/model.js';
import { firstSlice, headLogits, headSlices, type MultiHead, multiHead } from '../../models/multi-head.js';
import { type OptimizerSpec, optimizerOf } from '../../models/optimizers/index.js';
import { stackTrainees, startTrainee, unstackTrainees } from '../../models/optimizers/stack.js';
import { gatherBatch, type NodeRows } from '../../models/stack.js';
import { batchKind, rowsAt } from '../../models/step-programs.js';
import { type Machine, NOWHERE, type Registers } from '../../numeric/machine.js';
import {
  embeddingLoss,
  levelOf,
  mostConfident,
  type Predictions,
  pickedTargets,
  softCrossEntropy,
} from './distillation.js';
import { distilProgram, hasHeadPrograms } from './programs.js';

type Engine = typeof tf;

/** Plain data; rows are rows of the constant `dataset`. */
export interface DistilInput {
  readonly model: ModelSpec;
  /** Params of the model with m auxiliary heads. */
  readonly params: Float32Array;
  readonly auxiliary: number;
  /** The private batch. */
  readonly rows: Uint32Array;
  /** The public batch; its labels are not read. */
  readonly publicRows: Uint32Array;
  readonly view?: View | undefined;
  /** The teachers' predictions for the public batch. */
  readonly teachers: readonly Predictions[];
  /** Whether the student's own prediction is a candidate for its targets; without teachers it always is. */
  readonly selfInTargets: boolean;
  /** Which candidate a target is, [m × public rows]; null: the most confident one. */
  readonly picks: Uint8Array | null;
  readonly nuEmb: number;
  readonly nuAux: number;
  readonly optimizer: OptimizerSpec;
  /** [stateArrays × params]; null starts at zero. */
  readonly optimizerState: Float32Array | null;
  readonly stepsTaken: number;
}

/** New params and optimiser state, and the losses before the step; `distillation` is the mean over the heads. */
export interface DistilOutput {
  readonly params: Float32Array;
  readonly optimizerState: Float32Array | null;
  readonly loss: number;
  readonly distillation: number;
  readonly embedding: number;
}

/** One step of a student, on a private and a public batch. */
export const distil: TaskDefinition<DistilInput, DistilOutput> = {
  id: 'distil',
  module: import.meta.url,
  export: 'distil',
  group: (input) => {
    const { model, auxiliary, rows, publicRows, nuEmb, nuAux, optimizer, stepsTaken } = input;
    const sizes = [rows.length, publicRows.length];
    return JSON.stringify([model, auxiliary, sizes, nuEmb, nuAux, optimizer, stepsTaken]);
  },
  flops({ model, auxiliary, rows, publicRows, nuEmb, nuAux, params, optimizer }) {
    const { flops, head } = multiHead(buildModel(model), auxiliary).representation;
    const body = flops.forward + flops.backward;
    const ofHead = head.flops.forward + head.flops.params + head.flops.input;
    const ofPrivate = rows.length * (body + ofHead);
    const ofPublic = publicRows.length * (body + auxiliary * ofHead + head.flops.forward);
    const steps = optimizerOf(optimizer).flops * params.length;
    return ofPrivate + (nuEmb > 0 || nuAux > 0 ? ofPublic : 0) + steps;
  },
  gradients: ({ rows, publicRows, nuEmb, nuAux }) => ({
    steps: 1,
    samples: rows.length + (nuEmb > 0 || nuAux > 0 ? publicRows.length : 0),
  }),
  footprint: ({ params, optimizer }) => 4 * params.length * (2 + optimizerOf(optimizer).stateArrays),
  byProgram: hasProgram,
  outline: ({ params, optimizer }) => ({
    ...outlineOfSteps(params.length, optimizer),
    distillation: Number.NaN,
    embedding: Number.NaN,
  }),
  run(inputs, context) {
    const machine = hasProgram(inputs[0]!) ? context.machine : undefined;
    if (!machine) return distilByTensors(inputs, context);
    const dataset = context.constant('dataset') as Dataset;
    return inputs.map((input) => distilByProgram(machine, dataset, input));
  },
};

function hasProgram({ model, auxiliary, optimizer }: DistilInput): boolean {
  return (
    hasHeadPrograms(multiHead(buildModel(model), auxiliary)) && optimizerOf(optimizer).program !== undefined
  );
}

function distilByProgram(machine: Machine, dataset: Dataset, input: DistilInput): DistilOutput {
  const { rows, publicRows, view, nuEmb, nuAux, stepsTaken } = input;
  const multi = multiHead(buildModel(input.model), input.auxiliary);
  const optimizer = optimizerOf(input.optimizer);
  const learnsInCommon = nuEmb > 0 || nuAux > 0;
  const { parts, pauses } = distilProgram(multi, {
    own: batchKind(dataset, input, rows.length),
    ...(learnsInCommon && { common: batchKind(dataset, input, publicRows.length) }),
    teaches: nuAux > 0,
    optimizer,
  });
  return machine.frame((frame) => {
    const params = frame.copy(input.params);
    const state = frame.state(optimizer.stateArrays * multi.length, input.optimizerState);
    const settings = frame.read(Float32Array.from(optimizer.program!.settings(stepsTaken + 1)));
    const loss = frame.doubles(1);
    const registers: Registers = {
      ...NOWHERE,
      params: params.address,
      state: state.address,
      settings,
      results: loss.address,
    };
    machine.run(parts[0]!, rowsAt(frame, dataset, { rows, view }).from(0, registers));
    let common = { distillation: Number.NaN, embedding: Number.NaN };
    if (learnsInCommon) {
      machine.run(parts[1]!, rowsAt(frame, dataset, { rows: publicRows, view }).from(0, registers));
      const samples = publicRows.length;
      const level = samples * multi.model.spec.classes;
      const [embeddings, probabilities, ofEmbedding, ofLogits] = pauses[1]!;
      const heads = (offset: number) =>
        Array.from({ length: multi.auxiliary + 1 }, (_, k) => machine.scratch(offset + 4 * k * level, level));
      const width = samples * multi.representation.length;
      common = publicLosses(
        input,
        { probabilities: heads(probabilities!), embeddings: machine.scratch(embeddings!, width) },
        { ofLogits: heads(ofLogits!), ofEmbedding: machine.scratch(ofEmbedding!, width) },
        1,
      );
    }
    machine.run(parts.at(-1)!, registers);
    return {
      params: frame.keep(params),
      optimizerState: optimizer.stateArrays === 0 ? null : frame.keep(state),
      loss: loss.numbers[0]! / rows.length,
      ...common,
    };
  });
}

function distilByTensors(inputs: readonly DistilInput[], context: TaskContext): DistilOutput[] {
  const { tf: engine } = context;
  const { model, auxiliary, stepsTaken } = inputs[0]!;
  const multi = multiHead(buildModel(model), auxiliary);
  const optimizer = optimizerOf(inputs[0]!.optimizer);
  const trainees = inputs.map(({ params, optimizerState }) =>
    startTrainee(params, optimizerState, optimizer.stateArrays),
  );
  const stack = stackTrainees(engine, multi, trainees);
  const params = stack.map((slice) => slice.params);
  const gradient = multi.slices.map((): tf.Tensor | undefined => undefined);
  const losses = privateGradient(gradient, { multi, params, inputs, context });
  const common = publicGradient(gradient, { multi, params, inputs, context });
  const stepped = stack.map((slice, s) => {
    const ofSlice = gradient[s];
    return ofSlice ? optimizer.step(engine, { ...slice, gradient: ofSlice, step: stepsTaken + 1 }) : slice;
  });
  unstackTrainees(multi, stepped, trainees);
  return trainees.map(({ params, state }, n) => ({
    params,
    optimizerState: state,
    loss: losses[n]!,
    ...common[n]!,
  }));
}

/** A stack of students. */
interface Students {
  readonly multi: MultiHead;
  readonly params: readonly tf.Tensor[];
  readonly inputs: readonly DistilInput[];
  readonly context: TaskContext;
}

type Slices = Array<tf.Tensor | undefined>;

/** Cross-entropy of the main head on the private batch: the mean loss of each student. */
function privateGradient(sum: Slices, { multi, params, inputs, context }: Students): Float32Array {
  const { tf: engine, constant } = context;
  const { features, labels } = batchOf(engine, constant('dataset') as Dataset, inputs);
  const outputs = multi.representation.forward(engine, { params, features });
  const embedding = outputs.at(-1)!;
  const logits = headLogits(engine, multi, { head: 0, params, embedding });
  const scale = optimizerOf(inputs[0]!.optimizer).gradientScale;
  const { lossSum, gradient } = softmaxCrossEntropy(engine, logits, labels, scale);
  const at = { head: 0, embedding, logits, outputGradient: gradient };
  const ofEmbedding = headBackward(sum, at, { engine, multi, params });
  bodyBackward(sum, { outputs, outputGradient: ofEmbedding }, { engine, multi, params });
  return numbersOf(engine.div(lossSum, features.shape[1]!));
}

/** Embedding loss and distillation into the auxiliary heads, on the public batch. */
function publicGradient(sum: Slices, { multi, params, inputs, context }: Students) {
  const { tf: engine, constant } = context;
  const { nuEmb, nuAux, publicRows, optimizer } = inputs[0]!;
  if (nuEmb === 0 && nuAux === 0)
    return inputs.map(() => ({ distillation: Number.NaN, embedding: Number.NaN }));
  const publicOfNodes = inputs.map(({ publicRows: rows, view }) => ({ rows, view }));
  const { features } = batchOf(engine, constant('dataset') as Dataset, publicOfNodes);
  const outputs = multi.representation.forward(engine, { params, features });
  const embedding = outputs.at(-1)!;
  const logits = Array.from({ length: multi.auxiliary + 1 }, (_, k) =>
    headLogits(engine, multi, { head: k, params, embedding }),
  );
  const probabilities = logits.map((level) => numbersOf(softmaxOf(engine, level)));
  const embeddings = numbersOf(embedding);
  const scale = optimizerOf(optimizer).gradientScale;
  const classes = multi.model.spec.classes;
  const size = publicRows.length * classes;
  const width = publicRows.length * multi.representation.length;
  const ofLogits = logits.map(() => new Float32Array(inputs.length * size));
  const pull = new Float32Array(embeddings.length);
  const losses = inputs.map((input, n) =>
    publicLosses(
      input,
      {
        probabilities: probabilities.map((level) => levelOf(level, n, size)),
        embeddings: levelOf(embeddings, n, width),
      },
      {
        ofLogits: ofLogits.map((level) => levelOf(level, n, size)),
        ofEmbedding: levelOf(pull, n, width),
      },
      scale,
    ),
  );
  let ofEmbedding = engine.tensor(pull, embedding.shape);
  for (let k = 1; nuAux > 0 && k <= multi.auxiliary; k++) {
    const outputGradient = engine.tensor(ofLogits[k]!, logits[k]!.shape);
    const at = { head: k, embedding, logits: logits[k]!, outputGradient };
    ofEmbedding = engine.add(ofEmbedding, headBackward(sum, at, { engine, multi, params }));
  }
  bodyBackward(sum, { outputs, outputGradient: ofEmbedding }, { engine, multi, params });
  return losses;
}

/** A student's predictions for the public batch. */
interface PublicPredictions {
  /** Of each head, float32 [public rows × classes]. */
  readonly probabilities: readonly Float32Array[];
  /** float32 [public rows × E]. */
  readonly embeddings: Float32Array;
}

/** Where the gradients of a student's losses on the public batch go, in the shapes of its predictions. */
interface PublicGradients {
  /** Of each head; that of head 0 is not written. */
  readonly ofLogits: readonly Float32Array[];
  readonly ofEmbedding: Float32Array;
}

/** The losses of one student on the public batch; their gradients × `scale` go to `out`. */
function publicLosses(
  input: DistilInput,
  { probabilities, embeddings }: PublicPredictions,
  out: PublicGradients,
  scale: number,
): Pick<DistilOutput, 'distillation' | 'embedding'> {
  const { nuAux, nuEmb, auxiliary, teachers } = input;
  const rows = input.publicRows.length;
  const classes = probabilities[0]!.length / rows;
  let distillation = 0;
  for (let k = 1; k <= auxiliary; k++) {
    const targets = targetsOf(probabilities[k - 1]!, input, { level: k - 1, classes });
    const level = softCrossEntropy(probabilities[k]!, targets, { rows, weight: scale * nuAux });
    out.ofLogits[k]!.set(level.gradient);
    distillation += level.loss / auxiliary;
  }
  if (nuEmb === 0) {
    out.ofEmbedding.fill(0);
    return { distillation, embedding: Number.NaN };
  }
  const others = teachers.map((teacher) => teacher.embeddings);
  const width = embeddings.length / rows;
  const { loss, gradient } = embeddingLoss(embeddings, others, { width, weight: scale * nuEmb });
  out.ofEmbedding.set(gradient);
  return { distillation, embedding: loss };
}

/** The targets of the head above `level`, float32 [public rows × classes]; stop-gradient: they are numbers. */
function targetsOf(
  own: Float32Array,
  { teachers, selfInTargets, picks, publicRows }: DistilInput,
  { level, classes }: { level: number; classes: number },
): Float32Array {
  const others = teachers.map(({ probabilities }) => levelOf(probabilities, level, own.length));
  const candidates = selfInTargets || others.length === 0 ? [own, ...others] : others;
  if (!picks) return mostConfident(candidates, classes);
  const from = level * publicRows.length;
  return pickedTargets(candidates, classes, picks.subarray(from, from + publicRows.length));
}

interface Passes {
  readonly engine: Engine;
  readonly multi: MultiHead;
  readonly params: readonly tf.Tensor[];
}

/** Puts the gradient by the params of a head into `sum`, and returns that by the embedding. */
function headBackward(
  sum: Slices,
  at: { head: number; embedding: tf.Tensor; logits: tf.Tensor; outputGradient: tf.Tensor },
  { engine, multi, params }: Passes,
): tf.Tensor {
  const { head } = multi.representation;
  const pass = {
    params: headSlices(multi, params, at.head),
    input: at.embedding,
    output: at.logits,
    outputGradient: at.outputGradient,
  };
  const first = firstSlice(multi, at.head);
  for (const [s, slice] of head.paramsGradient(engine, pass).entries()) sum[first + s] = slice;
  return head.inputGradient(engine, pass);
}

/** Adds the gradient by the params of the body to `sum`. */
function bodyBackward(
  sum: Slices,
  pass: Omit<RepresentationPass, 'params'>,
  { engine, multi, params }: Passes,
): void {
  const slices = multi.representation.backward(engine, { params, ...pass });
  for (const [s, slice] of slices.entries()) {
    if (slice) sum[s] = sum[s] ? engine.add(sum[s], slice) : slice;
  }
}

function batchOf(engine: Engine, dataset: Dataset, nodes: readonly NodeRows[]) {
  return gatherBatch(engine, dataset, nodes, { from: 0, batch: nodes[0]!.rows.length });
}

function numbersOf(tensor: tf.Tensor): Float32Array {
  return tensor.dataSync() as Float32Array;
}

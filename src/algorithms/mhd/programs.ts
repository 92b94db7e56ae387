/** The tasks of models with several heads by step programs: what a batch's embeddings and predictions are, and a step. */
import type { MultiHead } from '../../models/multi-head.js';
import { firstSlice } from '../../models/multi-head.js';
import type { Optimizer } from '../../models/optimizers/index.js';
import {
  type BatchKind,
  gathered,
  LABELS,
  PARAMS,
  programsOf,
  RESULT,
  SETTINGS,
  STATE,
} from '../../models/step-programs.js';
import { further, type Place, type ProgramBuilder, type ProgramParts } from '../../numeric/program.js';

/** Whether step programs can compute a model with several heads. */
export function hasHeadPrograms({ representation }: MultiHead): boolean {
  return representation.program !== undefined;
}

/**
 * Embeddings, float32 [samples × E], and the class probabilities of heads 0 … m − 1, float32 [m × samples × classes]: the
 * two places of the only pause.
 */
export function predictProgram(multi: MultiHead, kind: BatchKind): ProgramParts {
  const key = JSON.stringify(['predict', multi.auxiliary, kind]);
  return programsOf(multi.model, key, (builder) => {
    const { embedding } = bodyPass(builder, multi, kind);
    const level = kind.samples * multi.model.spec.classes;
    const probabilities = builder.floats(multi.auxiliary * level);
    for (let k = 0; k < multi.auxiliary; k++) {
      const { output } = headPass(builder, multi, k, { input: embedding, samples: kind.samples });
      softmax(builder, multi, further(probabilities, 4 * k * level), output, kind);
    }
    builder.pause([embedding, probabilities]);
  });
}

/** What a step of a student is made of. */
interface DistilKind {
  readonly own: BatchKind;
  /** Absent where nothing is learned from public rows. */
  readonly common?: BatchKind;
  /** Whether the auxiliary heads learn. */
  readonly teaches: boolean;
  readonly optimizer: Optimizer;
}

/**
 * One step of a student. Part 1 is the gradient of the main head's mean cross-entropy over the private batch, whose sum
 * of losses `results` gets. Part 2, on the public batch, ends in a pause with: embeddings [samples × E], probabilities of
 * all heads [(m + 1) × samples × classes], and room for the gradients by the embeddings and by the logits of all
 * heads, of which those of head 0 are not read. Part 3 is the step. Without a public batch, parts 1 and 2 are all.
 */
export function distilProgram(
  multi: MultiHead,
  { own, common, teaches, optimizer }: DistilKind,
): ProgramParts {
  const key = JSON.stringify(['distil', multi.auxiliary, own, common, teaches, optimizer.key]);
  return programsOf(multi.model, key, (builder) => {
    const { classes } = multi.model.spec;
    const gradient = builder.floats(multi.length);
    const pass = bodyPass(builder, multi, own);
    const main = headPass(builder, multi, 0, { input: pass.embedding, samples: own.samples });
    const ofLogits = builder.floats(own.samples * classes);
    builder.emit('cross_entropy', [ofLogits, RESULT, main.output, LABELS], [own.samples, classes]);
    pass.backward(backward(main, ofLogits, headPlaces(multi, gradient, 0)), gradient);
    builder.pause([gradient]);
    if (common) addPublic(builder, multi, { common, teaches, gradient });
    // The main head and the body always learn.
    const length = teaches ? multi.length : multi.model.length;
    const state = Array.from({ length: optimizer.stateArrays }, (_, a) =>
      further(STATE, 4 * a * multi.length),
    );
    optimizer.program!.append(builder, { params: PARAMS, state, gradient, settings: SETTINGS, length });
  });
}

/** Adds the gradient of what is learned from public rows. */
function addPublic(
  builder: ProgramBuilder,
  multi: MultiHead,
  { common, teaches, gradient }: { common: BatchKind; teaches: boolean; gradient: Place },
): void {
  const { samples } = common;
  const level = samples * multi.model.spec.classes;
  const pass = bodyPass(builder, multi, common);
  const heads = Array.from({ length: multi.auxiliary + 1 }, (_, k) =>
    headPass(builder, multi, k, { input: pass.embedding, samples }),
  );
  const probabilities = builder.floats(heads.length * level);
  for (const [k, { output }] of heads.entries()) {
    softmax(builder, multi, further(probabilities, 4 * k * level), output, common);
  }
  const ofEmbedding = builder.floats(samples * multi.representation.length);
  const ofLogits = builder.floats(heads.length * level);
  builder.pause([pass.embedding, probabilities, ofEmbedding, ofLogits, gradient]);
  for (let k = 1; teaches && k < heads.length; k++) {
    const ofHead = backward(heads[k]!, further(ofLogits, 4 * k * level), headPlaces(multi, gradient, k));
    builder.emit('add', [ofEmbedding, ofEmbedding, ofHead], [samples * multi.representation.length]);
  }
  const ofBody = builder.floats(multi.sizes.body);
  pass.backward(ofEmbedding, ofBody);
  builder.emit('add', [gradient, gradient, ofBody], [multi.sizes.body]);
}

function bodyPass(builder: ProgramBuilder, { model, representation }: MultiHead, kind: BatchKind) {
  return representation.program!.forward(builder, gathered(builder, model, kind), kind.samples);
}

/** Head k: 0 is the model's own. */
function headPass(
  builder: ProgramBuilder,
  multi: MultiHead,
  k: number,
  given: { readonly input: Place; readonly samples: number },
) {
  const { head } = multi.representation;
  return head.program!(builder, { params: headPlaces(multi, PARAMS, k), ...given });
}

/** Appends the backward pass of a head, and returns the gradient by the embedding. */
function backward(
  pass: ReturnType<typeof headPass>,
  outputGradient: Place,
  ofParams: readonly Place[],
): Place {
  return pass.backward({ outputGradient, ofParams, input: true })!;
}

/** Where the slices of head k lie in a vector of all params. */
function headPlaces(multi: MultiHead, vector: Place, k: number): Place[] {
  const first = firstSlice(multi, k);
  const slices = multi.slices.slice(first, first + multi.representation.head.slices.length);
  return slices.map(({ offset }) => further(vector, 4 * offset));
}

function softmax(
  builder: ProgramBuilder,
  { model }: MultiHead,
  out: Place,
  logits: Place,
  { samples }: BatchKind,
): void {
  builder.emit('softmax', [out, logits], [samples, model.spec.classes]);
}

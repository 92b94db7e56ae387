/**
 * What tasks run of a model, as step programs: a training step, a gradient, a score. Each is made once per thread.
 *
 * A model has them where all its layers have a program. Then it is computed by them on the backends native, wasm and
 * cpu, with the same bits; other models, and the backend tensorflow, compute with TensorFlow.js.
 */
import { type Dataset, lengthOf, type View } from '../data/dataset.js';
import { assert } from '../errors.js';
import { bitsOf } from '../numeric/bits.js';
import { type Frame, NOWHERE, type Registers } from '../numeric/machine.js';
import { further, type Place, type Program, ProgramBuilder, type ProgramParts } from '../numeric/program.js';
import type { Labels, Model, Trainable } from './model.js';
import type { Optimizer } from './optimizers/index.js';

/** How the rows of a batch are stored, and how many they are. */
export interface BatchKind {
  readonly samples: number;
  readonly stored: 'bytes' | 'float32';
  readonly scale: number;
  /** Whether the node sees the features in an order of its own. */
  readonly ordered: boolean;
}

/** Rows of a dataset as one node sees them. */
interface RowsSeen {
  /** Rows of the dataset. */
  readonly rows: Uint32Array;
  /** How the node sees them; by default as they are stored. */
  readonly view?: View | undefined;
}

/** The kind of a batch of so many samples. */
export function batchKind(dataset: Dataset, { view }: Pick<RowsSeen, 'view'>, samples: number): BatchKind {
  return {
    samples,
    stored: dataset.features instanceof Uint8Array ? 'bytes' : 'float32',
    scale: dataset.scale,
    ordered: view?.features !== undefined,
  };
}

export const RESULT: Place = { base: 'results', offset: 0 };
export const LABELS: Place = { base: 'labels', offset: 0 };
export const PARAMS: Place = { base: 'params', offset: 0 };
export const STATE: Place = { base: 'state', offset: 0 };
export const SETTINGS: Place = { base: 'settings', offset: 0 };
const CENTER: Place = { base: 'center', offset: 0 };
/** Where `gradientProgram` puts the gradient. */
const GRADIENT: Place = STATE;

/** Registers that say where the rows of a dataset lie. */
interface RowsAt {
  /** Those of a batch that begins at this row; the others are as given. */
  from(row: number, others?: Registers): Registers;
}

/** Brings rows, and their labels as the node sees them, to where programs find them. */
export function rowsAt(frame: Frame, dataset: Dataset, seen: RowsSeen): RowsAt {
  const data = frame.read(dataset.features);
  const rows = frame.read(seen.rows);
  const labels = frame.readOnce(labelsOf(dataset, seen));
  const order = seen.view?.features ? frame.read(seen.view.features) : 0;
  return {
    from: (row, others = NOWHERE) => ({
      ...others,
      data,
      order,
      rows: rows + 4 * row,
      labels: labels + 4 * row,
    }),
  };
}

/** The labels of rows as a node sees them, one for each; the targets for regression. */
function labelsOf(dataset: Dataset, { rows, view }: RowsSeen): Labels {
  const { attributes = 1, targets } = dataset;
  if (targets) return Float32Array.from(rows, (row) => targets[row]!);
  const { attribute = 0, labels: names } = view ?? {};
  const labels = new Int32Array(rows.length);
  for (let k = 0; k < labels.length; k++) {
    const label = dataset.labels[rows[k]! * attributes + attribute]!;
    labels[k] = names ? names[label]! : label;
  }
  return labels;
}

const made = new WeakMap<Model, Map<string, ProgramParts>>();

/** The programs of a model with this key, made by `build` the first time. */
export function programsOf(
  model: Model,
  key: string,
  build: (builder: ProgramBuilder) => void,
): ProgramParts {
  let programs = made.get(model);
  if (!programs) {
    programs = new Map();
    made.set(model, programs);
  }
  let parts = programs.get(key);
  if (!parts) {
    const builder = new ProgramBuilder();
    build(builder);
    parts = builder.finishParts();
    programs.set(key, parts);
  }
  return parts;
}

function programOf(model: Model, key: string, build: (builder: ProgramBuilder) => void): Program {
  return programsOf(model, key, build).parts[0]!;
}

/** What a training step does. */
interface StepKind {
  readonly batch: BatchKind;
  readonly optimizer: Optimizer;
  readonly trainable: Trainable;
  readonly clips: boolean;
  readonly pulls: boolean;
  /** Not together with `pulls`. */
  readonly shifts?: boolean;
}

/** Numbers of a step program's settings before those of the optimiser: the norm to clip at, and the proximal weight. */
export const STEP_SETTINGS = 2;

/**
 * One step of an optimiser on `params` and `state`, by the mean loss over a batch; `results` gets the float64 sum of the
 * losses. The settings are float32: the norm to clip at, the weight of the proximal term (towards `center`), then those
 * of the optimiser. A shift of the gradient is a pull of weight 1: from 0, at the second vector of `center`, to the shift, at
 * the first.
 */
export function stepProgram(model: Model, kind: StepKind): Program {
  const { batch, optimizer, trainable, clips, pulls, shifts = false } = kind;
  const { samples, stored, scale, ordered } = batch;
  const key = `step ${optimizer.key} ${trainable} ${clips} ${pulls} ${shifts} ${samples} ${stored} ${scale} ${ordered}`;
  return programOf(model, key, (builder) => {
    const gradient = builder.floats(model.length);
    appendGradient(builder, model, { ...batch, trainable, gradient });
    const { offset, length } = rangeOf(model, trainable);
    if (length === 0) return;
    const own = further(gradient, 4 * offset);
    const params = further(PARAMS, 4 * offset);
    if (pulls) {
      const places = [own, params, further(CENTER, 4 * offset), further(SETTINGS, 4)];
      builder.emit('pull', places, [length]);
    }
    if (shifts) {
      const zeros = further(CENTER, 4 * (model.length + offset));
      builder.emit('pull', [own, further(CENTER, 4 * offset), zeros, further(SETTINGS, 4)], [length]);
    }
    if (clips) {
      const norm = builder.doubles(1);
      builder.emit('norm', [norm, own], [length]);
      builder.emit('clip', [own, norm, SETTINGS], [length]);
    }
    optimizer.program!.append(builder, {
      params,
      state: Array.from({ length: optimizer.stateArrays }, (_, a) =>
        further(STATE, 4 * (a * model.length + offset)),
      ),
      gradient: own,
      settings: further(SETTINGS, 4 * STEP_SETTINGS),
      length,
    });
  });
}

/**
 * The gradient of the mean loss over a batch by the wanted params, at the register `state`: float32 [params], of which the
 * others stay as they are. `results` gets the float64 sum of the losses.
 */
export function gradientProgram(model: Model, kind: BatchKind & { readonly trainable: Trainable }): Program {
  return programOf(model, JSON.stringify(['gradient', kind]), (builder) =>
    appendGradient(builder, model, { ...kind, gradient: GRADIENT }),
  );
}

/** Adds to `results`, float64: the sum of the losses over a batch, and how many of its rows are classified rightly. */
export function scoreProgram(model: Model, kind: BatchKind): Program {
  return programOf(model, JSON.stringify(['score', kind]), (builder) => {
    const { logits } = model.program!.forward(builder, gathered(builder, model, kind), kind.samples);
    const { classes } = model.spec;
    builder.emit('score', [RESULT, builder.floats(classes), logits, LABELS], [kind.samples, classes]);
  });
}

function appendGradient(
  builder: ProgramBuilder,
  model: Model,
  { gradient, trainable, ...batch }: BatchKind & { gradient: Place; trainable: Trainable },
): void {
  const { classes } = model.spec;
  const pass = model.program!.forward(builder, gathered(builder, model, batch), batch.samples);
  const ofLogits = builder.floats(batch.samples * classes);
  builder.emit('cross_entropy', [ofLogits, RESULT, pass.logits, LABELS], [batch.samples, classes]);
  pass.backward(ofLogits, gradient, trainable);
}

/** Appends the gathering of a batch: its features, float32 [samples, …input]. */
export function gathered(builder: ProgramBuilder, { spec }: Model, kind: BatchKind): Place {
  const length = lengthOf(spec.input);
  const features = builder.floats(kind.samples * length);
  const places: Place[] = [features, { base: 'data', offset: 0 }, { base: 'rows', offset: 0 }];
  builder.emit(
    'gather',
    [...places, { base: 'order', offset: 0 }],
    [kind.samples, length, kind.stored === 'bytes' ? 1 : 0, kind.ordered ? 1 : 0, bitsOf(kind.scale)],
  );
  return features;
}

/** Where the wanted params lie: one stretch of the flat vector. */
export function rangeOf({ slices }: Model, trainable: Trainable): { offset: number; length: number } {
  const wanted = slices.filter(({ group }) => trainable === 'all' || group === trainable);
  const offset = wanted[0]?.offset ?? 0;
  const length = wanted.reduce((sum, slice) => {
    assert(slice.offset === offset + sum, 'body and head of a model with a program are one stretch each');
    return sum + slice.length;
  }, 0);
  return { offset, length };
}

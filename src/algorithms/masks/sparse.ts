/** Sparse personal models: how dense each kernel is, averages over masks, the next mask, training under one. */
import type { TaskContext, TaskDefinition } from '../../compute/task.js';
import type { Dataset } from '../../data/dataset.js';
import { type TrainInput, type TrainOutput, train } from '../../learning/train.js';
import { trainByProgram } from '../../learning/train-by-program.js';
import { buildModel } from '../../models/index.js';
import { optimizerOf } from '../../models/optimizers/index.js';
import { sum } from '../../numbers.js';
import { NOWHERE } from '../../numeric/machine.js';
import { type Place, type Program, ProgramTable } from '../../numeric/program.js';
import { largest } from '../../wire/select.js';
import { applyMask, type MaskedKernel, type MaskLayout, type OnesRule } from './masks.js';

/**
 * Erdős–Rényi-kernel densities: the kernels share the budget of `density` × their weights in proportion to the sum of
 * their dimensions, so that small layers stay denser. A kernel that would get more than its weights is kept whole, and
 * the rest of the budget goes to the others. Counts are rounded down; each kernel keeps one weight at least. Source:
 * Evci and others, "Rigging the Lottery", ICML 2020.
 */
export function onesByErk(density: number): OnesRule {
  return (slices) => {
    const kernels = slices.map(({ length, shape }) => ({ length, size: sum(shape), whole: false }));
    const total = sum(kernels.map(({ length }) => length));
    for (;;) {
      const whole = kernels.filter((kernel) => kernel.whole);
      const open = kernels.filter((kernel) => !kernel.whole);
      const budget = density * total - sum(whole.map(({ length }) => length));
      const scale = budget / sum(open.map(({ size }) => size));
      const overfull = open.filter(({ size, length }) => scale * size > length);
      for (const kernel of overfull) kernel.whole = true;
      if (overfull.length > 0) continue;
      // The small number corrects a quotient that rounding has left just below a whole number.
      return kernels.map(({ length, size, whole: all }) =>
        Math.max(1, all ? length : Math.floor(scale * size + 1e-9)),
      );
    }
  };
}

/** A vector, and its mask of the same length: 0 and 1. */
export interface MaskedVector {
  readonly values: Float32Array;
  readonly mask: Uint8Array;
}

/**
 * Σ_j m_j ⊙ x_j ⊘ Σ_j m_j: each coordinate averaged over those that have it, 0 where no node has it; float64 sums in the
 * order of the list, rounded once.
 */
export function intersectionAverage(models: readonly MaskedVector[]): Float32Array {
  const { length } = models[0]!.values;
  const totals = new Float64Array(length);
  const owners = new Uint32Array(length);
  for (const { values, mask } of models) {
    for (let i = 0; i < length; i++) {
      totals[i]! += mask[i] === 0 ? 0 : values[i]!;
      owners[i]! += mask[i]!;
    }
  }
  const average = new Float32Array(length);
  for (let i = 0; i < length; i++) average[i] = totals[i]! / Math.max(owners[i]!, 1);
  return average;
}

/** What {@link dropAndRegrow} decides by. Vectors and masks have the params' length. */
interface MaskSearch {
  readonly params: Float32Array;
  /** The dense gradient: of all weights, whether the mask keeps them or not. */
  readonly gradient: Float32Array;
  readonly mask: Uint8Array;
  readonly layout: MaskLayout;
  /** Share of a kernel's ones that is replaced, rounded up. */
  readonly rate: number;
}

/**
 * The next mask: in each kernel the ⌈rate · ones⌉ kept weights that are smallest in magnitude are dropped, then as many
 * of those that are off by now grow where the gradient is largest in magnitude. Ties keep and grow the lowest index.
 */
export function dropAndRegrow({ params, gradient, mask, layout, rate }: MaskSearch): Uint8Array {
  const next = Uint8Array.from(mask);
  for (const kernel of layout.kernels) {
    const kept = placesOf(mask, kernel, 1);
    const drop = Math.max(0, Math.ceil(rate * kept.length - 1e-9));
    for (const place of kept) next[place] = 0;
    for (const k of largest(gather(params, kept), kept.length - drop)) next[kept[k]!] = 1;
    const off = placesOf(next, kernel, 0);
    for (const k of largest(gather(gradient, off), drop)) next[off[k]!] = 1;
  }
  return next;
}

/** {@link TrainInput} with a mask: the weights that it leaves out stay 0. */
export interface MaskedTrainInput extends TrainInput<Float32Array> {
  readonly mask: Uint8Array;
  readonly layout: MaskLayout;
}

/** `train`, with the params and the optimiser's state masked after each step. */
export const maskedTrain: TaskDefinition<MaskedTrainInput, TrainOutput> = {
  id: 'masked-train',
  module: import.meta.url,
  export: 'maskedTrain',
  group: (input) => JSON.stringify([train.group(input), input.rows.length]),
  byProgram: (input) => train.byProgram!(input),
  flops: (input) => train.flops(input) + (input.rows.length / input.batch) * input.params.length,
  gradients: (input) => train.gradients!(input),
  footprint: (input) => train.footprint(input),
  outline: (input) => train.outline!(input),
  run(inputs, context) {
    const { machine } = context;
    if (!machine || !train.byProgram!(inputs[0]!)) return trainByTensors(inputs, context);
    const model = buildModel(inputs[0]!.model);
    const dataset = context.constant('dataset') as Dataset;
    return inputs.map((input) =>
      trainByProgram(machine, { model, dataset, input }, (frame) => {
        const mask = frame.read(input.mask);
        const { stateArrays } = optimizerOf(input.optimizer);
        const program = maskProgram(input.layout, stateArrays);
        return (at) => machine.run(program, { ...NOWHERE, ...at, data: mask });
      }),
    );
  },
};

const programs = new ProgramTable();

/** Masks the vector at `params`, and so many at `state`, by the bytes at `data`. */
function maskProgram({ kernels, params }: MaskLayout, stateArrays: number): Program {
  const places = kernels.map(({ offset, from, length }) => [offset, from, length]);
  return programs.get(JSON.stringify([places, params, stateArrays]), (builder) => {
    for (const { offset, from, length } of kernels) {
      const mask: Place = { base: 'data', offset: from };
      builder.emit('mask', [{ base: 'params', offset: 4 * offset }, mask], [length]);
      for (let a = 0; a < stateArrays; a++) {
        builder.emit('mask', [{ base: 'state', offset: 4 * (a * params + offset) }, mask], [length]);
      }
    }
  });
}

/** One step after the other, masked in between. */
function trainByTensors(inputs: readonly MaskedTrainInput[], context: TaskContext): TrainOutput[] {
  const { rows, batch } = inputs[0]!;
  const steps = rows.length / batch;
  let members = inputs;
  const losses = inputs.map(() => 0);
  for (let step = 0; step < steps; step++) {
    const part = members.map((input) => ({
      ...input,
      rows: input.rows.subarray(step * batch, (step + 1) * batch),
    }));
    members = train.run(part, context).map(({ params, optimizerState, loss }, n) => {
      const input = members[n]!;
      const { mask, layout } = input;
      losses[n]! += loss;
      return {
        ...input,
        params: applyMask(params, mask, layout),
        optimizerState: optimizerState && applyMask(optimizerState, mask, layout),
        stepsTaken: input.stepsTaken + 1,
      };
    });
  }
  return members.map(({ params, optimizerState }, n) => ({
    params,
    optimizerState,
    loss: losses[n]! / steps,
  }));
}

/** Where a kernel's mask has that bit, ascending. */
function placesOf(mask: Uint8Array, { from, length }: MaskedKernel, bit: 0 | 1): Uint32Array {
  const places = new Uint32Array(length);
  let found = 0;
  for (let i = from; i < from + length; i++) if (mask[i] === bit) places[found++] = i;
  return places.subarray(0, found);
}

function gather(values: Float32Array, places: Uint32Array): Float32Array {
  const gathered = new Float32Array(places.length);
  for (let k = 0; k < places.length; k++) gathered[k] = values[places[k]!]!;
  return gathered;
}

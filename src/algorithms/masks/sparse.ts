/** Sparse personal models over one flat params vector: how dense each layer is, averages over masks, training under one. */
import type { TaskDefinition } from '../../compute/task.js';
import { type TrainInput, type TrainOutput, train } from '../../learning/train.js';
import type { Slice } from '../../models/model.js';
import type { Random } from '../../random.js';
import { largest } from '../../wire/select.js';

/** A kernel in the params, and how many of its weights every mask keeps. */
export interface SparseLayer {
  readonly offset: number;
  readonly length: number;
  readonly ones: number;
}

/**
 * Erdős–Rényi-kernel densities: the kernels (slices of two dimensions or more) share the budget of
 * `density` × their weights in proportion to the sum of their dimensions, so that small layers stay denser. A layer
 * that would get more than it has is kept whole, and the others share what is left. Counts are rounded down; each
 * layer keeps one weight at least. Source: Evci and others, "Rigging the Lottery", ICML 2020.
 */
export function erkLayers(slices: readonly Slice[], density: number): SparseLayer[] {
  const kernels = slices
    .filter(({ shape }) => shape.length > 1)
    .map(({ offset, length, shape }) => ({ offset, length, size: sum(shape), whole: false }));
  const total = sum(kernels.map(({ length }) => length));
  for (;;) {
    const whole = kernels.filter((kernel) => kernel.whole);
    const open = kernels.filter((kernel) => !kernel.whole);
    const budget = density * total - sum(whole.map(({ length }) => length));
    const scale = budget / sum(open.map(({ size }) => size));
    const overfull = open.filter(({ size, length }) => scale * size > length);
    for (const kernel of overfull) kernel.whole = true;
    if (overfull.length > 0) continue;
    return kernels.map(({ offset, length, size, whole }) => {
      // The guard takes away what the division has left above or below a whole number.
      const ones = whole ? length : Math.floor(scale * size + 1e-9);
      return { offset, length, ones: Math.max(1, ones) };
    });
  }
}

/** A mask over all params: `ones` weights of each layer, drawn at random; what is in no layer (biases) is kept. */
export function drawSparseMask(length: number, layers: readonly SparseLayer[], random: Random): Uint8Array {
  const mask = new Uint8Array(length).fill(1);
  for (const layer of layers) {
    const order = random.shuffle(Uint32Array.from({ length: layer.length }, (_, i) => layer.offset + i));
    for (const place of order.subarray(layer.ones)) mask[place] = 0;
  }
  return mask;
}

/** A vector, and its mask of the same length: 0 and 1. */
export interface MaskedVector {
  readonly values: Float32Array;
  readonly mask: Uint8Array;
}

/**
 * Σ_j m_j ⊙ x_j ⊘ Σ_j m_j: each coordinate averaged over those that have it, 0 where nobody has; float64 sums in the
 * order of the list, rounded once.
 */
export function intersectionAverage(models: readonly MaskedVector[]): Float32Array {
  const average = new Float32Array(models[0]!.values.length);
  for (let i = 0; i < average.length; i++) {
    let total = 0;
    let owners = 0;
    for (const { values, mask } of models) {
      if (mask[i] === 0) continue;
      total += values[i]!;
      owners++;
    }
    average[i] = owners === 0 ? 0 : total / owners;
  }
  return average;
}

/**
 * x ⊙ m as a new vector: exactly +0 off the mask, whatever stood there. `values` may be several vectors of the mask's
 * length, one after the other.
 */
export function underMask(values: Float32Array, mask: Uint8Array): Float32Array {
  const masked = Float32Array.from(values);
  for (let from = 0; from < masked.length; from += mask.length) {
    for (let i = 0; i < mask.length; i++) if (mask[i] === 0) masked[from + i] = 0;
  }
  return masked;
}

/** What {@link dropAndRegrow} decides by: float32 and 0/1, all of the params' length. */
export interface MaskSearch {
  readonly params: Float32Array;
  /** Dense: of all weights, kept or not. */
  readonly gradient: Float32Array;
  readonly mask: Uint8Array;
  readonly layers: readonly SparseLayer[];
  /** Share of a layer's ones that is replaced, rounded up. */
  readonly rate: number;
}

/**
 * The next mask: in each layer the ⌈rate · ones⌉ kept weights that are smallest in magnitude are dropped, then as many
 * of those that are off by now grow where the gradient is largest in magnitude. Ties keep and grow the lowest index.
 */
export function dropAndRegrow({ params, gradient, mask, layers, rate }: MaskSearch): Uint8Array {
  const next = Uint8Array.from(mask);
  for (const layer of layers) {
    const kept = placesOf(mask, layer, 1);
    const drop = Math.max(0, Math.ceil(rate * kept.length - 1e-9));
    for (const place of kept) next[place] = 0;
    for (const k of largest(gather(params, kept), kept.length - drop)) next[kept[k]!] = 1;
    const off = placesOf(next, layer, 0);
    for (const k of largest(gather(gradient, off), drop)) next[off[k]!] = 1;
  }
  return next;
}

/** {@link TrainInput} under a mask (0 and 1, one a param): weights off it stay 0. */
export interface MaskedTrainInput extends TrainInput {
  readonly mask: Uint8Array;
}

/** `train` whose params, and optimiser state, are put back under the mask after each step. */
export const maskedTrain: TaskDefinition<MaskedTrainInput, TrainOutput> = {
  id: 'masked-train',
  module: import.meta.url,
  export: 'maskedTrain',
  group: (input) => JSON.stringify([train.group(input), input.rows.length]),
  flops: (input) => train.flops(input) + (input.rows.length / input.batch) * input.params.length,
  footprint: (input) => train.footprint(input),
  run(inputs, context) {
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
        losses[n]! += loss;
        return {
          ...input,
          params: underMask(params, input.mask),
          optimizerState: optimizerState && underMask(optimizerState, input.mask),
          stepsTaken: input.stepsTaken + 1,
        };
      });
    }
    return members.map(({ params, optimizerState }, n) => ({
      params,
      optimizerState,
      loss: losses[n]! / steps,
    }));
  },
};

/** Where in the params a layer's mask has that bit, ascending. */
function placesOf(mask: Uint8Array, { offset, length }: SparseLayer, bit: 0 | 1): Uint32Array {
  const places = new Uint32Array(length);
  let found = 0;
  for (let i = offset; i < offset + length; i++) if (mask[i] === bit) places[found++] = i;
  return places.subarray(0, found);
}

function gather(values: Float32Array, places: Uint32Array): Float32Array {
  const gathered = new Float32Array(places.length);
  for (let k = 0; k < places.length; k++) gathered[k] = values[places[k]!]!;
  return gathered;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

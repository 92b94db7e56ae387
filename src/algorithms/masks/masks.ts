/** Binary masks over the kernels of a model: which params they cover, how many ones they have, and how they act. */
import type { Model, Slice } from '../../models/model.js';
import type { Random } from '../../random.js';
import { largest, largestMask } from '../../wire/select.js';

/** A kernel (a slice of two dimensions or more) under masks. Plain data. */
export interface MaskedKernel {
  readonly group: Slice['group'];
  /** Where its weights begin in the params, and in masks and scores. */
  readonly offset: number;
  readonly from: number;
  readonly length: number;
  /** Output units: the last dimension, which runs fastest. */
  readonly units: number;
  /** Ones of every mask in this kernel. */
  readonly ones: number;
}

/** How masks and scores correspond to the params of a model. Plain data. */
export interface MaskLayout {
  readonly kernels: readonly MaskedKernel[];
  /** Length of a mask. */
  readonly length: number;
  /** Number of params. */
  readonly params: number;
}

/** How many ones masks have in each of these kernels. */
export type OnesRule = (kernels: readonly Slice[]) => readonly number[];

type Layers = Pick<Model, 'slices' | 'length'>;

/** Masks over the kernel weights alone, one kernel after the other. Default rule: a mask may keep all of them. */
export function kernelMasks(model: Layers, rule: OnesRule = allOnes): MaskLayout {
  let length = 0;
  const kernels = kernelsOf(model, rule).map((kernel) => {
    const from = length;
    length += kernel.length;
    return { ...kernel, from };
  });
  return { kernels, length, params: model.length };
}

/** Masks over all params: what is in no kernel (biases) is always 1. */
export function paramsMasks(model: Layers, rule: OnesRule): MaskLayout {
  return { kernels: kernelsOf(model, rule), length: model.length, params: model.length };
}

/** The kernels, with the same places in masks as in the params. */
function kernelsOf({ slices }: Layers, rule: OnesRule): MaskedKernel[] {
  const kernels = slices.filter(({ shape }) => shape.length > 1);
  const ones = rule(kernels);
  return kernels.map(({ group, offset, length, shape }, k) => ({
    group,
    offset,
    from: offset,
    length,
    units: shape.at(-1)!,
    ones: ones[k]!,
  }));
}

const allOnes: OnesRule = (kernels) => kernels.map(({ length }) => length);

/** Each kernel keeps a share of its weights: {@link keepCount} of them. */
export function onesByRatio(ratio: (kernel: Slice) => number): OnesRule {
  return (kernels) => kernels.map((kernel) => keepCount(kernel.length, ratio(kernel)));
}

/** Ones among `length` elements at keep ratio r: length − ⌊(1 − r)·length⌋, as the released code of MCE-PL counts. */
export function keepCount(length: number, ratio: number): number {
  return length - Math.floor((1 - ratio) * length + 1e-9);
}

/** 1 at the weights of each kernel with the largest |ranks|, as many as a mask keeps; ties go to the lowest index. */
export function topMask(ranks: Float32Array, { kernels }: MaskLayout): Uint8Array {
  const mask = new Uint8Array(ranks.length);
  for (const { from, length, ones } of kernels) {
    mask.set(largestMask(ranks.subarray(from, from + length), ones), from);
  }
  return mask;
}

/** Zeroes every output unit that keeps at most `least` weights; 0 removes nothing. */
export function removeThinUnits(mask: Uint8Array, { kernels }: MaskLayout, least: number): Uint8Array {
  if (least === 0) return mask;
  const thinned = Uint8Array.from(mask);
  for (const kernel of kernels) {
    const { from, length, units } = kernel;
    const counts = unitCounts(mask, kernel);
    for (let i = 0; i < length; i++) if (counts[i % units]! <= least) thinned[from + i] = 0;
  }
  return thinned;
}

/**
 * 0 for the weights of the ⌊removed · units⌋ output units of each kernel whose |ranks| have the least sums, 1 for all
 * others; of equal units the first stay.
 */
export function keepUnits(
  ranks: Float32Array,
  { kernels }: MaskLayout,
  removed: (kernel: MaskedKernel) => number,
): Uint8Array {
  const kept = new Uint8Array(ranks.length).fill(1);
  for (const kernel of kernels) {
    const { from, length, units } = kernel;
    const sums = new Float32Array(units);
    for (let i = 0; i < length; i++) sums[i % units]! += Math.abs(ranks[from + i]!);
    const staying = new Set(largest(sums, keptUnits(units, removed(kernel))));
    for (let i = 0; i < length; i++) if (!staying.has(i % units)) kept[from + i] = 0;
  }
  return kept;
}

/** How many of so many units stay where that share is removed, rounded down. */
export function keptUnits(units: number, removed: number): number {
  return units - Math.floor(removed * units + 1e-9);
}

/** Ones by output unit of one kernel. */
export function unitCounts(mask: Uint8Array, { from, length, units }: MaskedKernel): Int32Array {
  const counts = new Int32Array(units);
  for (let i = 0; i < length; i++) counts[i % units]! += mask[from + i]!;
  return counts;
}

/**
 * w ⊙ m as a new vector: exactly +0 where the mask is 0, whatever the weight was; params that no mask covers stay.
 * `values` may be several vectors of the params' length, one after the other.
 */
export function applyMask(values: Float32Array, mask: Uint8Array, layout: MaskLayout): Float32Array {
  const masked = values.slice();
  // All bits of a weight, or none: without a branch, which would be taken at random.
  const words = new Uint32Array(masked.buffer);
  for (let start = 0; start < words.length; start += layout.params) {
    for (const { offset, from, length } of layout.kernels) {
      const first = start + offset;
      for (let i = 0; i < length; i++) words[first + i]! &= -mask[from + i]!;
    }
  }
  return masked;
}

/** How many ones a mask has. */
export function onesOf(mask: Uint8Array): number {
  let ones = 0;
  for (const bit of mask) ones += bit;
  return ones;
}

/** Scores uniform in ±1/√fan-in, kernel by kernel (Kaiming's with a = √5). */
export function drawScores({ kernels, length: total }: MaskLayout, random: Random): Float32Array {
  const scores = new Float32Array(total);
  for (const { from, length, units } of kernels) {
    const bound = 1 / Math.sqrt(length / units);
    for (let i = 0; i < length; i++) scores[from + i] = bound * (2 * random.uniform() - 1);
  }
  return scores;
}

/** A mask whose bits are independent: 1 with the kernel's share of ones, so about as many ones as other masks have. */
export function drawIndependentMask({ kernels, length: total }: MaskLayout, random: Random): Uint8Array {
  const mask = new Uint8Array(total).fill(1);
  for (const { from, length, ones } of kernels) {
    for (let i = 0; i < length; i++) mask[from + i] = random.uniform() < ones / length ? 1 : 0;
  }
  return mask;
}

/** A mask with exactly the kernel's number of ones in each kernel, at places drawn at random. */
export function drawExactMask({ kernels, length: total }: MaskLayout, random: Random): Uint8Array {
  const mask = new Uint8Array(total).fill(1);
  for (const { from, length, ones } of kernels) {
    const order = random.shuffle(Uint32Array.from({ length }, (_, i) => from + i));
    for (const place of order.subarray(ones)) mask[place] = 0;
  }
  return mask;
}

/** Mean of masks, element by element: float32 in [0, 1]. */
export function meanMask(masks: readonly Uint8Array[]): Float32Array {
  const { length } = masks[0]!;
  const mean = new Float32Array(length);
  for (let from = 0; from < masks.length; from += 255) {
    const ones = sumOfMasks(masks.slice(from, from + 255), length);
    for (let i = 0; i < length; i++) mean[i]! += ones[i]!;
  }
  for (let i = 0; i < length; i++) mean[i]! /= masks.length;
  return mean;
}

/** How many of at most 255 masks have a 1, element by element: added up as words of four elements. */
function sumOfMasks(masks: readonly Uint8Array[], length: number): Uint8Array {
  const words = Math.ceil(length / 4);
  const sums = new Uint32Array(words);
  for (const mask of masks) {
    const padded = new Uint32Array(words);
    new Uint8Array(padded.buffer).set(mask);
    for (let w = 0; w < words; w++) sums[w]! += padded[w]!;
  }
  return new Uint8Array(sums.buffer, 0, length);
}

/**
 * One mask from a node's own and those that it has received, all of one length. `overlap`: 1 where two of them have a
 * 1, elsewhere the node's own bit. `majority`: what most of them have, the node's own bit at a tie.
 */
export function combineMasks(
  own: Uint8Array,
  received: readonly Uint8Array[],
  rule: 'overlap' | 'majority',
): Uint8Array {
  const ones = Uint32Array.from(own);
  for (const mask of received) for (let i = 0; i < mask.length; i++) ones[i]! += mask[i]!;
  const combined = Uint8Array.from(own);
  for (let i = 0; i < own.length; i++) {
    if (rule === 'overlap') {
      if (ones[i]! >= 2) combined[i] = 1;
      continue;
    }
    const balance = 2 * ones[i]! - (received.length + 1);
    if (balance !== 0) combined[i] = balance > 0 ? 1 : 0;
  }
  return combined;
}

/** Binary masks over the kernels of a model: how many weights are kept, which, and what their scores learn. */

import type { Model, Slice } from '../../models/model.js';
import type { Random } from '../../random.js';
import { largest } from '../../wire/select.js';

/** A masked slice: its place in the params, and in masks and scores (which hold the masked slices one after the other). */
export interface MaskedSlice {
  readonly slice: Slice;
  readonly from: number;
  readonly length: number;
  /** Ones of every mask. */
  readonly keep: number;
}

/** Ones among `length` elements at keep ratio r: length − ⌊(1 − r)·length⌋, as the released code of MCE-PL counts. */
export function maskKeepCount(length: number, ratio: number): number {
  return length - Math.floor((1 - ratio) * length + 1e-9);
}

/** The masked slices: all of two dimensions or more (kernels); biases are not masked. */
export function maskedSlices(model: Model, ratio: (slice: Slice) => number): MaskedSlice[] {
  let from = 0;
  return model.slices
    .filter(({ shape }) => shape.length > 1)
    .map((slice) => {
      const masked = { slice, from, length: slice.length, keep: maskKeepCount(slice.length, ratio(slice)) };
      from += slice.length;
      return masked;
    });
}

/** Number of masked weights. */
export function maskLength(slices: readonly MaskedSlice[]): number {
  return slices.reduce((sum, { length }) => sum + length, 0);
}

/** 1 at the `keep` elements of each slice with the largest |ranks|, ties to the lowest index. */
export function topMask(ranks: Float32Array, slices: readonly MaskedSlice[]): Uint8Array {
  const mask = new Uint8Array(ranks.length);
  for (const { from, length, keep } of slices) {
    for (const index of largest(ranks.subarray(from, from + length), keep)) mask[from + index] = 1;
  }
  return mask;
}

/** Zeroes every output unit (last dimension) that keeps at most `least` weights; 0 removes nothing. */
export function removeThinUnits(mask: Uint8Array, slices: readonly MaskedSlice[], least: number): Uint8Array {
  if (least === 0) return mask;
  const thinned = Uint8Array.from(mask);
  for (const slice of slices) {
    const counts = unitCounts(mask, slice);
    const units = counts.length;
    for (let i = 0; i < slice.length; i++) if (counts[i % units]! <= least) thinned[slice.from + i] = 0;
  }
  return thinned;
}

/**
 * 0 for the weights into the ⌊removed · units⌋ output units of each slice whose ranks sum to the least in magnitude, 1
 * for all others; of equal units the first stay.
 */
export function keepUnits(
  ranks: Float32Array,
  slices: readonly MaskedSlice[],
  removed: (slice: Slice) => number,
): Uint8Array {
  const kept = new Uint8Array(ranks.length).fill(1);
  for (const { slice, from, length } of slices) {
    const units = slice.shape[slice.shape.length - 1]!;
    const sums = new Float32Array(units);
    for (let i = 0; i < length; i++) sums[i % units]! += Math.abs(ranks[from + i]!);
    const staying = new Set(largest(sums, units - Math.floor(removed(slice) * units + 1e-9)));
    for (let i = 0; i < length; i++) if (!staying.has(i % units)) kept[from + i] = 0;
  }
  return kept;
}

/** Ones by output unit of one slice. */
export function unitCounts(mask: Uint8Array, { slice, from, length }: MaskedSlice): Int32Array {
  const units = slice.shape[slice.shape.length - 1]!;
  const counts = new Int32Array(units);
  for (let i = 0; i < length; i++) counts[i % units]! += mask[from + i]!;
  return counts;
}

/** w ⊙ m: params whose masked slices are zero off the mask; the others as they are. */
export function applyMask(
  weights: Float32Array,
  mask: Uint8Array,
  slices: readonly MaskedSlice[],
): Float32Array {
  const params = Float32Array.from(weights);
  for (const { slice, from, length } of slices) {
    for (let i = 0; i < length; i++) if (mask[from + i] === 0) params[slice.offset + i] = 0;
  }
  return params;
}

/** Scores uniform in ±1/√fan-in, slice by slice (Kaiming's with a = √5). */
export function drawScores(slices: readonly MaskedSlice[], random: Random): Float32Array {
  const scores = new Float32Array(maskLength(slices));
  for (const { slice, from, length } of slices) {
    const units = slice.shape[slice.shape.length - 1]!;
    const bound = 1 / Math.sqrt(length / units);
    for (let i = 0; i < length; i++) scores[from + i] = bound * (2 * random.uniform() - 1);
  }
  return scores;
}

/** Each element 1 with its slice's share of ones. */
export function drawMask(slices: readonly MaskedSlice[], random: Random): Uint8Array {
  const mask = new Uint8Array(maskLength(slices));
  for (const { from, length, keep } of slices) {
    for (let i = 0; i < length; i++) mask[from + i] = random.uniform() < keep / length ? 1 : 0;
  }
  return mask;
}

/** Mean of masks, element by element: float32 in [0, 1]. */
export function meanMask(masks: readonly Uint8Array[]): Float32Array {
  const mean = new Float32Array(masks[0]!.length);
  for (let i = 0; i < mean.length; i++) {
    let ones = 0;
    for (const mask of masks) ones += mask[i]!;
    mean[i] = ones / masks.length;
  }
  return mean;
}

/**
 * One mask from a node's own and those that it has received, all of one length. `overlap`: 1 where two of them have a
 * one, elsewhere the own bit. `majority`: what most of them have, the own bit at a tie.
 */
export function combineMasks(
  own: Uint8Array,
  received: readonly Uint8Array[],
  rule: 'overlap' | 'majority',
): Uint8Array {
  return own.map((bit, i) => {
    let ones = bit;
    for (const mask of received) ones += mask[i]!;
    if (rule === 'overlap') return ones >= 2 ? 1 : bit;
    const balance = 2 * ones - (received.length + 1);
    return balance === 0 ? bit : balance > 0 ? 1 : 0;
  });
}

/** Structured patterns: which weights of a model are pruned together. */
import type { Model } from '../../models/model.js';
import type { GroupLayout } from '../../wire/grouped-values.js';
import { largest } from '../../wire/select.js';
import { kernelMasks } from './masks.js';

/** What is pruned at once: all weights into a unit, half of them, or all weights out of an input. */
export const PATTERNS = ['columns', 'half-columns', 'rows'] as const;
type Pattern = (typeof PATTERNS)[number];

/** Groups of a model, and of which kernel each is. */
export interface WeightGroups extends GroupLayout {
  /** By kernel, its groups: from that one on, so many. */
  readonly kernels: ReadonlyArray<{ readonly from: number; readonly count: number }>;
}

/** The groups of the body's kernels; what is in the head, and biases, belongs to none. */
export function weightGroups(model: Pick<Model, 'slices' | 'length'>, pattern: Pattern): WeightGroups {
  const groupOf = new Int32Array(model.length).fill(-1);
  const kernels: { from: number; count: number }[] = [];
  let from = 0;
  for (const { group, offset, length, units } of kernelMasks(model).kernels) {
    if (group === 'head') continue;
    const rows = length / units;
    const count = { columns: units, 'half-columns': 2 * units, rows }[pattern];
    for (let i = 0; i < length; i++) groupOf[offset + i] = from + placeIn(pattern, i, units, rows);
    kernels.push({ from, count });
    from += count;
  }
  return { groupOf, groups: from, kernels };
}

/** Whether all groups of a kernel have as many params, for each kernel: then any choice of so many groups has as many. */
export function hasEqualGroups({ groupOf, groups, kernels }: WeightGroups): boolean {
  const sizes = new Uint32Array(groups);
  for (const group of groupOf) if (group >= 0) sizes[group]!++;
  return kernels.every(({ from, count }) =>
    sizes.subarray(from, from + count).every((size) => size === sizes[from]),
  );
}

function placeIn(pattern: Pattern, i: number, units: number, rows: number): number {
  const [row, column] = [Math.floor(i / units), i % units];
  if (pattern === 'rows') return row;
  if (pattern === 'columns') return column;
  return 2 * column + (2 * row < rows ? 0 : 1);
}

/** 1 for each group that stays: in each kernel all but ⌊pruned · groups⌋ of the least scores; of equal ones the first stay. */
export function keptGroups(scores: Float32Array, { kernels }: WeightGroups, pruned: number): Uint8Array {
  const kept = new Uint8Array(scores.length);
  for (const { from, count } of kernels) {
    const staying = count - Math.floor(pruned * count + 1e-9);
    for (const k of largest(scores.subarray(from, from + count), staying)) kept[from + k] = 1;
  }
  return kept;
}

/** Root of the sum of squares of each group's values; float64 sums, rounded once. */
export function groupNorms(values: Float32Array, { groupOf, groups }: WeightGroups): Float32Array {
  const squares = new Float64Array(groups);
  for (let i = 0; i < values.length; i++) if (groupOf[i]! >= 0) squares[groupOf[i]!]! += values[i]! ** 2;
  return Float32Array.from(squares, Math.sqrt);
}

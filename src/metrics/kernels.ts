/** Probes of which weights are zero: for methods that mask or prune. Kernels are the slices of two dimensions or more. */
import { z } from 'zod';
import { UsageError } from '../errors.js';
import { buildModel } from '../models/index.js';
import type { Slice } from '../models/model.js';
import { meansOf } from './mean.js';
import type { Measured, Probe, ProbeView } from './probe.js';

/** The kernels of one node's first params. */
interface NodeKernels {
  readonly id: number;
  readonly params: Float32Array;
  readonly kernels: readonly Slice[];
}

/**
 * |m_i ∧ m_j| / |m_i ∨ m_j| (Jaccard), where m_i says which kernel weights of node i's first params are not zero. Two
 * nodes without any such weight overlap completely: 1. Models without kernels give no figure, and neither does a run with
 * a single node.
 */
export const maskOverlap: Probe<{ pairs: boolean }> = {
  id: 'mask-overlap',
  description:
    'of the kernel weights that are not zero on at least one of two nodes, the share that is not zero on both; mean over all pairs of nodes',
  options: z.strictObject({
    pairs: z
      .boolean()
      .default(false)
      .describe(
        'whether to write one row for each pair of nodes i < j too: the metric mask-overlap:j of node i',
      ),
  }),
  measure(view, _evaluations, { pairs }) {
    const masks = kernelsOf(view).map(({ id, params, kernels }) => ({ id, ...packedMask(params, kernels) }));
    const rows: Measured[] = [];
    for (const [i, one] of masks.entries()) {
      for (const other of masks.slice(i + 1)) {
        if (one.length !== other.length) throw unequal(one, other);
        if (one.length === 0) continue;
        rows.push({
          metric: `mask-overlap:${other.id}`,
          node: one.id,
          value: jaccard(one.words, other.words),
        });
      }
    }
    if (rows.length === 0) return [];
    const mean = rows.reduce((sum, { value }) => sum + value, 0) / rows.length;
    return [...(pairs ? rows : []), { metric: 'mask-overlap', value: mean }];
  },
};

/**
 * How many output units of each layer have a kernel weight that is not zero. A layer is named after its kernel, without
 * `/kernel`.
 */
export const unitsRemaining: Probe<Record<string, never>> = {
  id: 'units-remaining',
  description:
    'output units with at least one kernel weight that is not zero, per layer and node; mean over nodes',
  options: z.strictObject({}),
  measure(view) {
    const rows = kernelsOf(view).flatMap(({ id, params, kernels }) =>
      kernels.map((kernel) => ({
        metric: `units-remaining:${kernel.name.replace(/\/kernel$/, '')}`,
        node: id,
        value: usedUnits(params, kernel),
      })),
    );
    return [...rows, ...meansOf(rows)];
  },
};

function kernelsOf(view: ProbeView): NodeKernels[] {
  const isKernel = ({ shape }: Slice) => shape.length >= 2;
  const common = buildModel(view.model).slices.filter(isKernel);
  return view.nodes.flatMap(({ id, evaluated }) =>
    Object.values(evaluated)
      .slice(0, 1)
      .map(({ params, model }) => ({
        id,
        params,
        kernels: model ? buildModel(model).slices.filter(isKernel) : common,
      })),
  );
}

/** One bit per kernel weight, set where the weight is not zero; `length` is the number of weights. */
function packedMask(params: Float32Array, kernels: readonly Slice[]) {
  const length = kernels.reduce((sum, kernel) => sum + kernel.length, 0);
  const words = new Uint32Array(Math.ceil(length / 32));
  let bit = 0;
  for (const kernel of kernels) {
    for (let i = kernel.offset; i < kernel.offset + kernel.length; i++, bit++) {
      if (params[i] !== 0) words[bit >>> 5]! |= 1 << (bit & 31);
    }
  }
  return { words, length };
}

function jaccard(one: Uint32Array, other: Uint32Array): number {
  let both = 0;
  let either = 0;
  for (let w = 0; w < one.length; w++) {
    both += ones(one[w]! & other[w]!);
    either += ones(one[w]! | other[w]!);
  }
  return either === 0 ? 1 : both / either;
}

/** Bits that are set in a word of 32. */
function ones(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const nibbles = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((nibbles + (nibbles >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

function usedUnits(params: Float32Array, { shape, offset, length }: Slice): number {
  const units = shape[shape.length - 1]!;
  const used = new Uint8Array(units);
  for (let i = 0; i < length; i++) if (params[offset + i] !== 0) used[i % units] = 1;
  return used.reduce((sum, one) => sum + one, 0);
}

function unequal(one: { id: number; length: number }, other: { id: number; length: number }): UsageError {
  return new UsageError(
    'unequal-models',
    `probe "mask-overlap": expected models with the same kernels on all nodes, got ${one.length} kernel weights on ` +
      `node ${one.id} and ${other.length} on node ${other.id}: use one model, or remove the probe`,
    'measure.probes',
  );
}

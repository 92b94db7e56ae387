/**
 * What a run will take in memory: first by the plan alone, before anything is loaded or built, then by what was loaded. A
 * run that cannot fit is refused with the estimate and the limit.
 */
import type { DataSize } from '../data/source.js';
import { callPlugin, UsageError } from '../errors.js';
import { RESIDENT_BYTES } from '../numeric/thread.js';
import { type Bytes, formatBytes } from '../units.js';
import { modelsOf, type RunConstants } from './constants.js';
import type { Execution, Plan } from './plan.js';

type Engines = Pick<Execution, 'backend' | 'workers'>;

/** What the estimate is made of. */
interface Extent {
  /** Learners, and the nodes of roles. */
  readonly nodes: number;
  /** Params of all nodes together. */
  readonly params: number;
  /** The data set. */
  readonly data: Bytes;
  /** Links times types of messages times rounds: what the ledger counts apart. 0 where the rounds are not known. */
  readonly cells: number;
}

/** Node, TensorFlow.js and our own code. */
const PROGRAM: Bytes = 150e6;

/** Params, stepped params, optimiser state, the encoded body and what tasks copy: some 8 vectors per node. */
const VECTORS = 8;

/** A cell of the ledger, in arrays that grow by doubling. */
const CELL: Bytes = 64;

/** Number of cells of the ledger from which on a run with a folder lays aside those that are over. */
export const CELLS_IN_MEMORY = 1 << 18;

/** Rough upper estimate. */
export function estimateMemory({ params, data, cells }: Extent, { backend, workers }: Engines): Bytes {
  const vectors = 4 * VECTORS * params;
  // TensorFlow is one engine, however many threads it has, and a large one.
  const engines = backend === 'tensorflow' ? 260e6 : Math.max(0, workers - 1) * 120e6;
  // Kernels have copies of vectors; large data lie where they read them.
  const copies = backend === 'tensorflow' ? 0 : Math.min(RESIDENT_BYTES, vectors / 4);
  return Math.ceil(PROGRAM + data + vectors + engines + copies + CELL * cells);
}

/** By the plan alone; undefined where the data source does not say before it has loaded. */
export function extentOfPlan(plan: Plan): Extent | undefined {
  const { entry, options } = plan.data.source;
  const size = callPlugin(`data source "${entry.id}"`, () => entry.size?.(options, { nodes: plan.nodes }));
  if (size === undefined) return undefined;
  const models = modelsOf(plan, size);
  const params = Array.from({ length: plan.nodes }, (_, node) => models[node % models.length]!.length);
  return {
    nodes: plan.nodes,
    params: plan.timingOnly ? 0 : params.reduce((sum, length) => sum + length, 0),
    data: bytesOf(size),
    cells: 0,
  };
}

/** By what was loaded and built. `cellsInMemory`: the others are laid aside. */
export function extentOf(
  plan: Plan,
  { dataset, modelOf, roles, neighbors, types }: RunConstants,
  cellsInMemory = Number.POSITIVE_INFINITY,
): Extent {
  const links = neighbors.out.reduce((sum, receivers) => sum + receivers.length, 0);
  return {
    nodes: roles.length,
    params: plan.timingOnly ? 0 : roles.reduce((sum, _, node) => sum + modelOf(node).length, 0),
    data: dataset.features.byteLength + dataset.labels.byteLength,
    cells: Math.min(cellsInMemory, links * types.length * (plan.stop.after ?? 0)),
  };
}

function bytesOf({ rows, shape, bytesPerFeature, labels = 1, more = 0 }: DataSize): Bytes {
  const features = shape.reduce((product, length) => product * length, 1);
  return rows * (features * bytesPerFeature + 4 * labels) + more;
}

/** What kernels can address, less what they need beside the data. */
const DATA_MAX: Bytes = 3.5e9;

/** Throws a UsageError `out-of-memory` with the estimate where a run cannot fit. */
export function checkMemory(extent: Extent, engines: Engines, available: Bytes | undefined): void {
  const { nodes, params, data, cells } = extent;
  if (engines.backend !== 'tensorflow' && data > DATA_MAX) {
    throw new UsageError(
      'out-of-memory',
      `expected data of at most ${formatBytes(DATA_MAX)}, which is what kernels can address, got ${formatBytes(data)}: ` +
        'take fewer samples, or the backend tensorflow',
      'data',
    );
  }
  const needed = estimateMemory(extent, engines);
  if (available === undefined || needed <= available) return;
  const each = Math.round(params / nodes).toLocaleString('en');
  const parts = [
    `${nodes} nodes × ${each} params: ${formatBytes(4 * VECTORS * params)}`,
    `data: ${formatBytes(data)}`,
    ...(cells > 0 ? [`ledger: ${formatBytes(CELL * cells)}`] : []),
  ];
  throw new UsageError(
    'out-of-memory',
    `expected a run that fits into ${formatBytes(available)} of memory, got one that needs about ` +
      `${formatBytes(needed)} (${parts.join('; ')}): take fewer nodes, a smaller model, fewer samples or fewer workers`,
    'nodes',
  );
}

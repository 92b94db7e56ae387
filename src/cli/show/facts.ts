/** What can be said of a run before it runs, as plain data. */
import type { BackendName } from '../../compute/task.js';
import type { Dataset, Shard } from '../../data/dataset.js';
import type { PlannedRun } from '../../scenario/plan.js';
import type { LoadData, RunConstants } from '../../simulation/constants.js';
import { CELLS_IN_MEMORY, estimateMemory, extentOf } from '../../simulation/memory.js';
import { prepare } from '../../simulation/try-out.js';
import { isConnected } from '../../topology/components.js';
import { type Contraction, contractionOf } from '../../topology/contraction.js';
import { diameter } from '../../topology/distances.js';
import { mixingRows, spectralGap } from '../../topology/index.js';
import { isSymmetric } from '../../topology/neighbor-lists.js';
import type { Bytes, Nanoseconds } from '../../units.js';
import { availableMemory } from '../machine.js';
import { type PredictedTraffic, predictTraffic } from './traffic.js';

/** What `mycel show` says of a variant. Plain data: `--json` prints it. */
export interface Facts {
  readonly file: string;
  readonly variant: string | undefined;
  readonly seed: number;
  readonly title: string;
  readonly data: {
    readonly use: string;
    readonly shape: readonly number[];
    readonly classes: number;
    readonly trainRows: number;
    readonly testRows: number;
    /** Training rows of each node. */
    readonly rows: readonly number[];
    /** Training rows of each node in each class, as the node calls it; empty for regression. */
    readonly perClass: ReadonlyArray<readonly number[]>;
  };
  readonly models: readonly ModelFacts[];
  readonly topology: TopologyFacts;
  readonly traffic: PredictedTraffic;
  readonly memoryBytes: Bytes;
  /** The resolved scenario: its sections with every default. */
  readonly scenario: Readonly<Record<string, unknown>>;
}

interface ModelFacts {
  readonly use: string;
  readonly nodes: number;
  readonly params: number;
  readonly bytes: Bytes;
  /** Of one sample. */
  readonly forwardFlops: number;
  readonly backwardFlops: number;
  readonly slices: ReadonlyArray<{
    readonly name: string;
    readonly shape: readonly number[];
    readonly group: string;
  }>;
}

interface TopologyFacts {
  /** Learners, and the nodes of roles. */
  readonly nodes: number;
  readonly links: number;
  readonly directed: boolean;
  readonly connected: boolean;
  /** Links that come in. */
  readonly degree: { readonly least: number; readonly mean: number; readonly greatest: number };
  /** `Infinity` where some node cannot be reached from another; a lower bound unless `exact`. */
  readonly diameter: number;
  readonly diameterIsExact: boolean;
  /** Undefined for algorithms without a mixing rule, and for very large topologies. */
  readonly spectralGap: number | undefined;
  /** Where links differ from round to round; the rest is of the first round. What mixing does, as `spectralGap`. */
  readonly changing?: Partial<Contraction>;
}

/** Rounds of a topology that differs from round to round for which mixing is tried. */
const ROUNDS_MIXED = 100;

/** Largest topology of which the spectral gap is computed: some seconds. */
const GAP_NODES_MAX = 10_000;

/** How the facts of a run are found. */
interface Inquiry {
  readonly load: LoadData;
  readonly backend: BackendName | 'auto';
  readonly workers: number;
  /** Longest time for the rounds that are run to predict traffic; 0: none are. */
  readonly patience: Nanoseconds;
}

/** Finds them: builds what the run would build, and runs its first rounds. Throws UsageErrors and PluginErrors. */
export async function factsOf(plan: PlannedRun, inquiry: Inquiry): Promise<Facts> {
  const execution = { backend: inquiry.backend, workers: inquiry.workers };
  const limits = { memory: availableMemory(), archive: { cells: CELLS_IN_MEMORY } };
  const constants = await prepare(plan, { ...execution, ...limits }, inquiry.load);
  const { dataset } = constants;
  return {
    file: plan.file,
    variant: plan.variant.name,
    seed: plan.seed,
    title: plan.title,
    data: {
      use: plan.data.source.entry.id,
      shape: dataset.shape,
      classes: dataset.classes,
      trainRows: dataset.train,
      testRows: dataset.test,
      rows: constants.shards.map(({ train }) => train.length),
      perClass: dataset.classes > 0 ? constants.shards.map((shard) => countClasses(shard, dataset)) : [],
    },
    models: modelFacts(constants, plan.nodes),
    topology: topologyFacts(constants, plan),
    traffic: await predictTraffic(plan, inquiry),
    memoryBytes: estimateMemory(extentOf(plan, constants, CELLS_IN_MEMORY), execution),
    scenario: plan.resolved as Readonly<Record<string, unknown>>,
  };
}

function countClasses({ train, view }: Shard, { labels, attributes = 1, classes }: Dataset): number[] {
  const counts: number[] = Array.from({ length: classes }, () => 0);
  for (const row of train) {
    const stored = labels[row * attributes + (view?.attribute ?? 0)]!;
    counts[view?.labels?.[stored] ?? stored]!++;
  }
  return counts;
}

function modelFacts({ models, modelOf }: RunConstants, learners: number): ModelFacts[] {
  const nodes = (model: (typeof models)[number]) =>
    Array.from({ length: learners }, (_, node) => modelOf(node)).filter((own) => own === model).length;
  return [...new Set(models)].map((model) => ({
    use: model.spec.use,
    nodes: nodes(model),
    params: model.length,
    bytes: 4 * model.length,
    forwardFlops: model.flops.forward,
    backwardFlops: model.flops.backward,
    slices: model.slices.map(({ name, shape, group }) => ({ name, shape, group })),
  }));
}

function topologyFacts({ neighbors, linksAt }: RunConstants, plan: PlannedRun): TopologyFacts {
  const degrees = neighbors.in.map((list) => list.length);
  const links = degrees.reduce((sum, degree) => sum + degree, 0);
  const { links: longest, isExact } = diameter(neighbors);
  const { entry, options } = plan.algorithm;
  const rule = entry.mixing?.(options);
  const wanted = rule !== undefined && neighbors.nodes <= GAP_NODES_MAX;
  return {
    nodes: neighbors.nodes,
    links,
    directed: !isSymmetric(neighbors),
    connected: isConnected(neighbors),
    degree: {
      least: degrees.reduce((least, degree) => Math.min(least, degree)),
      mean: links / neighbors.nodes,
      greatest: degrees.reduce((greatest, degree) => Math.max(greatest, degree)),
    },
    diameter: longest,
    diameterIsExact: isExact,
    spectralGap: wanted && !linksAt ? spectralGap(mixingRows(neighbors, rule), neighbors) : undefined,
    ...(linksAt && { changing: wanted ? contractionOf(linksAt, rule, ROUNDS_MIXED) : {} }),
  };
}

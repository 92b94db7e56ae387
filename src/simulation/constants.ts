/** What does not change during a run: rebuilt from the plan alone, the same each time. */
import { runsPrograms } from '../compute/machines.js';
import type { BackendName } from '../compute/task.js';
import type { Dataset, Shard } from '../data/dataset.js';
import { asPluginError, callPlugin, UsageError } from '../errors.js';
import type { CodecContext, Role } from '../learning/algorithm.js';
import { buildModel, modelList } from '../models/index.js';
import type { Model, ModelSpec } from '../models/model.js';
import { optimizerList } from '../models/optimizers/index.js';
import { entryOf, modulesIn, type Reference, referenceTo } from '../models/references.js';
import { checkFaults } from '../network/faults/faults.js';
import { checkNetwork } from '../network/options.js';
import { RESIDENT_BYTES } from '../numeric/thread.js';
import { Streams } from '../random.js';
import { buildTopology as topologyOf } from '../topology/index.js';
import type { Neighbors } from '../topology/neighbors.js';
import { type Bytes, formatBytes } from '../units.js';
import type { MessageType } from './messages.js';
import type { Execution, Plan } from './plan.js';
import type { Result } from './result.js';

/** Everything that does not change during a run. */
export interface RunConstants {
  readonly streams: Streams;
  readonly dataset: Dataset;
  readonly shards: readonly Shard[];
  /** The model of all learners; that of node 0 where they differ. */
  readonly model: Model;
  /** One model per learner where they differ; else the one model of all. */
  readonly models: readonly Model[];
  /** The model of a node; for the nodes of roles, that of the last learner. */
  modelOf(node: number): Model;
  /** `learner` or the name of a role, by node. */
  readonly roles: readonly string[];
  /** By node, whether its rounds count for the rounds of the run. */
  readonly counts: readonly boolean[];
  readonly neighbors: Neighbors;
  readonly types: readonly MessageType[];
  /** The validated options of the algorithm. */
  readonly algorithmOptions: unknown;
  /** What the algorithm has loaded from files, by name. */
  readonly loaded: Readonly<Record<string, unknown>>;
  /** FLOPS, by node. */
  readonly speeds: Float64Array;
  /** Params that a node starts from. */
  initialParams(node: number): Float32Array;
}

/** Loads the data and builds everything that does not change. Throws UsageErrors and PluginErrors. */
export async function loadConstants(plan: Plan): Promise<RunConstants> {
  const streams = new Streams(plan.seed);
  const { entry: algorithm, options } = plan.algorithm;
  const { source, split, validation, directory } = plan.data;
  const sourceContext = { random: streams.stream('data/source'), nodes: plan.nodes, directory };
  const load = async () => source.entry.load(source.options, sourceContext);
  const dataset = await load().catch((error: unknown) => {
    throw asPluginError(`data source "${source.entry.id}"`, error);
  });
  const shards = callPlugin(`split "${split.entry.id}"`, () =>
    split.entry.split(split.options, {
      dataset,
      nodes: plan.nodes,
      random: (name) => streams.stream(name === undefined ? 'data/split' : `data/split/${name}`),
      validation,
    }),
  );
  const learnerModels = modelsOf(plan, dataset);
  const model = learnerModels[0]!;
  const modelOf = byNode(learnerModels);
  const { roles, counts } = rolesOf(plan.nodes, algorithm.roles ?? {});
  checkNetwork(plan.network, roles.length);
  checkFaults(plan.faults, { nodes: roles.length, learners: plan.nodes });
  const { drop, retry } = plan.network;
  const troubles = { drops: drop > 0, givesUp: Number.isFinite(retry.tries), faults: plan.faults.length > 0 };
  if (algorithm.commonInit && plan.model.init === 'per-node') {
    throw new UsageError(
      'common-init',
      `expected init: common, since all nodes of ${algorithm.id} must start from the same params, got init: per-node`,
      'model.init',
    );
  }
  algorithm.validate?.({ options, nodes: plan.nodes, ...troubles });
  return {
    streams,
    dataset,
    shards,
    model,
    models: learnerModels,
    modelOf,
    roles,
    counts,
    neighbors: buildTopology(plan, roles.length, streams),
    types: messageTypes(plan, { options, model, models: [...new Set(learnerModels)], nodes: plan.nodes }),
    algorithmOptions: options,
    loaded: await loadFiles(plan, model),
    speeds: plan.compute.entry.speeds(plan.compute.options, {
      nodes: roles.length,
      random: streams.stream('compute/speeds'),
    }),
    initialParams: initialParams(plan, modelOf, streams),
  };
}

/**
 * The model of each node, from those of the learners. A function of its own, so that it does not keep the data set alive,
 * whose features are moved elsewhere.
 */
function byNode(models: readonly Model[]): (node: number) => Model {
  return (node) => models[Math.min(node, models.length - 1)]!;
}

/** The model of all learners, or one for each where they differ; nodes with the same one share it. Throws UsageErrors. */
function modelsOf(plan: Plan, dataset: Dataset): Model[] {
  const { entry } = plan.model;
  const chosen = referenceTo(modelList, plan.model);
  const spec = { ...chosen, input: dataset.shape, classes: dataset.classes };
  const build = (own: ModelSpec) => callPlugin(`model "${own.use}"`, () => buildModel(own));
  if (!entry.perNode) return [build(spec)];
  const { id, mixedModels } = plan.algorithm.entry;
  if (!mixedModels) {
    throw new UsageError(
      'mixed-models',
      `expected one model for all nodes, since ${id} exchanges their params, got "${entry.id}": name one model, or ` +
        'use an algorithm whose nodes may have different models (mhd, local-only)',
      'model',
    );
  }
  const built = entry.perNode(spec, plan.nodes).map((own) => [JSON.stringify(own), own] as const);
  const distinct = new Map(built.map(([key, own]) => [key, build(own)]));
  return built.map(([key]) => distinct.get(key)!);
}

/**
 * The user's own modules that tasks need: those of models and of their layers, and those of entries that the algorithm's
 * options choose. Every thread imports them before its first task. Throws a UsageError `no-module` where there are
 * workers and an entry was given as an object, without a module that a worker could import.
 */
export function modulesOf({ models, algorithmOptions }: RunConstants, workers: number): string[] {
  return modulesIn([models.map(({ spec }) => spec), algorithmOptions], workers);
}

/**
 * What computes the models of a run: step programs, where all models and the optimiser have them. The plan decides it, and
 * whether the backend is `tensorflow`.
 */
export function pathOf({ models, algorithmOptions }: RunConstants, backend: BackendName): Result['path'] {
  const { optimizer } = (algorithmOptions ?? {}) as { readonly optimizer?: Reference };
  const steps = optimizer === undefined || entryOf(optimizerList, optimizer).program !== undefined;
  const covered = models.every(({ program }) => program !== undefined) && steps;
  return runsPrograms(backend) && covered ? 'step programs' : 'TensorFlow.js';
}

type Engines = Pick<Execution, 'backend' | 'workers'>;

/** Rough upper estimate of what a run needs, for a check before it starts. */
export function estimateMemory(constants: RunConstants, { backend, workers }: Engines): Bytes {
  const { dataset, modelOf, roles } = constants;
  const data = dataset.features.byteLength + dataset.labels.byteLength;
  // Params, stepped params, optimiser state, the encoded body and what tasks copy: some 8 vectors per node.
  const params = roles.reduce((sum, _, node) => sum + modelOf(node).length, 0);
  const vectors = 8 * 4 * params;
  // TensorFlow is one engine, however many threads it has, and a large one.
  const engines = backend === 'tensorflow' ? 260e6 : Math.max(0, workers - 1) * 120e6;
  // Kernels have copies of vectors; large data lie where they read them.
  const copies = backend === 'tensorflow' ? 0 : Math.min(RESIDENT_BYTES, vectors / 4);
  return Math.ceil(150e6 + data + vectors + engines + copies);
}

/** What kernels can address, less what they need beside the data. */
const DATA_MAX: Bytes = 3.5e9;

/** Refuses a run that cannot fit. Throws a UsageError `out-of-memory` with the estimate. */
export function checkMemory(constants: RunConstants, engines: Engines, available: Bytes | undefined): void {
  const needed = estimateMemory(constants, engines);
  const data = constants.dataset.features.byteLength;
  if (engines.backend !== 'tensorflow' && data > DATA_MAX) {
    throw new UsageError(
      'out-of-memory',
      `expected data of at most ${formatBytes(DATA_MAX)}, which is what kernels can address, got ${formatBytes(data)}: ` +
        'take fewer samples, or the backend tensorflow',
      'data',
    );
  }
  if (available === undefined || needed <= available) return;
  throw new UsageError(
    'out-of-memory',
    `expected a run that fits into ${formatBytes(available)} of memory, got one that needs about ` +
      `${formatBytes(needed)} (${constants.roles.length} nodes × ${constants.model.length} params): ` +
      'take fewer nodes, a smaller model or fewer workers',
    'nodes',
  );
}

function rolesOf(learners: number, extra: Readonly<Record<string, Role>>) {
  const extras = Object.entries(extra);
  const counted = extras.some(([, role]) => role.countsRounds);
  const roles: string[] = Array.from({ length: learners }, () => 'learner');
  const counts: boolean[] = roles.map(() => !counted);
  for (const [name, role] of extras) {
    for (let k = 0; k < role.count; k++) {
      roles.push(name);
      counts.push(role.countsRounds);
    }
  }
  return { roles, counts };
}

function buildTopology(plan: Plan, nodes: number, streams: Streams): Neighbors {
  if (plan.topology === undefined) return starAround(plan.nodes, nodes);
  const { entry, options, allowDisconnected } = plan.topology;
  const random = streams.stream('topology');
  const context = { nodes: plan.nodes, random, allowDisconnected };
  return callPlugin(`topology "${entry.id}"`, () => topologyOf(entry, options, context)).neighbors;
}

/** Links every learner with every node of a role, and with no other node. */
function starAround(learners: number, nodes: number): Neighbors {
  const range = (from: number, to: number) => Int32Array.from({ length: to - from }, (_, k) => from + k);
  const lists = Array.from({ length: nodes }, (_, node) =>
    node < learners ? range(learners, nodes) : range(0, learners),
  );
  return { nodes, in: lists, out: lists };
}

/** What the algorithm loads from files. */
async function loadFiles(plan: Plan, model: Model): Promise<Readonly<Record<string, unknown>>> {
  const { entry, options } = plan.algorithm;
  const load = async () => entry.load?.(options, { directory: plan.data.directory, model }) ?? {};
  return load().catch((error: unknown) => {
    throw asPluginError(`algorithm "${entry.id}"`, error);
  });
}

function messageTypes(plan: Plan, context: CodecContext<unknown>): MessageType[] {
  const types = Object.entries(plan.algorithm.entry.messages(context));
  return types.map(([name, codec]) => ({ name, codec }));
}

function initialParams(
  plan: Plan,
  modelOf: (node: number) => Model,
  streams: Streams,
): (node: number) => Float32Array {
  if (plan.model.init === 'common') {
    const common = new Map<Model, Float32Array>();
    for (let node = 0; node < plan.nodes; node++) {
      const model = modelOf(node);
      if (common.has(model)) continue;
      const stream = common.size === 0 ? 'model/init' : `model/init/${common.size}`;
      common.set(model, model.init(streams.stream(stream)));
    }
    return (node) => common.get(modelOf(node))!;
  }
  const made = new Map<number, Float32Array>();
  return (node) => {
    const params = made.get(node) ?? modelOf(node).init(streams.stream(`node ${node}/init`));
    made.set(node, params);
    return params;
  };
}

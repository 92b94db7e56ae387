/** What does not change during a run: rebuilt from the plan alone, the same each time. */
import { runsPrograms } from '../compute/machines.js';
import { isRecord } from '../compute/plain-data.js';
import { speedsOf } from '../compute/profiles.js';
import type { BackendName } from '../compute/task.js';
import { checkDataset, checkShards } from '../data/checks.js';
import type { Dataset, Shard } from '../data/dataset.js';
import { shardsForTuning } from '../data/tuning.js';
import { asPluginError, callPlugin, expectPlugin, UsageError } from '../errors.js';
import type { CodecContext, Role } from '../learning/algorithm.js';
import { buildModel, modelList } from '../models/index.js';
import type { Model, ModelSpec } from '../models/model.js';
import { optimizerList } from '../models/optimizers/index.js';
import { entryOf, modulesIn, type Reference, referenceTo } from '../models/references.js';
import { type ChosenFault, checkFaults, prepareFaults } from '../network/faults/ready.js';
import { type LatencyModel, prepareLatency } from '../network/latency/index.js';
import { checkNetwork } from '../network/options.js';
import { listSharedLinks, sharedLinksOf } from '../network/zones.js';
import { outline } from '../outline.js';
import { Streams } from '../random.js';
import { buildTopology as topologyOf } from '../topology/index.js';
import type { Neighbors } from '../topology/neighbors.js';
import type { Round } from '../units.js';
import { requireFixed, requireKeptMean, requireUndirected } from './links.js';
import type { MessageType } from './messages.js';
import type { Plan } from './plan.js';
import type { Result } from './result.js';
import { refuseLearning } from './timing-only.js';

/** A header has one byte for the type of its message. */
const TYPES_MAX = 256;

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
  /** Links of the topology; those of the first round where rounds differ. */
  readonly neighbors: Neighbors;
  /** The links of any round, built at each call; undefined where they are the same in all rounds. */
  readonly linksAt: ((round: Round) => Neighbors) | undefined;
  /** The model of latency, with what it has loaded and drawn for this run. */
  readonly latency: LatencyModel;
  /** The faults, with what they have loaded. */
  readonly faults: readonly ChosenFault[];
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

/** Loads the data set of a plan. Throws UsageErrors and PluginErrors. */
export type LoadData = (plan: Plan, streams: Streams) => Promise<Dataset>;

/** Loads the data set from its source, and checks it. */
export async function loadDataset({ data, nodes }: Plan, streams: Streams): Promise<Dataset> {
  const { source, directory } = data;
  const place = `data source "${source.entry.id}"`;
  try {
    const dataset = await source.entry.load(source.options, {
      random: streams.stream('data/source'),
      nodes,
      directory,
    });
    checkDataset(dataset, place);
    return dataset;
  } catch (error) {
    if (!(error instanceof UsageError)) throw asPluginError(place, error);
    if (error.path.startsWith('data')) throw error;
    // The path is that of a file, which the message names.
    const option = isRecord(source.options) && 'directory' in source.options ? 'data.directory' : 'data';
    throw new UsageError(error.code, error.message, option);
  }
}

/**
 * Loads the data and builds everything that does not change. `drawn` gets all draws of the run. Throws UsageErrors and
 * PluginErrors.
 */
export async function loadConstants(
  plan: Plan,
  load: LoadData = loadDataset,
  drawn?: (stream: string, value: number) => void,
): Promise<RunConstants> {
  const streams = new Streams(plan.seed, drawn);
  const { entry: algorithm, options } = plan.algorithm;
  const { split, validation, tuning } = plan.data;
  const dataset = await load(plan, streams);
  const placeOfSplit = `split "${split.entry.id}"`;
  const dealt = callPlugin(placeOfSplit, () =>
    split.entry.split(split.options, {
      dataset,
      nodes: plan.nodes,
      random: (name) => streams.stream(name === undefined ? 'data/split' : `data/split/${name}`),
      validation,
      directory: plan.data.directory,
    }),
  );
  checkShards(dealt, { dataset, nodes: plan.nodes }, placeOfSplit);
  const shards =
    tuning === undefined
      ? dealt
      : shardsForTuning(dealt, tuning, (node) => streams.stream(`data/tuning/node ${node}`));
  const learnerModels = modelsOf(plan, dataset);
  const model = learnerModels[0]!;
  const modelOf = byNode(learnerModels);
  const { roles, counts } = rolesOf(plan.nodes, algorithm.roles ?? {});
  checkNetwork(plan.network, roles.length);
  checkFaults(plan.faults, { nodes: roles.length, learners: plan.nodes });
  const { drop, retry } = plan.network;
  const latency = await prepareLatency(plan.network.latency, {
    nodes: roles.length,
    learners: plan.nodes,
    directory: plan.data.directory,
    random: () => streams.stream('network/latency'),
  });
  const faults = await prepareFaults(plan.faults, {
    nodes: roles.length,
    learners: plan.nodes,
    directory: plan.data.directory,
    sharedLinks: listSharedLinks(sharedLinksOf(plan.network, roles.length)),
  });
  // A server does not know who has left.
  const hasServer = plan.topology === undefined;
  const troubles = {
    drops: drop > 0 || latency.loss !== undefined || faults.some(({ entry }) => entry.loses),
    givesUp: Number.isFinite(retry.tries),
    // A fault without events loses messages, and does nothing else.
    faults: faults.some(
      ({ entry }) =>
        !entry.losesNothing && Object.keys(entry.on).length > 0 && (hasServer || !entry.announced),
    ),
    members: faults.some(({ entry }) => entry.announced),
  };
  if (algorithm.commonInit && plan.model.init === 'per-node') {
    throw new UsageError(
      'common-init',
      `expected init: common, since all nodes of ${algorithm.id} must start from the same params, got init: per-node`,
      'model.init',
    );
  }
  requireFixed(plan);
  algorithm.validate?.({ options, nodes: plan.nodes, ...troubles });
  const context = { options, model, models: [...new Set(learnerModels)], nodes: plan.nodes };
  const types = messageTypes(plan, context);
  if (plan.timingOnly) refuseLearning(plan, types, context);
  const topology = buildTopology(plan, roles.length, streams);
  return {
    streams,
    dataset,
    shards,
    model,
    models: learnerModels,
    modelOf,
    roles,
    counts,
    ...topology,
    latency,
    faults,
    types,
    algorithmOptions: frozenOptions(options),
    loaded: await loadFiles(plan, model),
    speeds: speedsOf(plan.compute, { nodes: roles.length, random: streams.stream('compute/speeds') }),
    initialParams: plan.timingOnly
      ? (node) => outline(modelOf(node).length)
      : initialParams(plan, modelOf, streams),
  };
}

/**
 * Freezes options, so that no node can change those of all. The entries that they choose stay as they are: those are code.
 */
function frozenOptions<Options>(options: Options): Options {
  if (Array.isArray(options) || isRecord(options)) {
    for (const [key, value] of Object.entries(options)) if (key !== 'entry') frozenOptions(value);
    Object.freeze(options);
  }
  return options;
}

/**
 * The model of each node, from those of the learners. A function of its own, so that it does not keep the data set alive,
 * whose features are moved elsewhere.
 */
function byNode(models: readonly Model[]): (node: number) => Model {
  return (node) => models[Math.min(node, models.length - 1)]!;
}

/** The model of all learners, or one for each where they differ; nodes with the same one share it. Throws UsageErrors. */
export function modelsOf(plan: Plan, dataset: Pick<Dataset, 'shape' | 'classes'>): Model[] {
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

function buildTopology(
  plan: Plan,
  nodes: number,
  streams: Streams,
): Pick<RunConstants, 'neighbors' | 'linksAt'> {
  if (plan.topology === undefined) return { neighbors: starAround(plan.nodes, nodes), linksAt: undefined };
  const { entry, options, allowDisconnected } = plan.topology;
  const { neighbors, linksAt } = topologyOf(entry, options, {
    nodes: plan.nodes,
    random: streams.stream('topology'),
    roundRandom: (round) => streams.fresh(`topology/round ${round}`),
    directory: plan.data.directory,
    allowDisconnected,
  });
  const { entry: algorithm, options: chosen } = plan.algorithm;
  const rule = algorithm.keepsMean ? algorithm.mixing?.(chosen) : undefined;
  const checked = (links: Neighbors) => {
    if (algorithm.undirected) requireUndirected(links, algorithm.id);
    if (rule !== undefined) requireKeptMean(links, rule, algorithm.id);
    return links;
  };
  return { neighbors: checked(neighbors), linksAt: linksAt && ((round) => checked(linksAt(round))) };
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
  const { entry } = plan.algorithm;
  const place = `algorithm "${entry.id}", messages`;
  const codecs: unknown = callPlugin(place, () => entry.messages(context));
  const isRecord = typeof codecs === 'object' && codecs !== null && !Array.isArray(codecs);
  expectPlugin(isRecord, place, `an object with a codec for each type of message, got ${String(codecs)}`);
  const types = Object.entries(codecs as ReturnType<typeof entry.messages>);
  expectPlugin(types.length <= TYPES_MAX, place, `at most ${TYPES_MAX} types, got ${types.length}`);
  for (const [name, codec] of types) {
    const isCodec = typeof codec?.encode === 'function' && typeof codec.decode === 'function';
    expectPlugin(isCodec, place, `a codec with encode and decode for "${name}", got ${String(codec)}`);
  }
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

/** What a run is made of before its first event: rebuilt from the plan alone, the same each time. */

import type { Dataset, Shard } from './data/dataset.js';
import { asPluginError, callPlugin, UsageError } from './errors.js';
import type { CodecSetup, Role } from './learning/algorithm.js';
import { LiveTopology } from './learning/live-topology.js';
import type { Model } from './learning/model.js';
import type { MessageType } from './learning/node.js';
import { checkNodes } from './network/options.js';
import type { Plan } from './plan.js';
import { Streams } from './random.js';
import { buildTopology as topologyOf } from './topology/index.js';
import type { Neighbors } from './topology/neighbors.js';
import { type Bytes, formatBytes } from './units.js';

/** Constants of a run. */
export interface Setup {
  readonly streams: Streams;
  readonly dataset: Dataset;
  readonly shards: readonly Shard[];
  readonly model: Model;
  /** `learner` or the name of a role, by node. */
  readonly roles: readonly string[];
  /** Whose rounds are the run's. */
  readonly counts: readonly boolean[];
  readonly neighbors: Neighbors;
  readonly types: readonly MessageType[];
  /** FLOPS, by node. */
  readonly speeds: Float64Array;
  /** Params that a node starts from. */
  initialParams(node: number): Float32Array;
}

/** Loads the data and builds everything that does not change. Throws UsageErrors. */
export async function setUp(plan: Plan): Promise<Setup> {
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
  const { entry: modelEntry, options: modelOptions } = plan.model;
  const spec = { use: modelEntry.id, options: modelOptions, input: dataset.shape, classes: dataset.classes };
  const model = callPlugin(`model "${modelEntry.id}"`, () => modelEntry.build(spec));
  const { roles, counts } = rolesOf(plan.nodes, algorithm.roles ?? {});
  checkNodes(plan.network, plan.faults, roles.length);
  const { drop, retry } = plan.network;
  const troubles = { drops: drop > 0, givesUp: Number.isFinite(retry.tries), faults: plan.faults.length > 0 };
  algorithm.validate?.({ options, nodes: plan.nodes, ...troubles });
  return {
    streams,
    dataset,
    shards,
    model,
    roles,
    counts,
    neighbors: buildTopology(plan, roles.length, streams),
    types: messageTypes(plan, { options, model }),
    speeds: plan.compute.entry.speeds(plan.compute.options, {
      nodes: roles.length,
      random: streams.stream('compute/speeds'),
    }),
    initialParams: initialParams(plan, model, streams),
  };
}

/** Rough upper estimate of what a run needs, for a check before it starts. */
export function estimateMemory(setup: Setup, workers: number): Bytes {
  const { dataset, model, roles } = setup;
  const data = dataset.features.byteLength + dataset.labels.byteLength;
  // Params, stepped params, optimiser state, the encoded body and what tasks copy: some 8 vectors a node.
  const vectors = 8 * 4 * model.length * roles.length;
  return Math.ceil(150e6 + data + vectors + workers * 120e6);
}

/** Refuses a run that cannot fit. Throws a UsageError `out-of-memory` with the estimate. */
export function checkMemory(setup: Setup, workers: number, available: Bytes | undefined): void {
  const needed = estimateMemory(setup, workers);
  if (available === undefined || needed <= available) return;
  throw new UsageError(
    'out-of-memory',
    `expected a run that fits into ${formatBytes(available)} of memory, got one that needs about ` +
      `${formatBytes(needed)} (${setup.roles.length} nodes × ${setup.model.length} params): ` +
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

/** Every learner is linked with every node of a role, and with nobody else. */
function starAround(learners: number, nodes: number): Neighbors {
  const range = (from: number, to: number) => Int32Array.from({ length: to - from }, (_, k) => from + k);
  const lists = Array.from({ length: nodes }, (_, node) =>
    node < learners ? range(learners, nodes) : range(0, learners),
  );
  return { nodes, in: lists, out: lists };
}

/** The topology that a run starts with, live. */
export function liveTopology(plan: Plan, setup: Setup): LiveTopology {
  return new LiveTopology(setup.neighbors, plan.algorithm.entry.mixing?.(plan.algorithm.options));
}

function messageTypes(plan: Plan, codecSetup: CodecSetup<unknown>): MessageType[] {
  const types = Object.entries(plan.algorithm.entry.messages(codecSetup));
  return types.map(([name, codec]) => ({ name, codec }));
}

function initialParams(plan: Plan, model: Model, streams: Streams): (node: number) => Float32Array {
  if (plan.model.init === 'common') {
    const common = model.init(streams.stream('model/init'));
    return () => common;
  }
  const made = new Map<number, Float32Array>();
  return (node) => {
    const params = made.get(node) ?? model.init(streams.stream(`node ${node}/init`));
    made.set(node, params);
    return params;
  };
}

/** Variations of a scenario for fast-check: the same question in small, in other networks, with other options. */
import fc from 'fast-check';
import { z } from 'zod';
import type { AnyAlgorithm } from '../learning/algorithm.js';
import { isMap, parsePath, withValue } from '../options/index.js';

/** A scenario of the user's, resolved: with all its defaults. @public */
export type ResolvedScenario = Readonly<Record<string, unknown>>;

/** One variation, and how it is run. Plain data. @public */
export interface Variation {
  /** What is changed, by path; shrinks to few and simple changes. */
  readonly changes: Readonly<Record<string, unknown>>;
  /** Share of its events after which it is saved. */
  readonly savedAt: number;
  readonly workers: number;
}

const milliseconds = (min: number, max: number) => fc.integer({ min, max }).map((value) => `${value}ms`);

const latency = fc.oneof(
  milliseconds(0, 50).map((value) => ({ use: 'constant', value })),
  milliseconds(51, 90).map((to) => ({ use: 'uniform', from: '1ms', to })),
  milliseconds(1, 50).map((median) => ({ use: 'log-normal', median, sigma: 0.5 })),
);
const bandwidth = fc.constantFrom('unlimited', '10Mbps', '1Mbps', '100kbps');
const topology = fc.constantFrom<unknown>('ring', 'complete', 'star', 'exponential', {
  use: 'erdos-renyi',
  probability: '50%',
});
const compute = fc.constantFrom<unknown>(
  { use: 'constant', speed: '10GFLOPS' },
  { use: 'choice', speeds: ['10MFLOPS', '1GFLOPS'] },
  { use: 'log-normal', median: '1GFLOPS', sigma: 1 },
);
const split = fc.constantFrom<unknown>('iid', { use: 'dirichlet', alpha: 0.5 });

/** Most nodes and rounds of a variation. */
const NODES_MAX = 6;
const ROUNDS_MAX = 4;
/** Training rows for each node, where the data source lets one choose. */
const ROWS = 40;

/**
 * Variations of a scenario. All parts that it has are tried: what it lacks, such as a topology, is not added.
 * @public
 */
export function arbitraryVariation(
  scenario: ResolvedScenario,
  algorithm: AnyAlgorithm,
): fc.Arbitrary<Variation> {
  const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
  return fc
    .record({
      seed: fc.nat(1e6),
      nodes: fc.integer({ min: 2, max: NODES_MAX }),
      rounds: fc.integer({ min: 1, max: ROUNDS_MAX }),
      topology: optional(topology),
      latency: optional(latency),
      uplink: optional(bandwidth),
      downlink: optional(bandwidth),
      sharing: optional(fc.constantFrom('fair', 'fifo')),
      drop: optional(fc.constantFrom('10%', '40%')),
      compute: optional(compute),
      split: optional(split),
      faults: optional(arbitraryFaults),
      options: arbitraryOptions(scenario.algorithm, algorithm),
      deadline: milliseconds(20, 500),
      // Not fc.double, most of whose numbers are next to its ends.
      savedAt: fc.integer({ min: 0, max: 1000 }).map((share) => share / 1000),
      workers: fc.constantFrom(1, 2, 3),
      shared: optional(fc.record({ uplink: bandwidth, downlink: bandwidth, core: bandwidth })),
      transport: optional(fc.constantFrom('fluid', { use: 'tcp', initialWindow: '500B', window: '3kB' })),
    })
    .map(({ savedAt, workers, options, faults, deadline, ...drawn }) => {
      const keepsNodes = drawn.topology === undefined && namesNodes(scenario.topology);
      const nodes = keepsNodes ? (scenario.nodes as number) : drawn.nodes;
      const changes: Record<string, unknown> = {
        seed: drawn.seed,
        nodes,
        'stop.after': `${drawn.rounds} rounds`,
        'stop.at': '10min',
        'measure.every': '1 round',
      };
      const put = (path: string, value: unknown) => {
        if (value !== undefined) changes[path] = value;
      };
      if (isMap(scenario.topology)) put('topology', drawn.topology);
      put('network.latency', drawn.latency);
      put('network.uplink', drawn.uplink);
      put('network.downlink', drawn.downlink);
      put('network.sharing', drawn.sharing);
      if (drawn.sharing === 'fair' && drawn.shared !== undefined) {
        const { core, ...links } = drawn.shared;
        put('network.zones', { half: { nodes: `0-${(nodes >> 1) - 1}`, ...links } });
        put('network.core', core);
      }
      if (drawn.sharing === 'fair') put('network.transport', drawn.transport);
      put('network.drop', drawn.drop);
      put('compute', drawn.compute);
      put('data.split', drawn.split);
      put(
        'faults',
        (faults ?? []).filter(({ node }) => node < nodes),
      );
      for (const [name, value] of Object.entries(options)) put(`algorithm.${name}`, value);
      if (drawn.drop !== undefined || faults !== undefined) put('algorithm.deadline', deadline);
      return { changes, savedAt, workers };
    });
}

/**
 * The scenario of a variation, as small as its parts allow: few rows, and no list of overrides for nodes that are gone.
 * @public
 */
export function varied(
  scenario: ResolvedScenario,
  { changes }: Pick<Variation, 'changes'>,
  algorithm: AnyAlgorithm,
): ResolvedScenario {
  let value: unknown = { ...scenario };
  const put = (path: string, to: unknown) => {
    const changed = withValue(value, parsePath(path)!, to);
    if ('root' in changed) value = changed.root;
  };
  const nodes = changes.nodes as number;
  const { data, network } = scenario;
  if (isMap(data) && typeof data.train === 'number') put('data.train', Math.min(data.train, ROWS * nodes));
  if (isMap(data) && typeof data.test === 'number') put('data.test', Math.min(data.test, 30));
  if (isMap(network) && 'overrides' in network) put('network.overrides', []);
  if (isMap(network) && 'zones' in network) put('network.zones', {});
  const takesDeadline = optionsOf(algorithm).has('deadline');
  for (const [path, to] of Object.entries(changes)) {
    if (path === 'algorithm.deadline' && !takesDeadline) continue;
    put(path, to);
  }
  return value as ResolvedScenario;
}

/** Topologies that say which nodes they link, so that a run cannot have other nodes. */
const NAMING = ['file', 'schedule'];

/** Whether a topology, or one that it is made of, names its nodes. */
function namesNodes(value: unknown): boolean {
  return isMap(value) && (NAMING.includes(String(value.use)) || Object.values(value).some(namesNodes));
}

const arbitraryFaults = fc.array(
  fc.record(
    {
      use: fc.constant('node-down'),
      node: fc.nat(NODES_MAX - 1),
      at: milliseconds(0, 300),
      for: milliseconds(1, 300),
      task: fc.constantFrom('pause', 'lose'),
    },
    { noNullPrototype: true },
  ),
  { minLength: 1, maxLength: 2 },
);

/** A property of an option's JSON schema. */
interface OptionSchema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly exclusiveMaximum?: number;
}

/** Options whose values decide how long a run takes, or what its messages are for; others are varied. */
const KEPT = ['use', 'preset', 'deadline', 'reliable', 'batch', 'learningRate'];

/** At most two options of the algorithm with other values, within the ranges that they declare. */
function arbitraryOptions(
  chosen: unknown,
  algorithm: AnyAlgorithm,
): fc.Arbitrary<Readonly<Record<string, unknown>>> {
  const given = isMap(chosen) ? chosen : {};
  const choices = [...optionsOf(algorithm)].flatMap(([name, schema]) => {
    if (KEPT.includes(name)) return [];
    const values = valuesOf(schema, given[name]);
    return values.length === 0 ? [] : [fc.constantFrom(...values).map((value) => ({ [name]: value }))];
  });
  if (choices.length === 0) return fc.constant({});
  return fc
    .array(fc.oneof(...choices), { maxLength: 2 })
    .map((list) => Object.assign({}, ...list) as Readonly<Record<string, unknown>>);
}

/** The options of an algorithm, by name. */
export function optionsOf({ options }: AnyAlgorithm): ReadonlyMap<string, OptionSchema> {
  const schema = z.toJSONSchema(options, { io: 'input', unrepresentable: 'any', reused: 'inline' });
  return new Map(Object.entries((schema.properties ?? {}) as Record<string, OptionSchema>));
}

/** Some values within a declared range, but none far from what was given. */
function valuesOf(schema: OptionSchema, given: unknown): unknown[] {
  if (schema.enum) return [...schema.enum];
  if (schema.type === 'boolean') return [false, true];
  if (schema.type !== 'integer' && schema.type !== 'number') return [];
  const least = schema.minimum ?? schema.exclusiveMinimum;
  const most = schema.maximum ?? schema.exclusiveMaximum;
  if (typeof given !== 'number' || least === undefined) return [];
  if (schema.type === 'integer') {
    const low = Math.max(least, 1 - (schema.minimum === undefined ? 0 : 1));
    return [...new Set([low, low + 1, given])].filter((value) => value <= Math.min(given, most ?? given));
  }
  return [...new Set([given, given / 2, schema.minimum ?? given])].filter(
    (value) => value <= (most ?? value),
  );
}

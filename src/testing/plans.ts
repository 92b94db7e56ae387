/** Plans for tests, written like scenarios: names and options, with small defaults for everything else. No files. */
import { z } from 'zod';
import { algorithms } from '../algorithms/index.js';
import { type ProfileEntry, profiles } from '../compute/profiles.js';
import { type DataSource, type Split, sources, splits } from '../data/index.js';
import { UsageError, unknownName } from '../errors.js';
import type { AnyAlgorithm } from '../learning/algorithm.js';
import { type AnyProbe, probes } from '../metrics/index.js';
import { type ModelEntry, models } from '../models/index.js';
import { faultOptions, networkOptions } from '../network/options.js';
import type { Entry } from '../options.js';
import type { Chosen, Interval, Plan } from '../simulation/plan.js';
import { type TopologyEntry, topologies } from '../topology/index.js';
import { parseDuration, parseShare } from '../units.js';

/** An entry by its name, by name and options, or the entry itself (a user's own) with its options. */
// biome-ignore lint/suspicious/noExplicitAny: entries of one list differ in their options.
export type Use<E extends Entry<any>> =
  | string
  | { readonly use: string | E; readonly [option: string]: unknown };

/** What a plan is made of; units as text, as in a scenario file. All of it may be left out. */
export interface PlanSketch {
  /** @defaultValue 1 */
  readonly seed?: number;
  /** @defaultValue 4 */
  readonly nodes?: number;
  /** `split` and `validation` (a share) stand beside the options. @defaultValue blobs, 40 samples a node, iid */
  readonly data?: Use<DataSource>;
  /**
   * `init` stands beside the options, and so does `module`, the URL from which workers import a model of your own.
   * @defaultValue softmax, common
   */
  readonly model?: Use<ModelEntry>;
  /** `allowDisconnected` stands beside the options. @defaultValue ring; none where a role implies the star */
  readonly topology?: Use<TopologyEntry>;
  /** @defaultValue 10 ms and 10 Mbps in both directions */
  readonly network?: Readonly<Record<string, unknown>>;
  /** @defaultValue constant, 1 GFLOPS */
  readonly compute?: Use<ProfileEntry>;
  /** @defaultValue d-psgd, 2 local steps of 8 samples */
  readonly algorithm?: Use<AnyAlgorithm>;
  readonly faults?: readonly unknown[];
  /** @defaultValue consensus-distance every round */
  readonly measure?: {
    readonly every?: Interval;
    readonly probes?: ReadonlyArray<Use<AnyProbe>>;
    readonly target?: number;
  };
  /** @defaultValue after 3 rounds, at 1 h */
  readonly stop?: { readonly after?: number; readonly at?: string; readonly diverged?: 'stop' | 'continue' };
}

const DEFAULTS = {
  data: (nodes: number) => ({ use: 'blobs', features: 12, classes: 3, train: 40 * nodes, test: 30 }),
  algorithm: { use: 'd-psgd', localSteps: 2, batch: 8 },
  network: { latency: { use: 'constant', value: '10ms' }, uplink: '10Mbps', downlink: '10Mbps' },
} as const;

/** The plan of a sketch. Throws UsageErrors for unknown names and bad options. */
export function planOf(sketch: PlanSketch = {}): Plan {
  const { seed = 1, nodes = 4, measure = {}, stop = {} } = sketch;
  const data = longForm<DataSource>(sketch.data ?? DEFAULTS.data(nodes));
  const model = longForm<ModelEntry>(sketch.model ?? 'softmax');
  const algorithm = choose('algorithm', algorithms, sketch.algorithm ?? DEFAULTS.algorithm);
  return {
    title: `a test of ${algorithm.entry.id}`,
    seed,
    nodes,
    data: {
      source: choose('data source', sources, data, ['split', 'validation']),
      split: choose('split', splits, (data.split ?? 'iid') as Use<Split>),
      validation: parseShare((data.validation ?? '0%') as string),
      directory: '.',
    },
    model: {
      ...choose('model', models, model, ['init', 'module']),
      ...(model.module !== undefined && { module: model.module as string }),
      init: (model.init ?? 'common') as 'common' | 'per-node',
    },
    topology: topologyOf(sketch.topology, algorithm.entry),
    network: parse('network', networkOptions, { ...DEFAULTS.network, ...sketch.network }),
    compute: choose('compute profile', profiles, sketch.compute ?? { use: 'constant', speed: '1GFLOPS' }),
    algorithm,
    faults: (sketch.faults ?? []).map((fault) => parse('fault', faultOptions, fault)),
    measure: {
      every: measure.every ?? { rounds: 1 },
      probes: (measure.probes ?? ['consensus-distance']).map((probe) => choose('probe', probes, probe)),
      target: measure.target,
    },
    stop: {
      after: 'after' in stop ? stop.after : 3,
      at: parseDuration(stop.at ?? '1h'),
      diverged: stop.diverged ?? 'stop',
    },
    resolved: sketch,
    file: 'test',
  };
}

function topologyOf(sketched: Use<TopologyEntry> | undefined, algorithm: AnyAlgorithm): Plan['topology'] {
  if (sketched === undefined && Object.keys(algorithm.roles ?? {}).length > 0) return undefined;
  const topology = longForm<TopologyEntry>(sketched ?? 'ring');
  return {
    ...choose('topology', topologies, topology, ['allowDisconnected']),
    allowDisconnected: (topology.allowDisconnected ?? false) as boolean,
  };
}

// biome-ignore lint/suspicious/noExplicitAny: entries of one list differ in their options.
function longForm<E extends Entry<any>>(use: Use<E>): Exclude<Use<E>, string> {
  return typeof use === 'string' ? { use } : use;
}

/** `own`: keys that stand beside the entry's options and are no options. */
// biome-ignore lint/suspicious/noExplicitAny: entries of one list differ in their options.
function choose<E extends Entry<any>>(
  what: string,
  list: readonly E[],
  choice: Use<E>,
  own: readonly string[] = [],
): Chosen<E> {
  const { use, ...given } = longForm(choice);
  const entry = typeof use === 'string' ? list.find(({ id }) => id === use) : use;
  if (!entry) {
    throw unknownName(
      what,
      use as string,
      list.map(({ id }) => id),
    );
  }
  const options = Object.fromEntries(Object.entries(given).filter(([key]) => !own.includes(key)));
  return { entry, options: parse(`${what} "${entry.id}"`, entry.options, options) };
}

function parse<T>(what: string, schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new UsageError('bad-options', `${what}: ${z.prettifyError(parsed.error)}`);
}

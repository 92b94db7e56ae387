/** Plans for tests: scenarios as objects instead of files, with small defaults for everything that is left out. */
import { algorithms } from '../algorithms/index.js';
import type { ProfileEntry } from '../compute/profiles.js';
import type { DataSource } from '../data/index.js';
import type { AnyAlgorithm } from '../learning/algorithm.js';
import type { AnyProbe } from '../metrics/index.js';
import type { ModelEntry } from '../models/model.js';
import type { AnyEntry } from '../options/index.js';
import { planOf as planOfScenario } from '../scenario/check.js';
import type { Plan } from '../simulation/plan.js';
import type { TopologyEntry } from '../topology/index.js';

/** An entry by its name, by name and options, or the entry itself (a user's own) with its options. @public */
export type Use<E extends AnyEntry> =
  | string
  | { readonly use: string | E; readonly [option: string]: unknown };

/** A scenario of which any part may be left out; everything is written as in a scenario file, units as text. @public */
export interface PlanSketch {
  /** @defaultValue 1 */
  readonly seed?: number;
  /** @defaultValue 4 */
  readonly nodes?: number;
  /** @defaultValue blobs, 40 samples per node, split iid */
  readonly data?: Use<DataSource>;
  /**
   * `module` beside an entry that is given as an object is the URL from which worker threads import it.
   * @defaultValue softmax, with `init: common`
   */
  // biome-ignore lint/suspicious/noExplicitAny: entries of one list differ in their options.
  readonly model?: Use<ModelEntry<any>>;
  /** @defaultValue ring; none where a role implies the star */
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
    readonly every?: string;
    readonly at?: string | readonly string[];
    readonly probes?: ReadonlyArray<Use<AnyProbe>>;
    readonly target?: string;
  };
  /** @defaultValue after 3 rounds, at 1 h */
  readonly stop?: {
    readonly after?: string | undefined;
    readonly at?: string;
    readonly diverged?: 'stop' | 'continue';
  };
}

/** The plan of a sketch. Throws a UsageError with every mistake in it. @public */
export function planOf(sketch: PlanSketch = {}): Plan {
  const { nodes = 4 } = sketch;
  const algorithm = longForm(sketch.algorithm ?? { use: 'd-psgd', localSteps: 2, batch: 8 });
  const data = longForm(
    sketch.data ?? { use: 'blobs', features: 12, classes: 3, train: 40 * nodes, test: 30 },
  );
  const entry = algorithms.find(({ id }) => id === algorithm.use) ?? algorithm.use;
  const hasRoles = typeof entry !== 'string' && Object.keys(entry.roles ?? {}).length > 0;
  return planOfScenario({
    title: `a test of ${typeof entry === 'string' ? entry : entry.id}`,
    seed: 1,
    nodes,
    model: 'softmax',
    compute: { use: 'constant', speed: '1GFLOPS' },
    ...(hasRoles ? {} : { topology: 'ring' }),
    ...sketch,
    data: { split: 'iid', ...data },
    algorithm,
    network: {
      latency: { use: 'constant', value: '10ms' },
      uplink: '10Mbps',
      downlink: '10Mbps',
      ...sketch.network,
    },
    measure: { probes: ['consensus-distance'], ...sketch.measure },
    stop: { after: '3 rounds', at: '1h', ...sketch.stop },
  });
}

function longForm<E extends AnyEntry>(use: Use<E>): Exclude<Use<E>, string> {
  return typeof use === 'string' ? { use } : use;
}

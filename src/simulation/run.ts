/** Runs a plan from code: as a stream of updates, or to its end. */
import type { Execution, Plan } from './plan.js';
import type { Progress, Result, RunUpdate, Sample, TopologyChange } from './result.js';
import { Simulation } from './simulation.js';

/** A plan, with the backend that its scenario names. */
type RunnablePlan = Plan & { readonly backend?: Execution['backend'] };

/**
 * Runs a plan: yields samples, changes of the topology and progress as they come, and returns the {@link Result}. Leaving
 * the loop early, or aborting `execution.signal`, ends the run and its workers.
 *
 * @param execution how to compute. Default: on the scenario's backend (`auto` where it names none), in one thread
 * @throws UsageError where the plan cannot be carried out, PluginError where a plugin of the user's fails.
 * @public
 */
export async function* run(
  plan: RunnablePlan,
  execution: Partial<Execution> = {},
): AsyncGenerator<RunUpdate, Result, undefined> {
  const simulation = await Simulation.create(plan, executionOf(plan, execution));
  try {
    yield* simulation.run();
    return simulation.result();
  } finally {
    await simulation.close();
  }
}

/** Everything that a run yields, and its result. @public */
export interface FinishedRun {
  readonly result: Result;
  readonly samples: readonly Sample[];
  readonly topology: readonly TopologyChange[];
}

/** Runs a plan to its end and keeps all that it yields. Throws as {@link run}. @public */
export async function runToEnd(plan: RunnablePlan, execution: Partial<Execution> = {}): Promise<FinishedRun> {
  const simulation = await Simulation.create(plan, executionOf(plan, execution));
  try {
    return await collect(simulation);
  } finally {
    await simulation.close();
  }
}

/** Runs a simulation to its end and keeps all that it yields. */
export async function collect(simulation: Simulation): Promise<FinishedRun> {
  const samples: Sample[] = [];
  const topology: TopologyChange[] = [];
  await follow(simulation.run(), {
    samples: (some) => void samples.push(...some),
    topology: (changes) => void topology.push(...changes),
  });
  return { result: simulation.result(), samples, topology };
}

/** What to do with each kind of update. */
interface UpdateHandlers {
  samples(samples: readonly Sample[]): void;
  topology(changes: readonly TopologyChange[]): void;
  progress?(progress: Progress): void;
}

/** Calls the handler of each update of a run, until the run ends. */
export async function follow(updates: AsyncIterable<RunUpdate>, on: UpdateHandlers): Promise<void> {
  for await (const update of updates) {
    if (update.kind === 'samples') on.samples(update.samples);
    else if (update.kind === 'topology') on.topology(update.changes);
    else on.progress?.(update.progress);
  }
}

function executionOf({ backend = 'auto' }: RunnablePlan, given: Partial<Execution>): Execution {
  return { backend, workers: 0, breathe: breather(), ...given };
}

/** Milliseconds for which the rest of the process waits for its turn. */
const PATIENCE = 20;

/** A function for `execution.breathe` that lets the rest of the process take its turn some fifty times a second. */
export function breather(): () => Promise<void> | undefined {
  let last = performance.now();
  return () => {
    const now = performance.now();
    if (now - last < PATIENCE) return undefined;
    last = now;
    return new Promise((resolve) => setImmediate(resolve));
  };
}

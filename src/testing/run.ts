/** Runs a plan to its end and keeps all that it yields. */
import type { Execution, Plan } from '../simulation/plan.js';
import type { Result, Sample, TopologyChange } from '../simulation/result.js';
import { Simulation, type SimulationState } from '../simulation/simulation.js';

/** All that a run has left behind. */
export interface FinishedRun {
  readonly result: Result;
  readonly samples: readonly Sample[];
  readonly topology: readonly TopologyChange[];
}

/** How tests run unless they say otherwise: the reference backend, in this thread, with frozen arrays checked. */
export const CHECKED: Execution = { backend: 'cpu', workers: 0, checkFrozen: true };

/** Runs a plan, from its beginning or from a saved state, and closes what it has opened. */
export async function runToEnd(
  plan: Plan,
  execution: Execution = CHECKED,
  state?: SimulationState,
): Promise<FinishedRun> {
  const simulation =
    state === undefined
      ? await Simulation.create(plan, execution)
      : await Simulation.restore(plan, execution, state);
  try {
    return await finish(simulation);
  } finally {
    await simulation.close();
  }
}

/** Runs what is left of a simulation. */
export async function finish(simulation: Simulation): Promise<FinishedRun> {
  const samples: Sample[] = [];
  const topology: TopologyChange[] = [];
  for await (const update of simulation.run()) {
    if (update.kind === 'samples') samples.push(...update.samples);
    if (update.kind === 'topology') topology.push(...update.changes);
  }
  return { result: simulation.result(), samples, topology };
}

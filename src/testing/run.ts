/** How tests run plans unless they say otherwise. */
import type { Execution, Plan } from '../simulation/plan.js';
import { collect, type FinishedRun } from '../simulation/run.js';
import { Simulation, type SimulationState } from '../simulation/simulation.js';

export type { FinishedRun } from '../simulation/run.js';

/** The reference backend, in this thread, with frozen arrays checked. */
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
    return await collect(simulation);
  } finally {
    await simulation.close();
  }
}

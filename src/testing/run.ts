/** How tests run plans unless they say otherwise. */
import type { Execution, InnerExecution, Plan } from '../simulation/plan.js';
import { collect, type FinishedRun } from '../simulation/run.js';
import { Simulation, type SimulationState } from '../simulation/simulation.js';
import type { World } from '../simulation/world.js';

export type { FinishedRun } from '../simulation/run.js';

/** The reference backend, in this thread, with frozen arrays checked. */
export const CHECKED: Execution = { backend: 'cpu', workers: 0, checkFrozen: true };

/** Runs a plan, from its beginning or from a saved state, and closes what it has opened. */
export async function runToEnd(
  plan: Plan,
  execution: InnerExecution = CHECKED,
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

/** Runs a plan to its end, and returns what is read from its parts there: their memory is given back afterwards. */
export async function readAtEnd<T>(plan: Plan, read: (world: World) => T): Promise<T> {
  let world: World | undefined;
  const execution: InnerExecution = {
    ...CHECKED,
    onWorld(one) {
      world = one;
    },
  };
  const simulation = await Simulation.create(plan, execution);
  try {
    await collect(simulation);
    return read(world!);
  } finally {
    await simulation.close();
  }
}

/** From a Scenario to its runs. */
import type { Execution, Plan } from '../simulation/plan.js';
import type { Scenario, ScenarioVariant } from './load.js';

/** One run of a scenario: a plan, and the variant that it belongs to. @public */
export interface PlannedRun extends Plan {
  readonly variant: ScenarioVariant;
  /** The backend that the scenario names. */
  readonly backend: Execution['backend'];
}

/** All runs of a scenario: the variants in their order, and for each the seeds in theirs. Pure. @public */
export function planScenario(scenario: Scenario): PlannedRun[] {
  return scenario.variants.flatMap((variant) =>
    scenario.seeds.map((seed) => ({
      ...variant.plan,
      seed,
      backend: variant.backend,
      resolved: { ...(variant.plan.resolved as object), seed },
      variant,
    })),
  );
}

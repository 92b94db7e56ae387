/** A Scenario → its runs. */
import type { Execution, Plan } from '../simulation/plan.js';
import type { Scenario, ScenarioVariant } from './load.js';

/** One run of a scenario: a plan, and the variant that it carries out. */
export interface PlannedRun extends Plan {
  readonly variant: ScenarioVariant;
  /** What the scenario asks to be computed with. */
  readonly backend: Execution['backend'];
}

/** Every run of a scenario: variants in their order, the seeds of each in theirs. Pure. */
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

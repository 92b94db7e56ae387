/** `mycel show`: what a scenario would do. */
import { EXIT, unknownName } from '../../errors.js';
import { formatJson } from '../../report/json.js';
import { loadScenario, withPlace } from '../../scenario/load.js';
import { type PlannedRun, planScenario } from '../../scenario/plan.js';
import { lastDataset } from '../../simulation/try-out.js';
import type { Nanoseconds } from '../../units.js';
import { type Facts, factsOf } from './facts.js';
import { factsText } from './text.js';

/** Options of `mycel show` as commander gives them. */
export interface ShowFlags {
  readonly seed?: readonly number[];
  readonly set: readonly string[];
  readonly variant?: string;
  readonly workers: number;
  readonly for: Nanoseconds;
  readonly json?: true;
}

/** Prints what is known of every variant with its first seed. Returns the exit code. */
export async function showCommand(file: string, flags: ShowFlags): Promise<number> {
  const scenario = await loadScenario(file, { set: flags.set, ...(flags.seed && { seeds: flags.seed }) });
  const [first] = scenario.seeds;
  const plans = planScenario(scenario).filter(({ seed }) => seed === first);
  const load = lastDataset();
  let before: Facts | undefined;
  for (const plan of wanted(plans, flags.variant)) {
    const { backend } = plan;
    const inquiry = { load, backend, workers: flags.workers, patience: flags.for };
    const facts = await factsOf(plan, inquiry).catch((error: unknown) => {
      throw withPlace(error, plan.variant);
    });
    if (flags.json) console.log(formatJson(facts));
    else console.log(`${before === undefined ? '' : '\n'}${factsText(facts, before)}`);
    before = facts;
  }
  return EXIT.ok;
}

function wanted(plans: readonly PlannedRun[], variant: string | undefined): readonly PlannedRun[] {
  if (variant === undefined) return plans;
  const found = plans.filter((plan) => plan.variant.name === variant);
  if (found.length > 0) return found;
  const names = plans.flatMap(({ variant: { name } }) => name ?? []);
  throw unknownName('variant', variant, names);
}

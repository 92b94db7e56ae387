/** `mycel validate`. */
import { EXIT, UsageError } from '../errors.js';
import { loadScenario, type Scenario, withPlace } from '../scenario/load.js';
import { planScenario } from '../scenario/plan.js';
import { loadConstants } from '../simulation/constants.js';

/** Options of `mycel validate` as commander gives them. */
export interface ValidateFlags {
  readonly seed?: readonly number[];
  readonly set: readonly string[];
}

/**
 * Prints `ok` and the number of runs for every valid file, and the mistakes of the others. For each variant it also loads
 * and splits the data and builds the topology, once. Returns the exit code.
 */
export async function validateCommand(files: readonly string[], flags: ValidateFlags): Promise<number> {
  let code: number = EXIT.ok;
  for (const file of files) {
    try {
      const scenario = await loadScenario(file, { set: flags.set, ...(flags.seed && { seeds: flags.seed }) });
      await tryOut(scenario);
      const runs = planScenario(scenario).length;
      console.log(`${file}: ok, ${runs} ${runs === 1 ? 'run' : 'runs'}`);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      console.error(error.message);
      code = EXIT.usage;
    }
  }
  return code;
}

/** Loads the constants of every variant. Throws one UsageError with all mistakes. */
async function tryOut(scenario: Scenario): Promise<void> {
  const mistakes = new Set<string>();
  for (const variant of scenario.variants) {
    try {
      await loadConstants(variant.plan);
    } catch (error) {
      const placed = withPlace(error, variant);
      if (!(placed instanceof UsageError)) throw placed;
      mistakes.add(placed.message);
    }
  }
  if (mistakes.size > 0) throw new UsageError('bad-scenario', [...mistakes].join('\n'));
}

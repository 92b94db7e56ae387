/** `mycel validate`. */
import { EXIT, printable, UsageError } from '../errors.js';
import { loadScenario } from '../scenario/load.js';
import { planScenario } from '../scenario/plan.js';
import { tryOutAll } from './try-out.js';

/** Options of `mycel validate` as commander gives them. */
export interface ValidateFlags {
  readonly seed?: readonly number[];
  readonly set: readonly string[];
}

/**
 * Prints `ok` and the number of runs for every valid file, and the mistakes of the others. Every run is tried as far as the
 * first states of its nodes. Returns the exit code.
 */
export async function validateCommand(files: readonly string[], flags: ValidateFlags): Promise<number> {
  let code: number = EXIT.ok;
  for (const file of files) {
    try {
      const { set, seed: seeds } = flags;
      const scenario = await loadScenario(file, { set, sweep: true, ...(seeds && { seeds }) });
      const plans = planScenario(scenario);
      await tryOutAll(plans, { workers: 0 });
      const runs = plans.length;
      console.log(`${file}: ok, ${runs} ${runs === 1 ? 'run' : 'runs'}`);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      console.error(printable(error.message));
      code = EXIT.usage;
    }
  }
  return code;
}

/** `mycel validate`. */
import { EXIT, UsageError } from '../errors.js';
import { loadScenario } from '../scenario/load.js';
import { planScenario } from '../scenario/plan.js';

/** Prints `ok` and the number of runs for every file that is right, the mistakes of the others. Returns the exit code. */
export async function validateCommand(
  files: readonly string[],
  flags: { readonly seed?: readonly number[]; readonly set: readonly string[] },
): Promise<number> {
  let code: number = EXIT.ok;
  for (const file of files) {
    try {
      const runs = planScenario(
        await loadScenario(file, { set: flags.set, ...(flags.seed && { seeds: flags.seed }) }),
      ).length;
      console.log(`${file}: ok, ${runs} ${runs === 1 ? 'run' : 'runs'}`);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      console.error(error.message);
      code = EXIT.usage;
    }
  }
  return code;
}

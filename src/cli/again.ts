/** Plans a run again from what its results or its checkpoint say of it. */
import { dirname } from 'node:path';
import { UsageError } from '../errors.js';
import { toScenario } from '../scenario/load.js';
import { type PlannedRun, planScenario } from '../scenario/plan.js';
import { readSummary } from './summary.js';

/** What a run is known by. */
export interface KnownRun {
  /** The scenario's file: paths in the scenario are relative to its folder. It need not exist any more. */
  readonly file: string;
  readonly variant: string | undefined;
  /** The resolved scenario, with its seed. */
  readonly scenario: Readonly<Record<string, unknown>>;
  /** Changes of it, `path=value`. */
  readonly set?: readonly string[];
}

/** The run with its variant's name. Throws UsageErrors. */
export async function planAgain({ file, variant, scenario, set = [] }: KnownRun): Promise<PlannedRun> {
  const given = await toScenario(scenario, { file, directory: dirname(file), set });
  const plan = planScenario(given)[0]!;
  return variant === undefined ? plan : { ...plan, variant: { ...plan.variant, name: variant } };
}

/** The run whose result is in a folder, with the backend that computed it. Throws UsageErrors. */
export async function planOfResult(folder: string): Promise<PlannedRun> {
  const { scenario, variant, machine, computed, forked } = readSummary(folder);
  if (forked !== undefined)
    throw new UsageError(
      'forked-result',
      `expected a result of one plan, got ${folder}, which was forked: use what it came from, and fork it again`,
      folder,
    );
  const file = machine.file ?? `${folder}/summary.json`;
  return { ...(await planAgain({ file, variant, scenario })), backend: computed.backend ?? 'auto' };
}

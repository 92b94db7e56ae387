/** Faults before a run: they are checked against its size, and get ready for it. */
import { asPluginError, UsageError } from '../../errors.js';
import type { Chosen } from '../../options/index.js';
import type { AnyFault, FaultContext, FaultScope } from './fault.js';

/** A fault of a scenario with its options; what it has prepared stands in their place once it is ready. */
export type ChosenFault = Chosen<AnyFault>;

/** Refuses faults that do not fit the run. Throws a UsageError with the place of the option, `faults.0.node`. */
export function checkFaults(faults: readonly ChosenFault[], { nodes, learners }: FaultScope): void {
  for (const [i, chosen] of faults.entries()) {
    const { entry, options } = chosen;
    const earlier = faults.slice(0, i).filter((other) => other.entry === entry);
    try {
      entry.check?.(
        options,
        { nodes, learners },
        earlier.map((other) => other.options),
      );
    } catch (error) {
      throw atFault(error, i, chosen);
    }
  }
}

/** Gets faults that are checked ready for a run. Throws a UsageError with the place of the option, and PluginErrors. */
export async function prepareFaults(
  faults: readonly ChosenFault[],
  context: Omit<FaultContext, 'earlier'>,
): Promise<readonly ChosenFault[]> {
  const ready: ChosenFault[] = [];
  for (const [i, chosen] of faults.entries()) {
    const { entry, options } = chosen;
    const earlier = ready.map(({ options: prepared }, k) => ({ path: `faults.${k}`, prepared }));
    try {
      const prepared = entry.prepare ? await entry.prepare(options, { ...context, earlier }) : options;
      ready.push({ ...chosen, options: prepared });
    } catch (error) {
      throw atFault(error, i, chosen);
    }
  }
  return ready;
}

/** What a fault has thrown, with its place in the scenario. */
function atFault(error: unknown, index: number, { entry }: ChosenFault): Error {
  if (!(error instanceof UsageError)) return asPluginError(`fault "${entry.id}"`, error);
  const path = ['faults', index, error.path].filter((step) => step !== '').join('.');
  return new UsageError(error.code, error.message, path);
}

/** Tries all runs of a command before the first one begins, so that the mistake of the thirteenth is known at once. */
import { UsageError } from '../errors.js';
import { withPlace } from '../scenario/load.js';
import type { PlannedRun } from '../scenario/plan.js';
import { CELLS_IN_MEMORY } from '../simulation/memory.js';
import { lastDataset, tryOut } from '../simulation/try-out.js';
import { availableMemory } from './machine.js';

/** Throws one UsageError with the mistakes of all runs; each says of which seeds it is, unless it is of all. */
export async function tryOutAll(
  plans: readonly PlannedRun[],
  { workers }: { readonly workers: number },
): Promise<void> {
  const seeds = new Set(plans.map(({ seed }) => seed));
  const found = new Map<string, Set<number>>();
  const memory = availableMemory();
  const load = lastDataset();
  // By seed, since all variants of a seed mostly have the same data.
  for (const plan of plans.toSorted((a, b) => a.seed - b.seed)) {
    try {
      await tryOut(
        plan,
        { backend: plan.backend, workers, memory, archive: { cells: CELLS_IN_MEMORY } },
        load,
      );
    } catch (error) {
      const placed = withPlace(error, plan.variant);
      if (!(placed instanceof UsageError)) throw placed;
      const where = found.get(placed.message) ?? new Set();
      found.set(placed.message, where.add(plan.seed));
    }
  }
  if (found.size === 0) return;
  const mistakes = [...found].map(([message, ofSeeds]) =>
    ofSeeds.size === seeds.size ? message : `${message} (${seedsText([...ofSeeds])})`,
  );
  throw new UsageError('bad-scenario', mistakes.join('\n'));
}

function seedsText(seeds: readonly number[]): string {
  if (seeds.length === 1) return `with seed ${seeds[0]}`;
  return `with the seeds ${seeds.slice(0, 8).join(', ')}${seeds.length > 8 ? `, and ${seeds.length - 8} more` : ''}`;
}

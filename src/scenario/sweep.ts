/** `sweep`: values at several paths, all of whose combinations `mycel sweep` runs. */
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { errorMap, isMap, type Problem, parsePath, problemsOf, valueAt } from '../options/index.js';
import type { Comparison } from './compare.js';
import { seedsSchema } from './seeds.js';

/** What a sweep runs. */
interface Sweep {
  /** Empty: the scenario's own seed. */
  readonly seeds: readonly number[];
  /** Its paths with their values, as comparisons. */
  readonly comparisons: readonly Comparison[];
  /** Whether a scenario, with its values in place, is one that the sweep leaves out. */
  isExcepted(scenario: unknown): boolean;
}

const NOTHING: Sweep = { seeds: [], comparisons: [], isExcepted: () => false };

const pathSchema = z
  .string()
  .refine((text) => parsePath(text) !== undefined, 'expected a path such as network.drop');

/** The section `sweep` of a scenario. */
const sweepSchema = z.strictObject({
  values: z
    .record(pathSchema, z.array(z.unknown()).min(1))
    .prefault({})
    .describe('a list of values for each path; all combinations are run'),
  except: z
    .array(z.record(pathSchema, z.unknown()))
    .prefault([])
    .describe(
      'combinations to leave out: maps from paths to a value or a list of values, all of which must hold',
    ),
  seeds: seedsSchema
    .optional()
    .describe('seeds of every combination, such as 1..5 or a list; default: the scenario’s seed'),
});

/** Takes the section out of a scenario. */
export function takeSweep(root: unknown): {
  readonly root: unknown;
  readonly sweep: Sweep;
  readonly problems: readonly Problem[];
} {
  if (!isMap(root) || root.sweep === undefined) return { root, sweep: NOTHING, problems: [] };
  const { sweep: given, ...rest } = root;
  const parsed = sweepSchema.safeParse(given, { error: errorMap('key') });
  if (!parsed.success) {
    const problems = problemsOf(parsed.error.issues, given).map((problem) => ({
      ...problem,
      path: ['sweep', ...problem.path],
    }));
    return { root: rest, sweep: NOTHING, problems };
  }
  const { values, except, seeds = [] } = parsed.data;
  const comparisons = Object.entries(values).map(
    ([path, list]): Comparison => ({ at: ['sweep', 'values'], value: { [path]: list }, isSwept: true }),
  );
  return { root: rest, sweep: { seeds, comparisons, isExcepted: excepts(except) }, problems: [] };
}

function excepts(combinations: ReadonlyArray<Readonly<Record<string, unknown>>>): Sweep['isExcepted'] {
  return (scenario) =>
    combinations.some((combination) =>
      Object.entries(combination).every(([path, wanted]) => {
        const value = valueAt(scenario, parsePath(path)!);
        const isOneOf = Array.isArray(wanted) && wanted.some((one) => isDeepStrictEqual(one, value));
        return isOneOf || isDeepStrictEqual(wanted, value);
      }),
    );
}

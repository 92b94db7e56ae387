/** `sweep`: values at several paths, all of whose combinations `mycel sweep` runs. */
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { type Problem, parsePath, valueAt } from '../options/index.js';
import type { Comparison } from './compare.js';
import { takeSection } from './section.js';
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
export const sweepSchema = z.strictObject({
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
  const { value, ...taken } = takeSection(root, 'sweep', sweepSchema);
  if (value === undefined) return { ...taken, sweep: NOTHING };
  const { values, except, seeds = [] } = value;
  const comparisons = Object.entries(values).map(
    ([path, list]): Comparison => ({ at: ['sweep', 'values'], value: { [path]: list }, isSwept: true }),
  );
  return { ...taken, sweep: { seeds, comparisons, isExcepted: excepts(except) } };
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

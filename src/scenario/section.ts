/** Sections of a scenario's file that are not part of the scenario which is run. */
import type { z } from 'zod';
import { errorMap, isMap, type Problem, problemsOf } from '../options/index.js';

/** Takes the section of that name out of a scenario; `value` is undefined if it has none, or one with problems. */
export function takeSection<T extends z.ZodType>(
  root: unknown,
  name: string,
  schema: T,
): {
  readonly root: unknown;
  readonly value: z.output<T> | undefined;
  readonly problems: readonly Problem[];
} {
  if (!isMap(root) || root[name] === undefined) return { root, value: undefined, problems: [] };
  const { [name]: given, ...rest } = root;
  const parsed = schema.safeParse(given, { error: errorMap('key') });
  if (parsed.success) return { root: rest, value: parsed.data, problems: [] };
  const problems = problemsOf(parsed.error.issues, given).map((problem) => ({
    ...problem,
    path: [name, ...problem.path],
  }));
  return { root: rest, value: undefined, problems };
}

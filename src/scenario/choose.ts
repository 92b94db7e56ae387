/** Sections that name an entry of a list by `use` and give its options beside it. */
import type { z } from 'zod';
import { unknownName } from '../errors.js';
import type { Entry } from '../options.js';
import type { Chosen } from '../simulation/plan.js';
import { type List, nestedLists } from './lists.js';
import { errorMap, problemsOf, show } from './messages.js';
import { isMap, type Path, startsWith, valueAt } from './path.js';
import { entryOf, isModulePath, type Loaded } from './plugin.js';
import { withDefaults } from './schema-walk.js';
import type { Problem } from './source.js';

/** A section to be resolved. */
export interface Section {
  readonly path: Path;
  /** `ring`, or `{ use: ring, …options }`. */
  readonly value: unknown;
  readonly list: List;
  /** Keys of the section that are the scenario's own, not options of the entry. */
  readonly own?: z.ZodObject;
  /** Keys of the section that are looked at elsewhere. */
  readonly skip?: readonly string[];
}

/** A resolved section, as far as it is right. */
export interface Choice {
  /** The entry that was named, even where its options are wrong. */
  readonly entry: List['entries'][number] | undefined;
  // biome-ignore lint/suspicious/noExplicitAny: the list that was asked for tells which entry it is.
  readonly chosen: Chosen<any> | undefined;
  /** Validated values of `own`. */
  readonly own: Readonly<Record<string, unknown>>;
  /** The section as text with every default. */
  readonly resolved: Readonly<Record<string, unknown>> | undefined;
  readonly problems: readonly Problem[];
}

/** A section in its long form, `{ use, … }`; other values as they are. */
export function longForm(value: unknown): unknown {
  return typeof value === 'string' ? { use: value } : value;
}

/** Resolves a section: the entry by its name, its options by the entry's own schema. Pure. */
export function choose(section: Section, modules: Modules): Choice {
  const value = longForm(section.value);
  const fail = (message: string, path = section.path, at: 'key' | 'value' = 'value'): Choice => ({
    entry: undefined,
    chosen: undefined,
    own: {},
    resolved: undefined,
    problems: [{ path, message, at }],
  });
  const { what } = section.list;
  if (!isMap(value))
    return fail(`expected ${withArticle(what)}: its name, or a map with "use", got ${show(value)}`);
  const { use, ...rest } = value;
  if (typeof use !== 'string') {
    return fail(
      `expected the name of ${withArticle(what)} or of a module in "use", got ${show(use)}`,
      [...section.path, 'use'],
      use === undefined ? 'key' : 'value',
    );
  }
  const found = find(use, section.list, modules);
  if ('fault' in found)
    return fail(found.fault, typeof section.value === 'string' ? section.path : [...section.path, 'use']);
  return parseSection(section, rest, { ...found, use, modules });
}

/** The user's modules by their `use`. */
type Modules = ReadonlyMap<string, Loaded>;

interface Found {
  // biome-ignore lint/suspicious/noExplicitAny: entries of one list differ in their options.
  readonly entry: Entry<any>;
  readonly url: string | undefined;
}

function find(use: string, list: List, modules: Modules): Found | { readonly fault: string } {
  if (isModulePath(use)) {
    const loaded = modules.get(use) ?? { fault: `expected a module, got "${use}", which was not loaded` };
    if ('fault' in loaded) return loaded;
    const entry = entryOf(loaded.exported, use, list);
    return typeof entry === 'string' ? { fault: entry } : { entry, url: loaded.url };
  }
  const entry = list.entries.find(({ id }) => id === use);
  if (entry) return { entry, url: undefined };
  const names = list.entries.map(({ id }) => id);
  return { fault: unknownName(list.what, use, names).message };
}

function parseSection(
  section: Section,
  rest: Readonly<Record<string, unknown>>,
  { entry, url, use, modules }: Found & { readonly use: string; readonly modules: Modules },
): Choice {
  const ownKeys = Object.keys(section.own?.shape ?? {});
  const keep = (keys: (key: string) => boolean) =>
    Object.fromEntries(Object.entries(rest).filter(([key]) => keys(key)));
  const ownValue = keep((key) => ownKeys.includes(key));
  const optionsValue = keep((key) => !ownKeys.includes(key) && !section.skip?.includes(key));
  const problems: Problem[] = [];
  const parse = <T>(schema: z.ZodType<T>, value: unknown): T | undefined => {
    const parsed = schema.safeParse(value, { error: errorMap(`option of ${section.list.what} ${entry.id}`) });
    if (parsed.success) return parsed.data;
    problems.push(...problemsOf(parsed.error.issues, value, section.path));
    return undefined;
  };
  const nested = withNestedModules(optionsValue, section.path, modules);
  const options = parse(entry.options, nested.value);
  const own = section.own === undefined ? {} : parse(section.own, ownValue);
  const all = besides(nested.problems, problems);
  if (all.length > 0) return { entry, chosen: undefined, own: {}, resolved: undefined, problems: all };
  const ownResolved = section.own === undefined ? {} : (withDefaults(section.own, ownValue) as object);
  const resolved = {
    use,
    ...(resolveNested(withDefaults(entry.options, optionsValue), modules) as object),
    ...ownResolved,
  };
  return {
    entry,
    chosen: { entry, options, ...(url === undefined ? {} : { module: url }) },
    own: own ?? {},
    resolved,
    problems: [],
  };
}

/** The options of a map that choose from a list in their turn and name a module, as sections of their own. */
export function nestedModules(options: unknown, path: Path): Section[] {
  if (!isMap(options)) return [];
  return Object.entries(nestedLists).flatMap(([key, list]): Section[] => {
    const value = options[key];
    const use = valueAt(longForm(value), ['use']);
    return typeof use === 'string' && isModulePath(use) ? [{ path: [...path, key], value, list }] : [];
  });
}

/** The options as their schema takes them: `{ use: entry, options }` in place of a module that one of them names. */
export function withNestedModules(
  options: unknown,
  path: Path,
  modules: Modules,
): { readonly value: unknown; readonly problems: readonly Problem[] } {
  const choices = nestedModules(options, path).map((section) => ({ section, ...choose(section, modules) }));
  const entries = choices.map(({ section, chosen }) => [
    section.path.at(-1),
    chosen && { use: chosen.entry, options: chosen.options },
  ]);
  return {
    value: isMap(options) ? { ...options, ...Object.fromEntries(entries) } : options,
    problems: choices.flatMap(({ problems }) => problems),
  };
}

/** Problems of nested sections, and the others without those that only follow from them. */
export function besides(nested: readonly Problem[], others: readonly Problem[]): Problem[] {
  return [
    ...nested,
    ...others.filter(({ path }) => !nested.some((problem) => startsWith(problem.path, path))),
  ];
}

/** Fills in the defaults of options that choose from a list in their turn (`codec`, `latency`, each of `models`). */
export function resolveNested(options: unknown, modules: Modules): unknown {
  if (!isMap(options)) return options;
  const own = nestedModules(options, []).map((section) => [
    section.path[0],
    choose(section, modules).resolved,
  ]);
  const resolved = Object.fromEntries(own) as Record<string, unknown>;
  return Object.fromEntries(
    Object.entries(options).map(([key, value]) => {
      if (Object.hasOwn(resolved, key)) return [key, resolved[key]];
      const list = Object.hasOwn(nestedLists, key) ? nestedLists[key]! : undefined;
      if (!list) return [key, value];
      return [
        key,
        Array.isArray(value) ? value.map((one) => resolveOne(one, list)) : resolveOne(value, list),
      ];
    }),
  );
}

function resolveOne(value: unknown, list: List): unknown {
  const given = longForm(value);
  if (!isMap(given)) return value;
  const { use, ...rest } = given;
  const entry = list.entries.find(({ id }) => id === use);
  return entry ? { use, ...(withDefaults(entry.options, rest) as object) } : value;
}

/** `an algorithm`, `a topology`. */
export function withArticle(what: string): string {
  return /^[aeiou]/.test(what) ? `an ${what}` : `a ${what}`;
}

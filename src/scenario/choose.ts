/** Sections that name an entry of a list by `use` and give its options beside it. */
import type { z } from 'zod';
import { unknownName } from '../errors.js';
import type { Entry } from '../options.js';
import type { Chosen } from '../plan.js';
import { type List, nestedLists } from './lists.js';
import { errorMap, problemsOf, show } from './messages.js';
import { isMap, type Path } from './path.js';
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
export function choose(section: Section, modules: ReadonlyMap<string, Loaded>): Choice {
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
  return parseSection(section, use, rest, found);
}

interface Found {
  // biome-ignore lint/suspicious/noExplicitAny: entries of one list differ in their options.
  readonly entry: Entry<any>;
  readonly url: string | undefined;
}

function find(
  use: string,
  list: List,
  modules: ReadonlyMap<string, Loaded>,
): Found | { readonly fault: string } {
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
  use: string,
  rest: Readonly<Record<string, unknown>>,
  { entry, url }: Found,
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
  const options = parse(entry.options, optionsValue);
  const own = section.own === undefined ? {} : parse(section.own, ownValue);
  if (problems.length > 0) return { entry, chosen: undefined, own: {}, resolved: undefined, problems };
  const ownResolved = section.own === undefined ? {} : (withDefaults(section.own, ownValue) as object);
  const resolved = {
    use,
    ...(resolveNested(withDefaults(entry.options, optionsValue)) as object),
    ...ownResolved,
  };
  return {
    entry,
    chosen: { entry, options, ...(url === undefined ? {} : { module: url }) },
    own: own ?? {},
    resolved,
    problems,
  };
}

/** Fills in the defaults of options that choose from a list in their turn (`codec`, `latency`). */
export function resolveNested(options: unknown): unknown {
  if (!isMap(options)) return options;
  return Object.fromEntries(
    Object.entries(options).map(([key, value]) => {
      const given = Object.hasOwn(nestedLists, key) ? longForm(value) : undefined;
      if (!isMap(given)) return [key, value];
      const { use, ...rest } = given;
      const entry = nestedLists[key]!.entries.find(({ id }) => id === use);
      return [key, entry ? { use, ...(withDefaults(entry.options, rest) as object) } : value];
    }),
  );
}

/** `an algorithm`, `a topology`. */
export function withArticle(what: string): string {
  return /^[aeiou]/.test(what) ? `an ${what}` : `a ${what}`;
}

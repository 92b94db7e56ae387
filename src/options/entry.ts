/** Lists of entries: what a scenario can name by `use`, built in or from a module of the user's own. */
import type { z } from 'zod';
import { unknownName } from '../errors.js';
import { isMap } from './path.js';

/**
 * What every list (`algorithms`, `topologies`, `splits`, …) holds: a name, a line about it, and its options with their
 * defaults. A scenario names an entry by `use` and gives the options beside it.
 */
export interface Entry<Options> {
  /** Kebab-case name, as in a scenario's `use`. */
  readonly id: string;
  /** One line for `mycel list`. */
  readonly description: string;
  /** A strict zod object: unknown keys are errors, every default lives here, `.describe()` gives unit and meaning. */
  readonly options: z.ZodType<Options>;
  /** Authors, title, venue, year, where there is a source. */
  readonly reference?: string;
}

/** Any entry. */
// biome-ignore lint/suspicious/noExplicitAny: entries of one list differ in their options.
export type AnyEntry = Entry<any>;

/** A list of entries, and how people call it. */
export interface List<E extends AnyEntry = AnyEntry> {
  /** One entry, for messages: `topology`. */
  readonly what: string;
  readonly entries: readonly E[];
  /** Dotted names of the functions that an entry must have, and of texts beside `id` and `description`. */
  readonly functions: readonly string[];
  readonly texts?: readonly string[];
}

/** An entry that was chosen, with its validated options. */
export interface Chosen<E extends AnyEntry = AnyEntry> {
  readonly entry: E;
  // biome-ignore lint/suspicious/noExplicitAny: typed by the entry that is called with them.
  readonly options: any;
  /** URL of the user's module that exports the entry by default; absent for built-in ones and for plain objects. */
  readonly module?: string;
}

/** A user's module after loading: what it exports by default, or why it cannot be used. */
export type LoadedModule = { readonly url: string; readonly exported: unknown } | { readonly fault: string };

/** The user's modules, by the text of their `use`. */
export type Modules = ReadonlyMap<string, LoadedModule>;

let loaded: Modules = new Map();
let wanted = new Set<string>();

/**
 * Runs `parse` with these modules at hand. Which modules a scenario names is known only to the schemas that read it, so
 * a module that is asked for and not among them comes back in `missing`: load it and parse again.
 */
export function withModules<T>(
  modules: Modules,
  parse: () => T,
): { readonly value: T; readonly missing: readonly string[] } {
  const before = [loaded, wanted] as const;
  [loaded, wanted] = [modules, new Set()];
  try {
    return { value: parse(), missing: [...wanted] };
  } finally {
    [loaded, wanted] = before;
  }
}

/** Whether a `use` names a file and no entry of a list. */
function isModulePath(use: string): boolean {
  return /^\.{1,2}[\\/]/.test(use) || /^([a-zA-Z]:)?[\\/]/.test(use) || /\.(js|mjs|ts|mts)$/.test(use);
}

/** The entry that a `use` names: by its id, by a module, or itself as an object; else a message that says what is wrong. */
export function findEntry<E extends AnyEntry>(
  use: unknown,
  list: List<E>,
): { readonly entry: E; readonly url?: string } | { readonly fault: string } {
  if (typeof use !== 'string') return checkEntry(use, `the object in "use"`, list);
  if (isModulePath(use)) {
    const module = loaded.get(use);
    if (module === undefined) wanted.add(use);
    if (module === undefined || 'fault' in module) {
      return { fault: module?.fault ?? `expected a module, got "${use}", which was not loaded` };
    }
    const checked = checkEntry(module.exported, use, list);
    return 'fault' in checked ? checked : { ...checked, url: module.url };
  }
  const entry = list.entries.find(({ id }) => id === use);
  if (entry) return { entry };
  const names = list.entries.map(({ id }) => id);
  return { fault: unknownName(list.what, use, names).message };
}

/** Whether `exported` can stand in the list, as far as that can be seen without calling its functions. */
function checkEntry<E extends AnyEntry>(
  exported: unknown,
  origin: string,
  list: List<E>,
): { readonly entry: E } | { readonly fault: string } {
  const expected = origin.startsWith('the object')
    ? `expected ${origin} to be ${withArticle(list.what)}`
    : `expected ${origin} to export ${withArticle(list.what)} by default`;
  if (!isMap(exported)) {
    return { fault: `${expected}, got ${exported === undefined ? 'no default export' : typeof exported}` };
  }
  const missing = ['id', 'description', ...(list.texts ?? [])]
    .filter((name) => typeof exported[name] !== 'string' || exported[name] === '')
    .map((name) => `${name} (text)`);
  if (!isSchema(exported.options)) missing.push('options (a zod schema: z.strictObject({ … }))');
  for (const name of list.functions) {
    const value = name.split('.').reduce<unknown>((at, key) => (isMap(at) ? at[key] : undefined), exported);
    if (typeof value !== 'function') missing.push(`${name} (a function)`);
  }
  if (missing.length > 0) return { fault: `${expected}; it lacks ${missing.join(', ')}` };
  return { entry: exported as unknown as E };
}

function isSchema(options: unknown): boolean {
  return (
    isMap(options) && typeof options.safeParse === 'function' && typeof options.parseAsync === 'function'
  );
}

/** `an algorithm`, `a topology`. */
export function withArticle(what: string): string {
  return /^[aeiou]/.test(what) ? `an ${what}` : `a ${what}`;
}

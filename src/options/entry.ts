/** Lists of entries: what a scenario can name by `use`, built in or from a module of the user's own. */
import type { z } from 'zod';
import { unknownName } from '../errors.js';
import { isMap } from './path.js';

/**
 * What every list (`algorithms`, `topologies`, `splits`, …) holds: a name, a line about it, and its options with their
 * defaults. A scenario names an entry by `use` and has its options beside that.
 * @public
 */
export interface Entry<Options> {
  /** Kebab-case name, as in a scenario's `use`. */
  readonly id: string;
  /** One line for `mycel list`. */
  readonly description: string;
  /** A strict zod object: unknown keys are errors, every default lives here, `.describe()` gives unit and meaning. */
  readonly options: z.ZodType<Options>;
  /** Authors, title, venue and year of the source, if there is one. */
  readonly reference?: string;
}

/** Any entry. @public */
// biome-ignore lint/suspicious/noExplicitAny: entries of one list differ in their options.
export type AnyEntry = Entry<any>;

/** A list of entries, and what one of them is called. @public */
export interface List<E extends AnyEntry = AnyEntry> {
  /** What messages call one entry: `topology`. */
  readonly what: string;
  readonly entries: readonly E[];
  /** Dotted names of the functions that an entry must have. */
  readonly functions: readonly string[];
  /** Names of the texts that an entry must have besides `id` and `description`. */
  readonly texts?: readonly string[];
}

/** An entry that was chosen, with its validated options. @public */
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

let available: Modules = new Map();
let missing = new Set<string>();

/**
 * Runs `parse`, during which every `use` that names one of these modules finds it. Only the schemas know where a
 * scenario can name a module, so parsing is how the names are found: `missing` has those that are not in `modules`. Load
 * them and parse again.
 */
export function withModules<T>(
  modules: Modules,
  parse: () => T,
): { readonly value: T; readonly missing: readonly string[] } {
  const before = [available, missing] as const;
  [available, missing] = [modules, new Set()];
  try {
    return { value: parse(), missing: [...missing] };
  } finally {
    [available, missing] = before;
  }
}

/** What tells the path of a module from the id of an entry. */
export const MODULE_PATH = /^\.{1,2}[\\/]|^([a-zA-Z]:)?[\\/]|\.(js|mjs|ts|mts)$/;

/** Whether a `use` is the path of a module and not the id of an entry. */
export function isModulePath(use: string): boolean {
  return MODULE_PATH.test(use);
}

/** The entry that `use` names by its id or by the path of a module, or is itself; otherwise `fault` says what is wrong. */
export function findEntry<E extends AnyEntry>(
  use: unknown,
  list: List<E>,
): { readonly entry: E; readonly url?: string } | { readonly fault: string } {
  if (typeof use !== 'string') return checkEntry(use, `the object in "use"`, list);
  if (isModulePath(use)) {
    const module = available.get(use);
    if (module === undefined) {
      missing.add(use);
      return {
        fault: `expected a module that is already loaded, got "${use}": read the scenario with toScenario`,
      };
    }
    if ('fault' in module) return module;
    const checked = checkEntry(module.exported, use, list);
    return 'fault' in checked ? checked : { ...checked, url: module.url };
  }
  const entry = list.entries.find(({ id }) => id === use);
  if (entry) return { entry };
  const names = list.entries.map(({ id }) => id);
  return { fault: unknownName(list.what, use, names).message };
}

/** Whether `exported` is an entry of this kind, as far as that can be checked without calling its functions. */
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
  const lacking = ['id', 'description', ...(list.texts ?? [])]
    .filter((name) => typeof exported[name] !== 'string' || exported[name] === '')
    .map((name) => `${name} (text)`);
  if (!isSchema(exported.options)) lacking.push('options (a zod schema: z.strictObject({ … }))');
  for (const name of list.functions) {
    const value = name.split('.').reduce<unknown>((at, key) => (isMap(at) ? at[key] : undefined), exported);
    if (typeof value !== 'function') lacking.push(`${name} (a function)`);
  }
  if (lacking.length > 0) return { fault: `${expected}; it lacks ${lacking.join(', ')}` };
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

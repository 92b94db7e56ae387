/**
 * Chosen entries as plain data. The input of a task is plain data, from which every thread must find an entry again: in
 * its list by its id, or, for an entry of the user's own, as the default export of a module. Each thread imports those
 * modules before its first task (`compute/modules.ts`).
 */
import type { z } from 'zod';
import { exportOf, provide } from '../compute/modules.js';
import { PluginError, UsageError, unknownName } from '../errors.js';
import { type AnyEntry, type Chosen, choice, findEntry, type List, withArticle } from '../options/index.js';

/** An entry with its validated options. Plain data. @public */
export interface Reference {
  /** The id of the entry. */
  readonly use: string;
  /**
   * For an entry of the user's own: the URL of the module that exports it by default. Where an entry was given as an
   * object without a module, a name that is valid in this thread only.
   */
  readonly module?: string;
  /** The validated options. */
  readonly options: unknown;
}

/** What begins the name of an entry that was given without a module. */
const GIVEN = 'given:';

/**
 * The reference to an entry that was chosen from a list. An entry that is in no list is made known to this thread.
 * @throws UsageError `two-entries` where another entry was given with the same URL
 */
export function referenceTo<E extends AnyEntry>(list: List<E>, chosen: Chosen<E>): Reference {
  const { entry, options } = chosen;
  if (list.entries.includes(entry)) return { use: entry.id, options };
  const module = chosen.module ?? givenName(list, entry);
  const known = exportOf(module);
  if (known !== undefined && known !== entry) {
    throw new UsageError(
      'two-entries',
      `expected one ${list.what} per module, its default export, got a second one from ${module}: "${entry.id}"`,
    );
  }
  provide(module, entry);
  return { use: entry.id, module, options };
}

/** Schema of an option that chooses an entry of a list, as {@link choice} does, and gives a reference to it. @public */
export function referenceOption<E extends AnyEntry>(list: List<E>): z.ZodType<Reference> {
  return choice(list).transform((chosen, context) => {
    try {
      return referenceTo(list, chosen);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      context.addIssue({ code: 'custom', message: error.message, input: chosen });
      return { use: chosen.entry.id, options: chosen.options };
    }
  });
}

/** A built-in entry with its options as a reference: for entries that the code names. */
export function reference<Options>(
  entry: { readonly id: string; readonly options: z.ZodType<Options> },
  options: Options,
): Reference {
  return { use: entry.id, options };
}

/**
 * The entry of a reference.
 * @throws UsageError where the list has no entry of that id; PluginError where its module does not export it by default
 */
export function entryOf<E extends AnyEntry>(list: List<E>, { use, module }: Reference): E {
  if (module === undefined) {
    const ids = list.entries.map(({ id }) => id);
    const entry = list.entries.find(({ id }) => id === use);
    if (entry === undefined) throw unknownName(list.what, use, ids);
    return entry;
  }
  const found = findEntry(exportOf(module), list);
  if ('entry' in found && found.entry.id === use) return found.entry;
  const name = describeReference(list, { use, module });
  throw new PluginError(`${name}: expected the module to export that ${list.what} by default`);
}

/** `layer "mine" (file:///layers/mine.js)`: names an entry of the user's own in messages. */
export function describeReference(list: List, { use, module }: Pick<Reference, 'use' | 'module'>): string {
  return `${list.what} "${use}"${module === undefined ? '' : ` (${module})`}`;
}

/**
 * The modules of all references within a value, each once, in their order.
 * @param value specs and validated options, with chosen entries in them
 * @throws UsageError `no-module` for an entry that was given as an object without a module, where `workers` is above zero:
 * a worker thread could not find it
 */
export function modulesIn(value: unknown, workers: number): string[] {
  const modules = new Set<string>();
  visitReferences(value, ({ use, module }) => {
    if (!module.startsWith(GIVEN)) {
      modules.add(module);
    } else if (workers > 0) {
      const what = module.slice(GIVEN.length).split('/')[0]!;
      throw new UsageError(
        'no-module',
        `expected ${withArticle(what)} that worker threads can import, got the object "${use}": give beside it the URL of ` +
          'the module that exports it by default (module: import.meta.url), or run without workers',
      );
    }
  });
  return [...modules];
}

/** Goes through lists and plain maps, but not into the entries themselves. */
function visitReferences(
  value: unknown,
  visit: (reference: { readonly use: string; readonly module: string }) => void,
): void {
  if (Array.isArray(value)) for (const item of value) visitReferences(item, visit);
  if (!isPlainMap(value)) return;
  const { use, module } = value;
  if (typeof use === 'string' && typeof module === 'string') visit({ use, module });
  for (const [key, item] of Object.entries(value)) if (key !== 'entry') visitReferences(item, visit);
}

function isPlainMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

/** `given:layer/mine`. Two objects with the same id are two entries. */
function givenName(list: List, entry: AnyEntry): string {
  for (let number = 1; ; number++) {
    const name = `${GIVEN}${list.what}/${entry.id}${number === 1 ? '' : `#${number}`}`;
    const known = exportOf(name);
    if (known === undefined || known === entry) return name;
  }
}

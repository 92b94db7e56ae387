/**
 * Options that choose an entry of a list: a name, or a map with the name in `use` and the entry's own options beside it.
 * The schema has its list, from which `mycel list`, the defaults and the messages know what can be chosen.
 */
import { z } from 'zod';
import { type AnyEntry, type Chosen, findEntry, type List, withArticle } from './entry.js';
import { isMap } from './path.js';
import { errorMap, type Problem, problemsOf, show } from './problems.js';

/** What a choice is made from. */
export interface ChoiceInfo {
  readonly list: List;
  /** Schema of the keys beside `use` that are not options of the entry (`split` beside the options of a data source). */
  readonly own: z.ZodObject;
}

/** Opaque to zod, which would rewrite the type of what a registry holds. */
const choices = z.registry<{ readonly info: unknown }>();

/** The list and the own keys of a choice, or of what `.describe()` made of one; undefined if the schema is no choice. */
export function choiceOf(schema: z.core.$ZodType): ChoiceInfo | undefined {
  return choices.get(schema)?.info as ChoiceInfo | undefined;
}

/** How a choice differs from one among all entries of its list, with no keys of its own. */
interface ChoiceSettings<E extends AnyEntry, Own extends z.ZodRawShape> {
  /** Schemas of further keys beside the entry's options; their values are returned beside `entry` and `options`. */
  readonly own?: Own;
  /** Which entries of the list may be chosen, and what they are called in messages. */
  readonly only?: { readonly accepts: (entry: E) => boolean; readonly expected: string };
}

/**
 * Schema of an option that chooses from a list: `ring`, `{ use: ring, …options }`, `{ use: ./mine.js, …options }`, or in
 * code `{ use: entry, …options }`. Gives the entry with its validated options.
 */
export function choice<E extends AnyEntry, const Own extends z.ZodRawShape = Record<never, never>>(
  list: List<E>,
  settings: ChoiceSettings<E, Own> = {},
): z.ZodType<Chosen<E> & z.output<z.ZodObject<Own>>> {
  const { only } = settings;
  const own = z.object(settings.own ?? {});
  const refusalOf = (entry: AnyEntry, input: unknown): Problem[] => {
    if (!only || only.accepts(entry as E)) return [];
    const path = typeof input === 'string' ? [] : ['use'];
    return [{ path, message: `expected ${only.expected}, got ${show(entry.id)}` }];
  };
  const names = list.entries.filter((entry) => only?.accepts(entry) ?? true).map(({ id }) => id);
  const schema = z
    .unknown()
    .meta({ choice: { what: list.what, names } })
    .transform((input, context) => {
      const parsed = parseChoice({ list, own }, input);
      const problems = 'problems' in parsed ? parsed.problems : refusalOf(parsed.chosen.entry, input);
      for (const { path, message, at } of problems) {
        context.issues.push({
          code: 'custom',
          message,
          path: [...path],
          input,
          params: { at: at ?? 'value' },
        });
      }
      return 'problems' in parsed || problems.length > 0 ? z.NEVER : { ...parsed.own, ...parsed.chosen };
    });
  choices.add(schema, { info: { list, own } });
  return schema as unknown as z.ZodType<Chosen<E> & z.output<z.ZodObject<Own>>>;
}

interface Failed {
  readonly problems: readonly Problem[];
}

interface Parsed {
  readonly chosen: Chosen;
  readonly own: Readonly<Record<string, unknown>>;
}

/** A choice in its long form, `{ use, … }`; other values are returned unchanged. */
export function longForm(value: unknown): unknown {
  return typeof value === 'string' ? { use: value } : value;
}

/** The keys of a choice that are its own, and those that are options of the entry. */
export function partsOf({ own }: ChoiceInfo, input: Readonly<Record<string, unknown>>) {
  const { use: _use, ...rest } = input;
  const isOwn = (key: string) => Object.hasOwn(own.shape, key);
  const keep = (wanted: boolean) =>
    Object.fromEntries(Object.entries(rest).filter(([key]) => isOwn(key) === wanted));
  return { options: keep(false), own: keep(true) };
}

function parseChoice(info: ChoiceInfo, input: unknown): Parsed | Failed {
  const { list } = info;
  const value = longForm(input);
  const fail = (message: string, path: Problem['path'] = [], at: Problem['at'] = 'value'): Failed => ({
    problems: [{ path, message, at }],
  });
  if (!isMap(value)) {
    return fail(`expected ${withArticle(list.what)}: its name, or a map with "use", got ${show(input)}`);
  }
  const { use } = value;
  if (use === undefined || (typeof use !== 'string' && !isMap(use))) {
    const message = `expected the name of ${withArticle(list.what)} or the path of a module in "use", got ${show(use)}`;
    return fail(message, ['use'], use === undefined ? 'key' : 'value');
  }
  const found = findEntry(use, list);
  if ('fault' in found) return fail(found.fault, typeof input === 'string' ? [] : ['use']);
  const { entry } = found;
  const { module, ...parts } = moduleOf(use, partsOf(info, value), found.url);
  const problems: Problem[] = [];
  const parse = <T>(schema: z.ZodType<T>, part: unknown): T | undefined => {
    const parsed = schema.safeParse(part, { error: errorMap(`option of ${list.what} ${entry.id}`) });
    if (!parsed.success) problems.push(...problemsOf(parsed.error.issues, part));
    return parsed.data;
  };
  const options = parse(entry.options, parts.options);
  const own = parse(info.own, parts.own) ?? {};
  if (problems.length > 0) return { problems };
  return { chosen: { entry, options, ...(module === undefined ? {} : { module }) }, own };
}

/** If `use` is an entry itself, the key `module` beside it is the URL from which worker threads import that entry. */
function moduleOf(use: unknown, parts: ReturnType<typeof partsOf>, url: string | undefined) {
  if (typeof use === 'string' || typeof parts.options.module !== 'string') return { ...parts, module: url };
  const { module, ...options } = parts.options;
  return { own: parts.own, options, module: module as string };
}

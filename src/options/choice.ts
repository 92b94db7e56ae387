/**
 * Options that choose an entry of a list: a name, or a map with the name in `use` and the entry's own options beside it.
 * The schema carries its list, so whoever reads it (`mycel list`, the defaults, the messages) knows what may stand there.
 */
import { z } from 'zod';
import { type AnyEntry, type Chosen, findEntry, type List, withArticle } from './entry.js';
import { isMap } from './path.js';
import { errorMap, type Problem, problemsOf, show } from './problems.js';

/** What a choice knows of itself. */
export interface ChoiceInfo {
  readonly list: List;
  /** Schema of the keys that stand beside the entry's options and belong to whoever asks for the choice. */
  readonly own: z.ZodObject;
}

/** Opaque to zod, which would rewrite the type of what a registry holds. */
const choices = z.registry<{ readonly info: unknown }>();

/** What a schema chooses from, also where it was described since; undefined where it is no choice. */
export function choiceOf(schema: z.core.$ZodType): ChoiceInfo | undefined {
  return choices.get(schema)?.info as ChoiceInfo | undefined;
}

/** How a choice differs from the plain one. */
interface ChoiceSettings<E extends AnyEntry, Own extends z.ZodRawShape> {
  /** Keys beside the entry's options, with their schemas; their values stand beside `entry` and `options`. */
  readonly own?: Own;
  /** Entries that are refused although they are in the list, with what is expected instead. */
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
  const refusalOf = (entry: AnyEntry, given: unknown): Problem[] => {
    if (!only || only.accepts(entry as E)) return [];
    const path = typeof given === 'string' ? [] : ['use'];
    return [{ path, message: `expected ${only.expected}, got ${show(entry.id)}` }];
  };
  const names = list.entries.filter((entry) => only?.accepts(entry) ?? true).map(({ id }) => id);
  const schema = z
    .unknown()
    .meta({ choice: { what: list.what, names } })
    .transform((given, context) => {
      const parsed = parseChoice({ list, own }, given);
      const problems = 'problems' in parsed ? parsed.problems : refusalOf(parsed.chosen.entry, given);
      for (const { path, message, at } of problems) {
        context.issues.push({
          code: 'custom',
          message,
          path: [...path],
          input: given,
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

/** A choice in its long form, `{ use, … }`; other values as they are. */
export function longForm(value: unknown): unknown {
  return typeof value === 'string' ? { use: value } : value;
}

/** The keys of a choice that are its own, and those that are options of the entry. */
export function partsOf({ own }: ChoiceInfo, given: Readonly<Record<string, unknown>>) {
  const { use: _use, ...rest } = given;
  const isOwn = (key: string) => Object.hasOwn(own.shape, key);
  const keep = (wanted: boolean) =>
    Object.fromEntries(Object.entries(rest).filter(([key]) => isOwn(key) === wanted));
  return { options: keep(false), own: keep(true) };
}

function parseChoice(info: ChoiceInfo, given: unknown): Parsed | Failed {
  const { list } = info;
  const value = longForm(given);
  const fail = (message: string, path: Problem['path'] = [], at: Problem['at'] = 'value'): Failed => ({
    problems: [{ path, message, at }],
  });
  if (!isMap(value)) {
    return fail(`expected ${withArticle(list.what)}: its name, or a map with "use", got ${show(given)}`);
  }
  const { use } = value;
  if (use === undefined || (typeof use !== 'string' && !isMap(use))) {
    const message = `expected the name of ${withArticle(list.what)} or of a module in "use", got ${show(use)}`;
    return fail(message, ['use'], use === undefined ? 'key' : 'value');
  }
  const found = findEntry(use, list);
  if ('fault' in found) return fail(found.fault, typeof given === 'string' ? [] : ['use']);
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

/** An entry that is given as an object may say under `module` from which URL worker threads import it. */
function moduleOf(use: unknown, parts: ReturnType<typeof partsOf>, url: string | undefined) {
  if (typeof use === 'string' || typeof parts.options.module !== 'string') return { ...parts, module: url };
  const { module, ...options } = parts.options;
  return { own: parts.own, options, module: module as string };
}

/** The wording of mistakes in options: `expected …, got …`; for an unknown key the known ones and the nearest of them. */
import { z } from 'zod';
import { nearestName, printable, quoted, shortened, unknownName } from '../errors.js';
import { isMap, type Path, valueAt } from './path.js';
import { shapeOf } from './shape.js';

/** A mistake at a place; its message says what was expected and what was found. */
export interface Problem {
  readonly path: Path;
  readonly message: string;
  /**
   * Which of the two is wrong: its line and column are reported.
   * @defaultValue `value`
   */
  readonly at?: 'key' | 'value' | undefined;
}

type Issue = z.core.$ZodIssue | z.core.$ZodRawIssue;

const TYPES: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a map (key: value)',
  record: 'a map (key: value)',
  array: 'a list',
  tuple: 'a list',
  null: 'null',
};

/**
 * Error map for `safeParse`, which words every issue. `what` is what an unknown key is called: `key`, or `option of
 * topology ring`.
 */
export function errorMap(what: string): (issue: z.core.$ZodRawIssue) => string {
  return (issue) => {
    if (issue.code !== 'unrecognized_keys') return `expected ${expectedBy(issue, issue.input)}`;
    const known = Object.keys(shapeOf(issue.inst as z.ZodType | undefined) ?? {});
    return issue.keys
      .map((key) =>
        known.length === 0
          ? `unknown ${what} ${quoted(key)}; this entry has no options`
          : unknownName(what, key, known).message,
      )
      .join('\n');
  };
}

/**
 * The problems behind the issues of a parse with {@link errorMap}. `value` is what was parsed, and paths start from it.
 * Each unknown key is a problem; of a union, the problems are those of the branch that fits best.
 */
export function problemsOf(issues: readonly z.core.$ZodIssue[], value: unknown): Problem[] {
  return issues.flatMap((issue): Problem[] => {
    const path = issue.path.map((key) => (typeof key === 'number' ? key : String(key)));
    const input = valueAt(value, path);
    if (issue.code === 'unrecognized_keys') {
      const lines = issue.message.split('\n');
      return issue.keys.map((key, i) => ({ path: [...path, key], message: lines[i] ?? '', at: 'key' }));
    }
    if (issue.code === 'invalid_union' && issue.errors.length > 0) {
      const best = bestBranch(issue.errors);
      if (!best) return [{ path, message: withGot(`expected ${eitherOf(issue.errors, input)}`, input) }];
      return problemsOf(best, input).map((problem) => ({ ...problem, path: [...path, ...problem.path] }));
    }
    if (issue.code === 'invalid_key') {
      const message = withGot(issue.issues[0]?.message ?? issue.message, path.at(-1));
      return [{ path, message, at: 'key' }];
    }
    // A choice has worded the problems of its options already.
    const at = issue.code === 'custom' ? (issue.params?.at as Problem['at']) : undefined;
    return [at ? { path, message: issue.message, at } : { path, message: withGot(issue.message, input) }];
  });
}

/** A value as messages show it: `"abc"`, `1.5`, `NaN`, `[1,2]`; `nothing` for undefined; shortened to 60 characters. */
export function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  if (typeof value === 'function') return 'a function';
  return shortened(printable(JSON.stringify(value) ?? String(value)));
}

/** Adds what was found to a message of a schema, which says only what it expects. */
function withGot(message: string, input: unknown): string {
  if (!message.startsWith('expected ') || message.includes(', got ')) return message;
  const percent = typeof input === 'string' && /^\s*(\d+(?:\.\d+)?)\s*%\s*$/.exec(input)?.[1];
  const fix = percent && /^expected a number\b/.test(message) ? `: write ${Number(percent) / 100}` : '';
  return `${message}, got ${input === undefined ? 'nothing (it is required)' : show(input)}${fix}`;
}

function expectedBy(issue: Issue, input: unknown): string {
  switch (issue.code) {
    case 'invalid_type':
      return isWhole(issue) ? 'a whole number' : (TYPES[issue.expected] ?? issue.expected);
    case 'too_small':
      return `${amountOf(issue)} ${issue.inclusive === false ? 'above' : 'of at least'} ${issue.minimum}${unitOf(issue, issue.minimum)}`;
    case 'too_big':
      return `${amountOf(issue)} ${issue.inclusive === false ? 'below' : 'of at most'} ${issue.maximum}${unitOf(issue, issue.maximum)}`;
    case 'invalid_value':
      return oneOf(issue.values, input);
    case 'invalid_union': {
      const { options } = issue as { options?: readonly unknown[] };
      const { discriminator } = issue as { discriminator?: string };
      const value = discriminator !== undefined && isMap(input) ? input[discriminator] : input;
      return oneOf(options ?? [], value);
    }
    case 'not_multiple_of':
      return `a multiple of ${issue.divisor}`;
    default:
      return 'a valid value';
  }
}

/** Whether a whole number was expected: the issue itself says `number` for both kinds. */
function isWhole(issue: Issue): boolean {
  const { inst, schema, expected } = issue as { inst?: unknown; schema?: unknown; expected?: string };
  return expected === 'int' || [inst, schema].some((part) => part instanceof z.ZodNumber && part.isInt);
}

function amountOf(issue: Issue & { readonly origin: string }): string {
  if (issue.origin === 'number' || issue.origin === 'int' || issue.origin === 'bigint') {
    return isWhole(issue) || issue.origin === 'int' ? 'a whole number' : 'a number';
  }
  return issue.origin === 'string' ? 'text' : 'a list';
}

function unitOf(issue: Issue & { readonly origin: string }, limit: number | bigint): string {
  if (issue.origin === 'string') return ' characters';
  if (issue.origin !== 'array' && issue.origin !== 'set') return '';
  return Number(limit) === 1 ? ' entry' : ' entries';
}

function oneOf(values: readonly unknown[], input: unknown): string {
  const names = values.map(String);
  const near = typeof input === 'string' ? nearestName(input, names) : undefined;
  const hint = near === undefined ? '' : `. Did you mean "${near}"?`;
  return `${names.length === 1 ? names[0] : `one of ${names.join(', ')}`}, got ${show(input)}${hint}`;
}

/** The branch of a union with the fewest issues among those whose type fits the value; undefined if none fits. */
function bestBranch(
  branches: readonly (readonly z.core.$ZodIssue[])[],
): readonly z.core.$ZodIssue[] | undefined {
  return branches
    .filter((branch) => !branch.some(({ path, code }) => path.length === 0 && code === 'invalid_type'))
    .reduce<readonly z.core.$ZodIssue[] | undefined>(
      (best, branch) => (best === undefined || branch.length < best.length ? branch : best),
      undefined,
    );
}

/** What was expected where the value has the type of no branch: `text or a list`. */
function eitherOf(branches: readonly (readonly z.core.$ZodIssue[])[], input: unknown): string {
  const expected = branches.flatMap(([issue]) => (issue ? expectedBy(issue, input) : []));
  return [...new Set(expected)].join(' or ');
}

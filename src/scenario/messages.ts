/** Zod's issues in our manner: `expected …, got …`, unknown keys with the known ones and the nearest. */
import type { z } from 'zod';
import { nearestName, unknownName } from '../errors.js';
import { CODE_ONLY } from '../options.js';
import { nestedLists } from './lists.js';
import { isMap, type Path, valueAt } from './path.js';
import { shapeOf } from './schema-walk.js';
import type { Problem } from './source.js';

/** The fields of zod's issues that are read here; which of them are there depends on `code`. */
interface Issue {
  readonly code?: string;
  readonly expected?: string;
  readonly format?: string;
  readonly minimum?: number | bigint;
  readonly maximum?: number | bigint;
  readonly inclusive?: boolean;
  readonly origin?: string;
  readonly values?: readonly unknown[];
  readonly keys?: readonly string[];
  readonly options?: readonly unknown[];
  readonly divisor?: number;
  readonly errors?: readonly (readonly z.core.$ZodIssue[])[];
}

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

const WHOLE = { expected: 'int', origin: 'int' } as const;

/** Whether a whole number was expected; zod says no more than `number`. */
function isWhole(issue: z.core.$ZodRawIssue): boolean {
  if (!['invalid_type', 'too_small', 'too_big'].includes(issue.code ?? '')) return false;
  const { inst, schema } = issue as { inst?: z.core.$ZodType; schema?: z.core.$ZodType };
  return [inst, schema].some(
    (part) => (part?._zod.def as { format?: string } | undefined)?.format === 'safeint',
  );
}

/** Error map to hand to `safeParse`: it sees the schema, and so knows the known keys. */
export function errorMap(what: string): (issue: z.core.$ZodRawIssue) => string {
  return (issue) => {
    if (issue.code === 'unrecognized_keys') {
      const known = Object.keys(shapeOf(issue.inst as z.core.$ZodType | undefined) ?? {});
      return issue.keys.map((key) => unknownKey(what, key, known)).join('\n');
    }
    if (issue.code === 'invalid_union' && issue.discriminator !== undefined) {
      const use = isMap(issue.input) ? issue.input[issue.discriminator] : undefined;
      return oneOf((issue as Issue).options ?? [], use);
    }
    return describe(isWhole(issue) ? { ...issue, ...WHOLE } : issue, issue.input);
  };
}

/**
 * The problems behind zod's issues. `value` is what was parsed and `base` its path; one problem an unknown key, and
 * for a union the branch that fits best.
 */
export function problemsOf(issues: readonly z.core.$ZodIssue[], value: unknown, base: Path): Problem[] {
  return issues.flatMap((issue) => {
    const path = issue.path.map((key) => (typeof key === 'number' ? key : String(key)));
    const input = valueAt(value, path);
    if (issue.code === 'unrecognized_keys') {
      const lines = isForeign(issue.message) ? [] : issue.message.split('\n');
      return issue.keys.map((key, i) => ({
        path: [...base, ...path, key],
        message: lines[i] ?? unknownNestedKey(key, path, input),
        at: 'key' as const,
      }));
    }
    if (issue.code === 'invalid_union' && issue.errors.length > 0 && isForeign(issue.message)) {
      const branches = issue.errors.filter((branch) => !isCodeOnly(branch));
      const best = bestBranch(branches);
      if (best) return problemsOf(best, input, [...base, ...path]);
      return [{ path: [...base, ...path], message: eitherOf(branches, input) }];
    }
    if (issue.code === 'invalid_key') {
      const inner = issue.issues[0];
      return [
        { path: [...base, ...path], message: messageOf(inner ?? issue, path.at(-1)), at: 'key' as const },
      ];
    }
    return [{ path: [...base, ...path], message: messageOf(issue, input) }];
  });
}

/** An unknown option of a codec, a latency or one of several models, whose options were parsed on their own. */
function unknownNestedKey(key: string, path: Path, input: unknown): string {
  const list = nestedLists[String(path.findLast((step) => typeof step === 'string'))];
  const entry = list?.entries.find(({ id }) => isMap(input) && id === input.use);
  if (!list || !entry) return `unknown key "${key}"`;
  return unknownKey(`option of ${list.what} ${entry.id}`, key, Object.keys(shapeOf(entry.options) ?? {}));
}

function unknownKey(what: string, key: string, known: readonly string[]): string {
  return known.length === 0
    ? `unknown ${what} "${key}"; there are none`
    : unknownName(what, key, known).message;
}

/** A value as it stands in messages: `"abc"`, `1.5`, `NaN`, `[1,2]`; `nothing` where there is none; cut when long. */
export function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

function messageOf(issue: z.core.$ZodIssue, input: unknown): string {
  const message = isForeign(issue.message) ? describe(issue as Issue, input) : issue.message;
  if (input === undefined) {
    return message.replace(/got (undefined|nothing)$/, 'got nothing (it is required)');
  }
  if (message.startsWith('expected ') && !message.includes(', got ')) return `${message}, got ${show(input)}`;
  // Schemas show what they got as JSON, which has neither NaN nor infinities.
  return typeof input === 'number' ? message.replace(/got null$/, `got ${show(input)}`) : message;
}

/** Zod's own wording, which an entry's options that were parsed on their own have kept. */
function isForeign(message: string): boolean {
  return /^(Invalid|Too (small|big)|Unrecognized|UNION$)/.test(message);
}

function describe(issue: Issue, input: unknown): string {
  const got = `got ${show(input)}`;
  switch (issue.code) {
    case 'invalid_type':
      return `expected ${TYPES[issue.expected ?? ''] ?? issue.expected}, ${got}`;
    case 'too_small':
      return `expected ${amount(issue)} ${issue.inclusive === false ? 'above' : 'of at least'} ${issue.minimum}${entries(issue)}, ${got}`;
    case 'too_big':
      return `expected ${amount(issue)} ${issue.inclusive === false ? 'below' : 'of at most'} ${issue.maximum}${entries(issue)}, ${got}`;
    case 'invalid_value':
      return oneOf(issue.values ?? [], input);
    case 'invalid_union':
      // Marked, so that the branches are looked at when the issue is complete.
      return issue.errors?.length ? 'UNION' : oneOf(issue.options ?? [], input);
    case 'not_multiple_of':
      return `expected a multiple of ${issue.divisor}, ${got}`;
    default:
      return `expected another ${issue.format ?? 'value'}, ${got}`;
  }
}

function amount(issue: Issue): string {
  if (issue.origin === 'int') return 'a whole number';
  if (issue.origin === 'number' || issue.origin === 'bigint') return 'a number';
  return issue.origin === 'string' ? 'text' : 'a list';
}

function entries(issue: Issue): string {
  if (issue.origin === 'string') return ' characters';
  const isOne = (issue.minimum ?? issue.maximum) === 1;
  return issue.origin === 'array' || issue.origin === 'set' ? (isOne ? ' entry' : ' entries') : '';
}

function oneOf(values: readonly unknown[], input: unknown): string {
  const names = values.map(String);
  const near = typeof input === 'string' ? nearestName(input, names) : undefined;
  const hint = near === undefined ? '' : `. Did you mean "${near}"?`;
  const expected = names.length === 1 ? names[0] : `one of ${names.join(', ')}`;
  return `expected ${expected}, got ${show(input)}${hint}`;
}

/** A branch for what code puts there: no file can meet it. */
function isCodeOnly(branch: readonly z.core.$ZodIssue[]): boolean {
  return branch.some(({ message }) => message === CODE_ONLY);
}

/** The branch whose type fits at the top and that has the fewest issues; none where no type fits. */
function bestBranch(
  branches: readonly (readonly z.core.$ZodIssue[])[],
): readonly z.core.$ZodIssue[] | undefined {
  const fitting = branches.filter(
    (branch) => !branch.some((issue) => issue.path.length === 0 && issue.code === 'invalid_type'),
  );
  return fitting.reduce<readonly z.core.$ZodIssue[] | undefined>(
    (best, branch) => (best === undefined || branch.length < best.length ? branch : best),
    undefined,
  );
}

/** For a value that has none of the types: `expected text or a list, got 3`. */
function eitherOf(branches: readonly (readonly z.core.$ZodIssue[])[], input: unknown): string {
  const expected = branches.map(
    (branch) => /^expected (.*), got /.exec(messageOf(branch[0]!, input))?.[1] ?? 'another value',
  );
  return `expected ${[...new Set(expected)].join(' or ')}, got ${show(input)}`;
}

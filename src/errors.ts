/**
 * The kinds of error that Mycel knows: a `UsageError` is the user's mistake, a `PluginError` that of a plugin, and a
 * failed `assert` is ours.
 */

import { distance as levenshtein } from 'fastest-levenshtein';

/** Exit codes of the command line. @public */
export const EXIT = { ok: 0, differs: 1, usage: 2, bug: 70, interrupted: 130 } as const;

/** A mistake that the user can correct: reported without a stack, exit code 2. @public */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  /** Kebab-case id of the kind of mistake, stable across versions. */
  readonly code: string;
  /** Where in the scenario, dotted (`network.latency.from`), or a file's path; empty if there is no place. */
  readonly path: string;

  constructor(code: string, message: string, path = '') {
    super(message);
    this.code = code;
    this.path = path;
  }
}

/** A plugin (an algorithm, a topology, a probe, …) threw, or requested something impossible: exit code 70. @public */
export class PluginError extends Error {
  override readonly name = 'PluginError';
  /** Whether the message begins with the event of the run at which it happened. */
  readonly isPlaced: boolean;

  constructor(message: string, options: { readonly cause?: unknown; readonly isPlaced?: boolean } = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : {});
    this.isPlaced = options.isPlaced ?? false;
  }
}

/** A bug in Mycel itself: never caught below the command line, exit code 70. @public */
export class AssertionError extends Error {
  override readonly name = 'AssertionError';
}

/**
 * Where a plugin is called: its name (`topology "mine"`), or a function that gives its name and the event of the run at
 * which it is called (`algorithm "mine", start on node 3, at 5 ms`).
 */
export type Place = string | (() => string);

/**
 * Returns what the plugin's function returns. What it throws is thrown on as {@link asPluginError} makes it; a promise, with
 * which nobody could wait, is refused.
 */
export function callPlugin<T>(place: Place, call: () => T): T {
  let returned: T;
  try {
    returned = call();
  } catch (error) {
    throw asPluginError(place, error);
  }
  if (returned instanceof Promise) {
    returned.catch(() => undefined);
    const isPlaced = typeof place === 'function';
    throw new PluginError(
      `${isPlaced ? place() : place}: expected a function that is done when it returns, got a promise: it must not be async`,
      { isPlaced },
    );
  }
  return returned;
}

/** Throws a PluginError `<place>: expected <expected>` unless `holds`. */
export function expectPlugin(holds: unknown, place: string, expected: string): asserts holds {
  if (!holds) throw new PluginError(`${place}: expected ${expected}`);
}

/**
 * Turns what a plugin threw into a PluginError whose message begins with the place and whose `cause` is what was thrown.
 * A UsageError and an AssertionError are returned unchanged. A PluginError names a plugin already: its message is given
 * the event of the run if it lacks one, and never a second name.
 */
export function asPluginError(place: Place, error: unknown): Error {
  if (error instanceof UsageError || error instanceof AssertionError) return error;
  const isPlaced = typeof place === 'function';
  if (error instanceof PluginError && (error.isPlaced || !isPlaced)) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new PluginError(`${isPlaced ? place() : place}: ${message}`, { cause: error, isPlaced });
}

/** Throws an {@link AssertionError} unless `condition` holds. Always on. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new AssertionError(message);
}

/** The known name with the least edit distance to `name`, or undefined if none is near. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  if (name.length > 200) return undefined;
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(name.length / 3)) + 1;
  for (const candidate of known) {
    const distance = levenshtein(name.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Characters that a terminal obeys or that change the direction of text; not the newline. */
const CONTROLS = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;

/** The text with control characters as `\\u001b`; newlines stay. */
export function printable(text: string): string {
  return text.replace(CONTROLS, (character) =>
    character === '\n' ? character : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** At most 60 characters of a text. */
export function shortened(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

/** A name of the user's in a message: in quotes, shortened, on one line. */
export function quoted(name: string): string {
  return shortened(printable(JSON.stringify(name)));
}

/** A UsageError such as `unknown topology "rign". Did you mean "ring"? Known: complete, ring`. */
export function unknownName(what: string, name: string, known: readonly string[], path = ''): UsageError {
  const near = nearestName(name, known);
  const hint = near === undefined ? '' : ` Did you mean "${near}"?`;
  return new UsageError(
    'unknown-name',
    `unknown ${what} ${quoted(name)}.${hint} Known: ${[...known].sort(byCodeUnit).join(', ')}`,
    path,
  );
}

/** Comparator by UTF-16 code units: the same order on every machine and locale. */
export function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

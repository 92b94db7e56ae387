/**
 * The two kinds of error that Mycel knows (style: `UsageError` is the user's mistake, a failed `assert` is ours),
 * and the one wrapper for what a user's algorithm throws.
 */

import { distance as levenshtein } from 'fastest-levenshtein';

/** Exit codes of the command line. */
export const EXIT = { ok: 0, usage: 2, bug: 70, interrupted: 130 } as const;

/** A mistake that the user can mend: reported without a stack, exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  /** Kebab-case id of the kind of mistake, stable across versions. */
  readonly code: string;
  /** Where in the scenario, dotted (`network.latency.from`), or a file's path; empty where there is no place. */
  readonly path: string;

  constructor(code: string, message: string, path = '') {
    super(message);
    this.code = code;
    this.path = path;
  }
}

/** An algorithm (or another plugin) threw or returned something impossible: wrapped once, exit code 70. */
export class PluginError extends Error {
  override readonly name = 'PluginError';
}

/** A broken promise of our own code: never caught below the command line, exit code 70. */
export class AssertionError extends Error {
  override readonly name = 'AssertionError';
}

/** Calls a plugin: what it throws beside our own kinds of error becomes a PluginError that names it (`topology "mine"`). */
export function callPlugin<T>(what: string | (() => string), call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw asPluginError(typeof what === 'string' ? what : what(), error);
  }
}

/** Our own kinds of error as they are, any other as a PluginError that names the plugin. */
export function asPluginError(what: string, error: unknown): Error {
  const known = [UsageError, PluginError, AssertionError].some((kind) => error instanceof kind);
  if (known) return error as Error;
  const message = error instanceof Error ? error.message : String(error);
  return new PluginError(`${what}: ${message}`, { cause: error });
}

/** Throws an {@link AssertionError} unless `condition` holds. Always on. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new AssertionError(message);
}

/** The known name with the least edit distance to `name`, or undefined where none is near. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
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

/** `unknown topology "rign"; did you mean "ring"? Known: complete, ring` as a UsageError. */
export function unknownName(what: string, name: string, known: readonly string[], path = ''): UsageError {
  const near = nearestName(name, known);
  const hint = near === undefined ? '' : ` Did you mean "${near}"?`;
  return new UsageError(
    'unknown-name',
    `unknown ${what} "${name}".${hint} Known: ${[...known].sort(byCodeUnit).join(', ')}`,
    path,
  );
}

/** Comparator by UTF-16 code units: the same order on every machine and locale. */
export function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

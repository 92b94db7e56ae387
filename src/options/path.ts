/** Paths into a scenario: keys and indices from the top. */

import { quoted } from '../errors.js';

const INDEX = /^(0|[1-9]\d*)$/;

/** `['faults', 0, 'at']`. */
export type Path = readonly (string | number)[];

/** A key that can stand in a line of text as it is. */
const PLAIN = /^[^\p{Cc}\p{Cf}\u2028\u2029]{1,200}$/u;

/** `faults.0.at`, with odd keys in quotes; the whole scenario is `(scenario)`. */
export function formatPath(path: Path): string {
  if (path.length === 0) return '(scenario)';
  return path.map((key) => (PLAIN.test(String(key)) ? key : quoted(String(key)))).join('.');
}

/** `faults.0.at` → `['faults', '0', 'at']`: an index stays text and fits both lists and maps. Undefined if a key is empty. */
export function parsePath(text: string): string[] | undefined {
  const path = text.trim().split('.');
  return path.every((key) => key.length > 0) ? path : undefined;
}

/** Whether `path` is `prefix` or below it. */
export function startsWith(path: Path, prefix: Path): boolean {
  return prefix.length <= path.length && prefix.every((key, i) => String(key) === String(path[i]));
}

/** Whether a value is a map in the sense of YAML: neither a list nor a scalar. */
export function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value at `path`, or undefined if there is none. */
export function valueAt(root: unknown, path: Path): unknown {
  let value = root;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string, unknown>)[String(key)];
  }
  return value;
}

/**
 * A copy of `root` with `value` at `path`; undefined removes the key. Lists and maps that are missing on the way are
 * created: a list if the next key is an index, else a map. If the path leads through a scalar, or to an index beyond the
 * end of a list, returns the path of that scalar or list as `{ blocked }`.
 */
export function withValue(
  root: unknown,
  path: Path,
  value: unknown,
): { readonly root: unknown } | { readonly blocked: Path } {
  if (path.length === 0) return { root: value };
  const key = String(path[0]);
  const copy = copyOf(root ?? (INDEX.test(key) ? [] : {}));
  if (copy === undefined) return { blocked: [] };
  if (Array.isArray(copy) && !(INDEX.test(key) && Number(key) <= copy.length)) return { blocked: [] };
  const child = valueAt(copy, [key]);
  const below = withValue(child, path.slice(1), value);
  if ('blocked' in below) return { blocked: [key, ...below.blocked] };
  // Not by assignment, which for the key `__proto__` would set no key.
  if (below.root !== undefined)
    Object.defineProperty(copy, key, {
      value: below.root,
      enumerable: true,
      writable: true,
      configurable: true,
    });
  else if (Array.isArray(copy)) copy.splice(Number(key), 1);
  else delete copy[key];
  return { root: copy };
}

function copyOf(value: unknown): unknown[] | Record<string, unknown> | undefined {
  if (Array.isArray(value)) return [...value];
  return isMap(value) ? { ...value } : undefined;
}

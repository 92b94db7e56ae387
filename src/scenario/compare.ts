/** `compare`: several variants of one scenario, which differ at one or more paths. */

import { quoted } from '../errors.js';
import {
  isMap,
  type Path,
  type Problem,
  parsePath,
  show,
  startsWith,
  valueAt,
  withValue,
} from '../options/index.js';
import type { Origin } from './source.js';

/** One of the scenarios that a file with `compare` describes. */
interface Variant {
  /** Kebab-case and unique in its scenario; undefined if nothing is compared. */
  readonly name: string | undefined;
  /** The scenario without `compare`. */
  readonly value: unknown;
  /** Where in the file the replaced parts come from. */
  readonly origins: readonly Origin[];
}

/** One comparison: a path with its values, and where it stands. */
export interface Comparison {
  readonly at: Path;
  readonly value: unknown;
  /** Whether variants are named by the path's last key also where a value's text would do, and one value is enough. */
  readonly isSwept?: true;
}

/** The key of `compare` whose values are maps of whole sections. */
const SECTIONS = 'scenario';
const NOT_COMPARED: ReadonlySet<string> = new Set(['seed', 'compare', 'sweep', 'tune', 'backend', 'title']);
const NOT_COMPARED_TEXT = [...NOT_COMPARED].join(', ').replace(/, (?=\w+$)/, ' and ');

/** Most variants of a scenario. */
const VARIANTS_MAX = 10_000;

/** The variants of a comparison, or its problems; `replaces` has the paths of what its values replace. */
interface Expansion {
  readonly variants: readonly Variant[];
  readonly problems: readonly Problem[];
  readonly replaces: readonly Path[];
}

/**
 * The variants of a scenario; only one if it has no `compare`. Each value of a comparison replaces what is at the compared
 * path; the variant is named by the key `name` in the value, else by its `use` or its text. Under `scenario` a value is a
 * map of sections: each replaces the section of that name, and an empty one removes it (an override of that section is
 * then allowed, and holds for the other variants). A list of comparisons is their product: the second is applied to each
 * variant of the first, and those of a sweep to each of these.
 */
export function expandVariants(
  root: unknown,
  overrides: readonly Origin[],
  sweep: readonly Comparison[] = [],
): { readonly variants: readonly Variant[]; readonly problems: readonly Problem[] } {
  if (!isMap(root) || (root.compare === undefined && sweep.length === 0)) {
    return { variants: [{ name: undefined, value: root, origins: [] }], problems: [] };
  }
  const { compare, ...base } = root;
  let variants: readonly Variant[] = [{ name: undefined, value: base, origins: [] }];
  const replaced: Path[] = [];
  for (const comparison of [...(compare === undefined ? [] : comparisonsOf(compare)), ...sweep]) {
    const { at } = comparison;
    const expansions = variants.map((variant) =>
      expandOne(variant.value as typeof base, comparison, overrides),
    );
    const { replaces } = expansions[0]!;
    const size = expansions.reduce((sum, expansion) => sum + expansion.variants.length, 0);
    if (size > VARIANTS_MAX) {
      const message = `expected at most ${VARIANTS_MAX} variants, got ${size} up to here: compare fewer values, or run them in several files`;
      return { variants: [], problems: [{ path: at, message }] };
    }
    const lost = replaced.find((path) => replaces.some((later) => startsWith(path, later)));
    const problems = expansions.find((expansion) => expansion.problems.length > 0)?.problems ?? [];
    if (problems.length > 0) return { variants: expansions[0]!.variants, problems };
    if (lost) return { variants: [], problems: [{ path: at, message: lostMessage(lost) }] };
    replaced.push(...replaces);
    variants = variants.flatMap((variant, v) =>
      expansions[v]!.variants.map(({ name, value, origins }) => ({
        name: variant.name === undefined ? name : `${variant.name}-${name}`,
        value,
        origins: [...variant.origins, ...origins],
      })),
    );
  }
  const names = uniqueNames(variants.map(({ name }) => name!));
  return { variants: variants.map((variant, v) => ({ ...variant, name: names[v]! })), problems: [] };
}

function comparisonsOf(compare: unknown): Comparison[] {
  if (!Array.isArray(compare) || compare.length === 0) return [{ at: ['compare'], value: compare }];
  return compare.map((value: unknown, i) => ({ at: ['compare', i], value }));
}

function lostMessage(path: Path): string {
  return `expected a comparison that keeps what earlier ones replace, but it replaces ${path.join('.')} again: put it before them`;
}

function expandOne(
  base: Readonly<Record<string, unknown>>,
  { at, value: compare, isSwept }: Comparison,
  overrides: readonly Origin[],
): Expansion {
  const wrong = (problems: readonly Problem[]): Expansion => ({
    variants: [{ name: undefined, value: base, origins: [] }],
    problems,
    replaces: [],
  });
  const malformed = problemsOfCompare(compare, at, isSwept ? 1 : 2);
  if (malformed.length > 0 || !isMap(compare)) return wrong(malformed);
  const key = Object.keys(compare)[0]!;
  if (key === SECTIONS) return sectionVariants(base, compare[key] as unknown[], [...at, key], overrides);
  const path = parsePath(key)!;
  const hidden = overrides.find((origin) => startsWith(origin.path, path));
  if (hidden) return wrong([overridden(hidden, `${key} in every variant`)]);
  const values = compare[key] as unknown[];
  const names = uniqueNames(values.map((value) => nameOf(value, path.at(-1)!, isSwept)));
  const problems: Problem[] = [];
  const variants = values.map((value, i) => {
    const placed = withValue(base, path, withoutName(value));
    if ('blocked' in placed) problems.push({ path: [...at, key], message: notThere(key), at: 'key' });
    const origin = { path, from: { path: [...at, key, i] } };
    return { name: names[i]!, value: 'root' in placed ? placed.root : base, origins: [origin] };
  });
  return problems.length > 0 ? wrong(problems) : { variants, problems, replaces: [path] };
}

/** One variant for each map of sections. */
function sectionVariants(
  base: Readonly<Record<string, unknown>>,
  values: readonly unknown[],
  list: Path,
  overrides: readonly Origin[],
): Expansion {
  const problems: Problem[] = [];
  const names = uniqueNames(values.map((value) => nameOfSections(value)));
  const variants = values.map((value, i) => {
    const at: Path = [...list, i];
    const root: Record<string, unknown> = { ...base };
    const origins: Origin[] = [];
    if (!isMap(value)) {
      problems.push({ path: at, message: `expected a map of sections, got ${show(value)}` });
    }
    for (const [section, content] of Object.entries(isMap(value) ? value : {})) {
      if (section === 'name') continue;
      const from = [...at, section];
      const hidden = content !== null && overrides.find(({ path }) => path[0] === section);
      if (hidden) problems.push(overridden(hidden, `${section} in the variant ${names[i]!}`));
      if (NOT_COMPARED.has(section)) {
        problems.push({
          path: from,
          message: `expected a section other than ${NOT_COMPARED_TEXT}, got ${quoted(section)}`,
          at: 'key',
        });
      }
      if (content === null) delete root[section];
      else root[section] = content;
      origins.push({ path: [section], from: { path: from } });
    }
    return { name: names[i]!, value: root, origins };
  });
  const replaces = variants.flatMap(({ origins }) => origins.map(({ path }) => path));
  return { variants: problems.length > 0 ? [] : variants, problems, replaces };
}

function nameOfSections(value: unknown): string {
  if (!isMap(value) || value.name !== undefined || !isMap(value.algorithm)) return nameOf(value, SECTIONS);
  return nameOf(value.algorithm, 'algorithm');
}

function overridden(hidden: Origin, what: string): Problem {
  const message = `expected an override that compare does not replace, but compare replaces ${what}; --set compare= runs the scenario without compare`;
  return { path: hidden.path, message };
}

function problemsOfCompare(compare: unknown, at: Path, least: number): Problem[] {
  const keys = isMap(compare) ? Object.keys(compare) : [];
  if (keys.length !== 1) {
    const got = isMap(compare)
      ? `${keys.length} paths${keys.length > 0 ? `: ${keys.join(', ')}` : ''}`
      : show(compare);
    return [{ path: at, message: `expected a map from one path to a list of values, got ${got}` }];
  }
  const key = keys[0]!;
  const path = parsePath(key);
  if (path === undefined) {
    return [
      {
        path: [...at, key],
        message: `expected a path such as algorithm.codec, got ${quoted(key)}`,
        at: 'key',
      },
    ];
  }
  if (NOT_COMPARED.has(String(path[0]))) {
    const hint = path[0] === 'seed' ? '; for several seeds run it with --seed 1..5' : '';
    const message = `expected a path outside of ${NOT_COMPARED_TEXT}, got ${quoted(key)}${hint}`;
    return [{ path: [...at, key], message, at: 'key' }];
  }
  const values = valueAt(compare as Readonly<Record<string, unknown>>, [key]);
  if (!Array.isArray(values) || values.length < least) {
    const count = least === 1 ? 'at least one value' : `at least ${least} values`;
    return [{ path: [...at, key], message: `expected a list of ${count}, got ${show(values)}` }];
  }
  return [];
}

function notThere(key: string): string {
  return `expected a path whose parents are maps or lists, got ${quoted(key)}`;
}

/** The name of a variant. A number or boolean is named with its key, since it says little alone: `participation-0.1`. */
function nameOf(value: unknown, key: string, isSwept = false): string {
  const saysLittle = typeof value === 'number' || typeof value === 'boolean';
  if (saysLittle || (isSwept && typeof value === 'string')) return kebab(`${key}-${value}`);
  if (!isMap(value)) return kebab(Array.isArray(value) ? value.map(String).join('-') : String(value));
  if (typeof value.name === 'string' || typeof value.name === 'number') return kebab(String(value.name));
  return kebab(
    typeof value.use === 'string' ? value.use.replace(/^.*[\\/]/, '').replace(/\.[^.]*$/, '') : textOf(value),
  );
}

function textOf(value: Readonly<Record<string, unknown>>): string {
  return Object.entries(value)
    .map(([key, item]) => `${key}-${isMap(item) ? textOf(item) : String(item)}`)
    .join('-');
}

function withoutName(value: unknown): unknown {
  if (!isMap(value)) return value;
  const { name: _name, ...rest } = value;
  return rest;
}

/** Lower case, words joined by hyphens; a dot between digits stays (`0.1`), `%` becomes `pct`. */
function kebab(text: string): string {
  const name = text
    .replace(/%/g, 'pct')
    .replace(/([a-z])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .replace(/[^a-z0-9.]+/g, '-')
    .replace(/^[-.]+|[-.]+$/g, '')
    .slice(0, 60);
  return name === '' ? 'variant' : name;
}

function uniqueNames(names: readonly string[]): string[] {
  const used = new Set<string>();
  return names.map((name) => {
    let unique = name;
    for (let number = 2; used.has(unique); number++) unique = `${name}-${number}`;
    used.add(unique);
    return unique;
  });
}

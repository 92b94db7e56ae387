/** Finds results, and puts what they say beside each other. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { byCodeUnit, UsageError } from '../errors.js';
import { isMap, valueAt } from '../options/index.js';
import { readSummary, type Summary } from './summary.js';

/** A result, and where it is. */
export interface Collected {
  readonly folder: string;
  readonly summary: Summary;
}

/** A value of a resolved scenario, by the path at which it stands. */
type ScenarioValue = readonly [path: string, value: unknown];

/**
 * The complete results in and below folders, in the order of the folders and of their names. Throws UsageError `no-result`
 * where there is none in one of them.
 */
export function collectResults(folders: readonly string[]): Collected[] {
  const found = new Map<string, Collected>();
  for (const folder of folders) {
    if (!existsSync(folder) || !statSync(folder).isDirectory())
      throw new UsageError('no-result', `expected a folder of results, got ${folder}`, folder);
    const all = resultsBelow(folder);
    if (all.length === 0)
      throw new UsageError(
        'no-result',
        `expected a complete result in or below ${folder}, got none: \`mycel run\` makes some`,
        folder,
      );
    for (const result of all) found.set(result.folder, result);
  }
  return [...found.values()];
}

/** The complete results in and below a folder; none where there are none. */
export function resultsBelow(folder: string): Collected[] {
  const summary = summaryIn(folder);
  const folders = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !/\.(running|interrupted|older|partial-.*)$/.test(entry.name))
    .map(({ name }) => name);
  return [
    ...(summary ? [{ folder, summary }] : []),
    ...folders.sort(byNumberOrName).flatMap((name) => resultsBelow(join(folder, name))),
  ];
}

/** The summary of a complete result; undefined if the folder has none. */
export function summaryIn(folder: string): Summary | undefined {
  try {
    return readSummary(folder);
  } catch (error) {
    if (error instanceof UsageError) return undefined;
    throw error;
  }
}

/** Seeds stand in the order of numbers. */
function byNumberOrName(a: string, b: string): number {
  const [one, other] = [Number(a), Number(b)];
  return Number.isNaN(one - other) ? byCodeUnit(a, b) : one - other;
}

/** What differs between scenarios apart from titles and seeds: paths at which their values are not all the same. */
export function differingPaths(scenarios: readonly Readonly<Record<string, unknown>>[]): string[] {
  const leaves = scenarios.map((scenario) => new Map(leavesOf(scenario)));
  const paths = [...new Set(leaves.flatMap((each) => [...each.keys()]))];
  return paths.filter((path) => {
    if (path === 'title' || path === 'seed' || path === 'seeds') return false;
    const first = leaves[0]!.get(path);
    return leaves.some((each) => !isDeepStrictEqual(each.get(path), first));
  });
}

/** The value at the path of a leaf; undefined if there is none. */
export function leafAt(scenario: Readonly<Record<string, unknown>>, path: string): unknown {
  const value = valueAt(scenario, path.split('.'));
  return isMap(value) ? undefined : value;
}

/** `network.drop` → 0.01: maps are looked into, and lists are leaves. */
function leavesOf(value: Readonly<Record<string, unknown>>, prefix = ''): ScenarioValue[] {
  return Object.entries(value).flatMap(([key, item]): ScenarioValue[] =>
    isMap(item) ? leavesOf(item, `${prefix}${key}.`) : [[`${prefix}${key}`, item]],
  );
}

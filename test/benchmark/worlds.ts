/** The worlds of the benchmark with their results, and the tables that are made of them. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beginning, END } from '../reproduction/table.js';
import { conclusionsTable } from './conclusions.js';
import { WorldResults } from './results.js';
import { frontTable, leaderboard, worldTable } from './tables.js';

/** A world, of scripts/benchmark/worlds.mjs. */
interface WorldSetup {
  readonly title: string;
  /** Percent of accuracy to which bytes and time are counted; default: two points above training alone. */
  readonly target?: number;
  /** It counts for no rank. */
  readonly control?: boolean;
}

/** A world whose results are committed. */
export interface World extends WorldSetup {
  readonly name: string;
  readonly results: WorldResults;
}

/** Those of which there are results. */
export function readWorlds(setups: Readonly<Record<string, WorldSetup>>): World[] {
  return Object.entries(setups).flatMap(([name, { title, target, control }]) => {
    const folder = join('results', 'benchmark', name);
    if (!existsSync(join(folder, 'runs.csv'))) return [];
    const results = new WorldResults(folder);
    return [{ name, title, results, ...(target !== undefined && { target }), ...(control && { control }) }];
  });
}

/** How many methods the short leaderboard has. */
const SHORT = 10;
/** In every leaderboard. */
const ALWAYS = ['local-only', 'fedavg', 'd-psgd'];

/** The tables of the documents, by the name that stands in the comment before each. */
export function tablesOf(worlds: readonly World[]): ReadonlyMap<string, string> {
  const ranked = worlds.filter(({ control }) => !control);
  const tables: [string, readonly string[]][] = [
    ['leaderboard', leaderboard(ranked, SHORT, ALWAYS)],
    ['leaderboard-long', leaderboard(worlds, Number.POSITIVE_INFINITY)],
    ...worlds.flatMap(({ name, results, target }): [string, readonly string[]][] => [
      [
        `world-${name}`,
        [...worldTable(results, target), ...(target === undefined ? [] : frontTable(results))],
      ],
      [`conclusions-${name}`, conclusionsTable(name, results)],
    ]),
  ];
  return new Map(tables.map(([name, lines]) => [name, [beginning(name), ...lines, END].join('\n')]));
}

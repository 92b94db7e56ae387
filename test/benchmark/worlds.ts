/** The worlds of the benchmark with their results, and the tables that are made of them. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beginning, END } from '../reproduction/table.js';
import { conclusionsTable, shortTable } from './conclusions.js';
import { WorldResults } from './results.js';
import { edgesTable, frontTable, leaderboard, worldTable } from './tables.js';

/** A world, of scripts/benchmark/worlds.mjs. */
export interface WorldSetup {
  readonly title: string;
  /** How often gradients are taken on each training row. */
  readonly passes: number;
  /** Percent of accuracy to which bytes and time are counted; default: two points above training alone. */
  readonly target?: number;
  /** What is measured; default: `accuracy`. */
  readonly metric?: string;
  /** It counts for no rank. */
  readonly control?: boolean;
  readonly methods: Readonly<Record<string, MethodSetup>>;
  readonly controls?: Readonly<Record<string, MethodSetup & { readonly like: string }>>;
}

/** A method, of scripts/benchmark/methods.mjs. */
interface MethodSetup {
  /** The algorithm; default: its own name. */
  readonly use?: string;
  /** Nodes talk to a server. */
  readonly server?: boolean;
  /** Nodes talk to others than four random neighbours. */
  readonly topology?: unknown;
  /** With whom nodes talk, in words, where neither says it. */
  readonly partners?: string;
}

/** A world whose results are committed. */
export interface World extends WorldSetup {
  readonly name: string;
  readonly results: WorldResults;
}

/** Those of which there are results. */
export function readWorlds(setups: Readonly<Record<string, WorldSetup>>): World[] {
  return Object.entries(setups).flatMap(([name, setup]) => {
    const folder = join('results', 'benchmark', name);
    if (!existsSync(join(folder, 'runs.csv'))) return [];
    return [{ ...setup, name, results: new WorldResults(folder) }];
  });
}

/** With whom the nodes of a method talk, in words. */
function partnersIn({ methods, controls = {} }: WorldSetup, variant: string): string {
  const { like, ...changes } = controls[variant] ?? { like: variant };
  const { server, topology, partners } = { ...methods[like], ...changes };
  if (partners) return partners;
  if (like === 'local-only') return 'nobody';
  if (server) return 'a server';
  if (topology === undefined) return 'four neighbours';
  if (topology === 'directed') return 'four drawn anew';
  if (topology === 'complete') return 'all others';
  return typeof topology === 'string' ? topology : 'the own group';
}

/** How many methods the short leaderboard has. */
const SHORT = 10;
/** In every leaderboard. */
const ALWAYS = ['local-only', 'fedavg', 'd-psgd'];

/** The tables of the documents, by the name that stands in the comment before each. */
export function tablesOf(worlds: readonly World[]): ReadonlyMap<string, string> {
  const ranked = worlds.filter(({ control }) => !control);
  const partners = (variant: string) => partnersIn(worlds[0]!, variant);
  const controls = [...new Set(worlds.flatMap((world) => Object.keys(world.controls ?? {})))];
  const tables: [string, readonly string[]][] = [
    ['leaderboard', leaderboard(ranked, partners, controls, SHORT, ALWAYS)],
    ['leaderboard-long', leaderboard(worlds, partners, controls)],
    ['short', shortTable(worlds)],
    ['edges', edgesTable(worlds)],
    ...worlds.flatMap((world): [string, readonly string[]][] => {
      const { name, results, target } = world;
      const front = target === undefined ? [] : frontTable(results);
      return [
        [`world-${name}`, [...worldTable(results, target), ...front]],
        [`conclusions-${name}`, conclusionsTable(world)],
      ];
    }),
  ];
  return new Map(tables.map(([name, lines]) => [name, [beginning(name), ...lines, END].join('\n')]));
}
